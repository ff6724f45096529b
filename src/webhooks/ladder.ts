/** What an answer means, and when to try again. */
import { DAY, HOUR, MINUTE, SECOND } from '../lib/clock.ts'

/**
 * Waits after the first, second, … failure: 31 hours and 42 minutes in all. A deploy takes seconds, a bad night ten hours, and whoever comes to
 * work the next morning still finds everything on its way.
 */
export const RETRY_DELAYS_MS = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
] as const

/** Up to a tenth later, so that what failed together does not come back together. */
const JITTER = 0.1
const MAX_WAIT_MS = DAY

/** When to try again after so many tries of this ladder, or null when it is used up. `random` in [0, 1). */
export function nextTryAt(tries: number, retryAfterMs: number | null, random: number, now: Date): Date | null {
  const delayMs = RETRY_DELAYS_MS[tries - 1]
  if (delayMs === undefined) return null
  const waitMs = Math.max(Math.round(delayMs * (1 + JITTER * random)), Math.min(retryAfterMs ?? 0, MAX_WAIT_MS))
  return new Date(now.getTime() + waitMs)
}

export type Verdict = 'taken' | 'gone' | 'failed'

/** Any 2xx is a yes. 410 says: never again (so does the specification of Standard Webhooks). A redirect is a failure: it is not followed. */
export function verdictOf(status: number | null): Verdict {
  if (status !== null && status >= 200 && status < 300) return 'taken'
  return status === 410 ? 'gone' : 'failed'
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3); null when there is none that can be read. */
export function retryAfterMs(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * SECOND
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime())
}
