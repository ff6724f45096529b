import type { Tx } from '../db/database.ts'
import { deleteEnded } from './queries.ts'
import { idleSince } from './session.ts'
import { FORGOTTEN_AFTER_MS } from './throttle.ts'

const BATCH = 1000

/** For a periodic job: removes sessions that have ended and tries of long ago, a thousand at a time. Answers how many went. */
export async function forgetEnded(tx: Tx, now: Date): Promise<number> {
  return await deleteEnded(tx, idleSince(now), new Date(now.getTime() - FORGOTTEN_AFTER_MS), now, BATCH)
}
