/** A limit in words: what it is of, how much, and what that means evenly. */
import type { Limit } from '../../src/api/endpoints/routing.ts'
import { allowance, intervalMs } from '../../src/delivery/pace/gcra.ts'
import { receiverName } from '../parts/receiver-name.ts'
import { t } from '../texts/texts.ts'
import { milliseconds, number } from '../ui/format.ts'

export type Pace = Pick<Limit, 'amount' | 'per'>

const SECOND_MS = 1_000
/** Below this, seconds say more than minutes: "about every 103 seconds". */
const IN_SECONDS_MS = 180 * SECOND_MS
const IN_MINUTES_MS = 180 * 60 * SECOND_MS

/** "one about every 103 seconds", and what may go together where that is more than one. */
export function evenly(pace: Pace): string {
  const ms = intervalMs(pace)
  if (ms < SECOND_MS) {
    const together = allowance({ ...pace, nextAt: null }, new Date(0))
    const every = t.limits.everyMs(ms < 1 ? `${number(Math.round(ms * 100) / 100)} ms` : milliseconds(ms))
    return together > 1 ? `${every}, ${t.limits.upTo(together)}` : every
  }
  if (ms < IN_SECONDS_MS) return t.limits.every(t.spans.seconds(Math.round(ms / SECOND_MS)))
  if (ms < IN_MINUTES_MS) return t.limits.every(t.spans.minutes(Math.round(ms / (60 * SECOND_MS))))
  return t.limits.every(t.spans.hours(Math.round(ms / (3_600 * SECOND_MS))))
}

export function amountOf({ amount, per }: Pace): string {
  return t.limits.amount(amount, per)
}

export function whatOf({ scope, subject, route_id }: Limit, nameOf: (routeId: string) => string): string {
  switch (scope) {
    case 'workspace':
      return t.limits.ofWorkspace
    case 'route':
      return t.limits.ofRoute(nameOf(subject))
    case 'from_domain':
      return t.limits.ofDomain(subject)
    case 'receiver':
      return t.limits.ofReceiver(receiverName(subject), route_id && nameOf(route_id))
  }
}
