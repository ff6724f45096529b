import { type Database, ENGINE } from '../../db/database.ts'
import type { Follower } from '../../events/follow.ts'
import { DAY } from '../../lib/clock.ts'
import { addFacts, recountFigures, selectDiffering } from './queries.ts'

/** What the log says of campaigns' mail, in the numbers of each campaign. */
export const figureFollower: Follower = {
  name: 'campaigns.figures',
  apply: (tx, from, to) => addFacts(tx, from, to),
}

const LOOKED_BACK_MS = 30 * DAY
const AT_ONCE = 20
const TIMEOUT_MS = 120_000

/**
 * Figures that do not agree with the mails are counted anew from the log. The invariant told of them before: this mends what a fault of ours left behind, and
 * is safe to do twice. Answers how many there were.
 */
export async function mendFigures(database: Database, now: Date): Promise<number> {
  const differing = await selectDiffering(database.db, new Date(now.getTime() - LOOKED_BACK_MS), AT_ONCE)
  for (const key of differing)
    await database.transaction(ENGINE, (tx) => recountFigures(tx, key, figureFollower.name), { statementTimeoutMs: TIMEOUT_MS })
  return differing.length
}
