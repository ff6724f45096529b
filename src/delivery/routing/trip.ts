import { SECOND } from '../../lib/clock.ts'
import type { FailureClass } from '../../mail/failure.ts'
import type { Trip } from './rule.ts'

/** What was seen of a route towards one receiver since the window began. */
export interface TripWindow {
  readonly startedAt: Date | null
  readonly attempts: number
  readonly failures: number
}

const EMPTY_WINDOW: TripWindow = { startedAt: null, attempts: 0, failures: 0 }

/** Adds what a batch of attempts came to. `tripped`: the route is not used for this receiver for a while; the window begins anew. */
export function countTrip(
  window: TripWindow,
  trip: Trip,
  seen: { readonly attempts: number; readonly failures: number },
  now: Date,
): { readonly window: TripWindow; readonly tripped: boolean } {
  const isOver = window.startedAt === null || now.getTime() - window.startedAt.getTime() > trip.within_seconds * SECOND
  const base = isOver ? { startedAt: now, attempts: 0, failures: 0 } : window
  const next = { ...base, attempts: base.attempts + seen.attempts, failures: base.failures + seen.failures }
  const tripped =
    seen.failures > 0 && next.failures >= trip.failures && (trip.share === null || next.failures >= trip.share * next.attempts)
  return { window: tripped ? EMPTY_WINDOW : next, tripped }
}

export function countsTowards(trip: Trip, found: FailureClass): boolean {
  return trip.classes.includes(found)
}
