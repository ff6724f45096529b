import type { Tx } from '../db/database.ts'
import { deleteEnded } from './queries.ts'
import { idleSince } from './session.ts'
import { FORGOTTEN_AFTER_MS } from './throttle.ts'

export const FORGET_AT_ONCE = 1_000

/** Removes sessions that have ended and tries of long ago. Answers how many went: as many as it may take, or more, when there is more to do. */
export async function forgetEnded(tx: Tx, now: Date): Promise<number> {
  return await deleteEnded(tx, idleSince(now), new Date(now.getTime() - FORGOTTEN_AFTER_MS), now, FORGET_AT_ONCE)
}
