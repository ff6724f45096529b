import { assert, unreachable } from '../lib/assert.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../lib/clock.ts'
import type { Failure } from '../mail/failure.ts'
import type { StreamRules } from './stream.ts'

// Waits that belong to a kind of failure, whatever the stream: see docs/delivery.md, "When it is tried again".
const GREYLIST_DELAYS_MS = [5 * MINUTE + 30 * SECOND, 15 * MINUTE, 30 * MINUTE, HOUR, 4 * HOUR] as const
const DEFERRAL_DELAYS_MS = [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR] as const
const MAILBOX_DELAYS_MS = [4 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR] as const
const NETWORK_DELAYS_MS = [15 * SECOND, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE] as const
const LOGIN_DELAYS_MS = [30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR] as const
const QUOTA_DELAYS_MS = [HOUR, 4 * HOUR, 12 * HOUR, 24 * HOUR] as const

/** A server that says "in one second" again and again is not asked every eleven seconds for days. */
const TIMES_BELIEVED = 3

/**
 * When a delivery that failed for the `failures`-th time is tried again, or null when that would be after `expiresAt`. Jitter makes it up to
 * 10 % later, never earlier; a wait that the far end asked for is honoured with ten seconds on top; from the
 * fourth time on it is no shorter than its ladder's.
 */
export function nextRetryAt(
  failures: number,
  failure: Failure,
  rules: StreamRules,
  expiresAt: Date,
  random: number,
  now: Date,
): Date | null {
  assert(failures >= 1 && random >= 0 && random < 1)
  const ladder = delaysOf(failure, rules)
  const wantedMs =
    failure.retryAfterSeconds === null
      ? delayAt(ladder, failures)
      : Math.max(
          (failure.retryAfterSeconds + 10) * SECOND,
          failures > TIMES_BELIEVED ? delayAt(ladder, failures - TIMES_BELIEVED) : 0,
        )
  const at = new Date(now.getTime() + Math.round(wantedMs * (1 + 0.1 * random)))
  return at < expiresAt ? at : null
}

/** When a route whose circuit opened for the `failures`-th time in a row lets one message through to see whether it works again. */
export function nextProbeAt(failures: number, failure: Failure, random: number, now: Date): Date {
  assert(failures >= 1 && random >= 0 && random < 1)
  const ladder = probeDelaysOf(failure)
  const askedMs = failure.retryAfterSeconds === null ? null : Math.min(failure.retryAfterSeconds * SECOND, DAY)
  const delayMs =
    askedMs === null
      ? delayAt(ladder, failures)
      : Math.max(askedMs, failures > TIMES_BELIEVED ? delayAt(ladder, failures - TIMES_BELIEVED) : SECOND)
  return new Date(now.getTime() + Math.round(delayMs * (1 + 0.1 * random)))
}

function delaysOf(failure: Failure, rules: StreamRules): readonly number[] {
  switch (failure.ladder) {
    case 'greylist':
      return GREYLIST_DELAYS_MS
    case 'deferral':
    case 'quota':
      return DEFERRAL_DELAYS_MS
    case 'mailbox':
      return MAILBOX_DELAYS_MS
    case 'network':
    case 'login':
    case 'none':
      return rules.retryDelaysMs
    default:
      return unreachable(failure.ladder)
  }
}

/** A log-in that is refused again and again locks the account: those probes are rare. */
function probeDelaysOf(failure: Failure): readonly number[] {
  switch (failure.ladder) {
    case 'login':
    case 'none':
      return LOGIN_DELAYS_MS
    case 'quota':
      return QUOTA_DELAYS_MS
    case 'deferral':
    case 'greylist':
    case 'mailbox':
      return DEFERRAL_DELAYS_MS
    case 'network':
      return NETWORK_DELAYS_MS
    default:
      return unreachable(failure.ladder)
  }
}

function delayAt(delaysMs: readonly number[], failures: number): number {
  const delayMs = delaysMs[Math.min(failures, delaysMs.length) - 1]
  assert(delayMs !== undefined)
  return delayMs
}
