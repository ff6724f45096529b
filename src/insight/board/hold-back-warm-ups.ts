import { type Database, ENGINE } from '../../db/database.ts'
import { holdBackWarmUp, listWarmUps } from '../../delivery/pace/manage.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR } from '../../lib/clock.ts'
import type { RouteId } from '../../lib/ids.ts'
import { attemptsOf, complainedShare, type Figures, putOffShare, sumFigures } from './figures.ts'
import { selectBoard } from './queries.ts'

/** Fewer than this say nothing about how a receiver takes to a new route. */
const MIN_ATTEMPTS = 20
const MAX_LANES = 1_000
const MOST_PUT_OFF = 0.1
const MOST_COMPLAINED = 0.001

export function warmUpJob(database: Database): PeriodicJob {
  return { name: 'board.hold_back_warm_ups', everyMs: HOUR / 2, run: (now) => holdBackWarmUps(database, now) }
}

/** A warm-up does not rise on a day on which receivers put off too much, or complain. */
export async function holdBackWarmUps(database: Database, now: Date): Promise<void> {
  for (const warmUp of await listWarmUps(database.db, null)) {
    const filter = {
      since: new Date(now.getTime() - DAY),
      routeId: warmUp.routeId as RouteId,
      ...(warmUp.receiver !== '' && { receiver: warmUp.receiver }),
    }
    const rows = await selectBoard(database.db, warmUp.workspaceId, filter, { stepMs: DAY, lanes: MAX_LANES })
    const why = whyNotRise(sumFigures(rows.filter(({ step }) => step === null).map(({ figures }) => figures)))
    if (why === null) continue
    await database.transaction(ENGINE, (tx) => holdBackWarmUp(tx, warmUp.workspaceId, warmUp, why, now))
  }
}

/** Null while nothing speaks against rising. */
export function whyNotRise(figures: Figures): string | null {
  if (attemptsOf(figures) < MIN_ATTEMPTS) return null
  const putOff = putOffShare(figures)
  if (putOff !== null && putOff > MOST_PUT_OFF) return `${percent(putOff)} of the last day was put off`
  const complained = complainedShare(figures)
  if (complained !== null && complained > MOST_COMPLAINED) return `${percent(complained)} of the last day was complained about`
  return null
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.01 ? 2 : 0)} %`
}
