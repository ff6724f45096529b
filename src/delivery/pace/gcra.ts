/**
 * GCRA, the leaky bucket as one moment: `nextAt` is when the next one would leave if all had left evenly. Slow limits let one go at a time
 * (35 an hour is one about every 103 seconds); fast ones let at most one second's worth go together, since rows are claimed in batches.
 */
import { DAY, HOUR, MINUTE, SECOND } from '../../lib/clock.ts'

export const PACE_PERIODS = ['second', 'minute', 'hour', 'day'] as const
export type PacePeriod = (typeof PACE_PERIODS)[number]

const PERIOD_MS: Readonly<Record<PacePeriod, number>> = { second: SECOND, minute: MINUTE, hour: HOUR, day: DAY }
const BURST_MS = SECOND

export interface Flow {
  readonly amount: number
  readonly per: PacePeriod
  /** Null: nothing has left yet. */
  readonly nextAt: Date | null
}

/** Milliseconds between two. */
export function intervalMs({ amount, per }: Pick<Flow, 'amount' | 'per'>): number {
  return PERIOD_MS[per] / amount
}

/** How many may leave at this moment. */
export function allowance(flow: Flow, now: Date): number {
  const interval = intervalMs(flow)
  const aheadMs = Math.max(0, (flow.nextAt?.getTime() ?? 0) - now.getTime())
  const burst = Math.max(interval, BURST_MS)
  return Math.max(0, Math.floor((burst - aheadMs) / interval + 1e-9))
}

/** After `n` have left. A moment has whole milliseconds: what is taken is rounded up, what is given back down, so that no limit is ever passed. */
export function take(flow: Flow, n: number, now: Date): Date {
  const from = Math.max(now.getTime(), flow.nextAt?.getTime() ?? 0)
  return new Date(Math.ceil(from + n * intervalMs(flow)))
}

/** `n` did not leave after all: their time is given back, as far as it has not passed. */
export function giveBack(flow: Flow, n: number): Date | null {
  return flow.nextAt && new Date(flow.nextAt.getTime() - Math.floor(n * intervalMs(flow)))
}

/** When the next one may leave; not later than `now`: at once. */
export function opensAt(flow: Flow, now: Date): Date {
  const interval = intervalMs(flow)
  const burst = Math.max(interval, BURST_MS)
  return new Date(Math.max(now.getTime(), (flow.nextAt?.getTime() ?? 0) + interval - burst))
}
