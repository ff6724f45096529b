import type { Tx } from '../db/database.ts'
import type { NewEvent } from './event.ts'
import { insertEvents } from './queries.ts'

export { type EventSource, insertingEvents, insertingEventsOf } from './queries.ts'

/** Records what happened, in the transaction in which it happened: both are there, or neither. */
export async function append(tx: Tx, event: NewEvent | readonly NewEvent[], now: Date): Promise<void> {
  const events = Array.isArray(event) ? (event as readonly NewEvent[]) : [event as NewEvent]
  if (events.length > 0) await insertEvents(tx, events, now)
}
