import type { Database } from '../../db/database.ts'
import type { Follower } from '../../events/follow.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import { DAY } from '../../lib/clock.ts'
import { addSlots, deleteDays, foldSlots } from './queries.ts'

/** Five minutes are kept for so long, then days. */
const SLOT_DAYS = 8
const DAY_DAYS = 400
const CHUNK = 5_000

/** What came of mail, by route and receiver, in five minutes each. */
export const receiverCounter: Follower = {
  name: 'delivery.receivers',
  apply: (tx, from, to) => addSlots(tx, from, to),
}

/** Five minutes become days, and days end. Safe to do twice: what was moved is no longer there to be moved. */
export async function foldReceivers(database: Database, now: Date): Promise<void> {
  const midnight = Math.floor(now.getTime() / DAY) * DAY
  await inChunks(database, CHUNK, (tx) => foldSlots(tx, new Date(midnight - SLOT_DAYS * DAY), CHUNK))
  await inChunks(database, CHUNK, (tx) => deleteDays(tx, new Date(midnight - DAY_DAYS * DAY), CHUNK))
}
