import { type Database, ENGINE, type Tx } from '../db/database.ts'
import { type LogPosition, lockFollower, moveFollower, reachOf } from './queries.ts'

export {
  endOfLog,
  eventsAfter,
  eventsBetween,
  eventsOfTime,
  type LogPosition,
  type PositionedEvent,
  rebaseLog,
  stretchOfLog,
} from './queries.ts'

/** Somebody who learns from the log. `apply` works on everything after `from` up to and including `to`, in the transaction of its cursor. */
export interface Follower {
  readonly name: string
  apply(tx: Tx, from: LogPosition, to: LogPosition, now: Date): Promise<void>
}

const EVENTS_A_STEP = 5_000

/**
 * Moves a follower on by one step. Its effects and its cursor share a transaction: after a crash neither is there, or both. Returns how many events
 * it read; zero when there are none, or when another process moves it at this moment.
 */
export async function followOnce(database: Database, follower: Follower, now: Date): Promise<number> {
  return database.transaction(ENGINE, async (tx) => {
    const from = await lockFollower(tx, follower.name, now)
    if (!from) return 0
    const reach = await reachOf(tx, from, EVENTS_A_STEP)
    if (!reach) return 0
    await follower.apply(tx, from, reach.to, now)
    await moveFollower(tx, follower.name, reach.to, now)
    return reach.count
  })
}
