import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import { SECOND } from '../../lib/clock.ts'
import type { Failure } from '../../mail/failure.ts'
import { open } from '../routes/circuit.ts'
import { closeReceiver, lockRouteReceiver, type ReceiverKey, saveOpenReceiver, saveTripWindow } from './queries.ts'
import type { Trip } from './rule.ts'
import { countTrip } from './trip.ts'

export { type ReceiverKey, returnReceiverProbe, takeReceiverProbe } from './queries.ts'

/**
 * A receiver turned us away by this route: its mail waits, or takes another way; the route goes on for everybody else. `waitMs`: how long a rule
 * wants it left alone; null: as long as such a failure takes to heal.
 */
export async function recordReceiverFailure(
  tx: Tx,
  key: ReceiverKey,
  failure: Failure,
  waitMs: number | null,
  random: number,
  now: Date,
): Promise<void> {
  const { circuit } = await lockRouteReceiver(tx, key)
  const opened = open(circuit, failure, random, now)
  if (opened === circuit) return
  const until = waitMs === null ? opened.until : new Date(now.getTime() + waitMs)
  await saveOpenReceiver(tx, key, { ...opened, until })
  const data = { receiver: key.receiver, class: failure.class, until, failures: opened.failures }
  await append(tx, { type: 'route.opened', workspaceId: key.workspaceId, subjectId: key.routeId, data }, now)
}

export async function recordReceiverWorks(tx: Tx, key: ReceiverKey, now: Date): Promise<void> {
  if (await closeReceiver(tx, key))
    await append(
      tx,
      { type: 'route.closed', workspaceId: key.workspaceId, subjectId: key.routeId, data: { receiver: key.receiver } },
      now,
    )
}

/** Counts attempts towards the trip of a rule. True when it tripped: the receiver is left alone by this route. */
export async function recordTowardsTrip(
  tx: Tx,
  key: ReceiverKey,
  trip: Trip,
  seen: { readonly attempts: number; readonly failures: number; readonly last: Failure | null },
  random: number,
  now: Date,
): Promise<boolean> {
  const { window } = await lockRouteReceiver(tx, key)
  const counted = countTrip(window, trip, seen, now)
  await saveTripWindow(tx, key, counted.window)
  if (!counted.tripped || !seen.last) return false
  await recordReceiverFailure(tx, key, seen.last, trip.pause_seconds * SECOND, random, now)
  return true
}
