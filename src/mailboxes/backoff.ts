import { MINUTE, SECOND } from '../lib/clock.ts'
import type { MailboxCause } from './mailbox.ts'

const FIRST_MS = 2 * SECOND
const MOST_MS = 5 * MINUTE
/** A wrong password that is tried again and again gets an account locked; only a person can mend these. */
const NEEDS_A_PERSON = new Set<MailboxCause>(['login', 'reconnect', 'secret', 'private_address'])
const PERSON_FIRST_MS = MINUTE
const PERSON_MOST_MS = 15 * MINUTE

/** How long to wait after the n-th failure in a row: doubling up to a limit, and never all at once (`random` in 0…1). */
export function reconnectDelayMs(failures: number, cause: MailboxCause | null, random: number): number {
  const needsPerson = cause !== null && NEEDS_A_PERSON.has(cause)
  const [first, most] = needsPerson ? [PERSON_FIRST_MS, PERSON_MOST_MS] : [FIRST_MS, MOST_MS]
  const whole = Math.min(most, first * 2 ** Math.min(20, Math.max(0, failures - 1)))
  return Math.round(whole * (0.5 + random / 2))
}
