/**
 * A new route earns its reputation slowly: so many messages a day, growing along a curve. The curve rises with the days, except on those on
 * which receivers put too much off or complained. What is over the day's cap goes another way, or waits for tomorrow.
 */
import { DAY } from '../../lib/clock.ts'

export interface WarmUp {
  readonly routeId: string
  /** '' for all receivers together. */
  readonly receiver: string
  readonly dailyCaps: readonly number[]
  /** Days are those of UTC: '2026-11-22'. */
  readonly startedOn: string
  readonly frozenDays: number
  readonly day: string
  readonly used: number
}

export const DEFAULT_CURVE = [50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200] as const

export function dayOf(now: Date): string {
  return now.toISOString().slice(0, 10)
}

/** Which step of the curve today is; past its end there is no cap any more. */
export function stepOf(warmUp: Pick<WarmUp, 'startedOn' | 'frozenDays'>, now: Date): number {
  const days = Math.floor((Date.parse(dayOf(now)) - Date.parse(warmUp.startedOn)) / DAY)
  return Math.max(0, days - warmUp.frozenDays)
}

/** Today's cap; null when the curve is done. */
export function capOf(warmUp: Pick<WarmUp, 'startedOn' | 'frozenDays' | 'dailyCaps'>, now: Date): number | null {
  return warmUp.dailyCaps[stepOf(warmUp, now)] ?? null
}

export function usedToday(warmUp: Pick<WarmUp, 'day' | 'used'>, now: Date): number {
  return warmUp.day === dayOf(now) ? warmUp.used : 0
}

/** How many may still leave today. */
export function leftToday(warmUp: WarmUp, now: Date): number {
  // The clock went back over midnight: what left on either side of it is not known any more, so tomorrow decides.
  if (warmUp.day === dayOf(tomorrow(now))) return 0
  const cap = capOf(warmUp, now)
  return cap === null ? Number.POSITIVE_INFINITY : Math.max(0, cap - usedToday(warmUp, now))
}

export function tomorrow(now: Date): Date {
  return new Date(Date.parse(dayOf(now)) + DAY)
}
