/**
 * A domain that mail is sent from and that Waybill looks after.
 *
 *   pending ──its key is in the DNS──▶ verified ──the DNS answers otherwise──▶ warning ──for 24 h──▶ lapsed
 *                                        ▲ └───────────────◀─────────────────────┘                    │
 *                                        └────────────────────── back in the DNS ◀────────────────────┘
 *
 * A warning changes nothing for mail; whoever mends a zone by mistake has a day. A DNS that cannot be asked moves no domain at all. The RSA
 * key decides: every receiver reads it, while many do not read Ed25519 yet.
 */
import type { Id, WorkspaceId } from '../../lib/ids.ts'
import type { Check } from './check.ts'
import type { DkimKey } from './dkim-key.ts'

export type DomainId = Id<'domain'>

export const DOMAIN_STATES = ['pending', 'verified', 'warning', 'lapsed'] as const
export type DomainState = (typeof DOMAIN_STATES)[number]

export interface Domain {
  readonly workspaceId: WorkspaceId
  readonly id: DomainId
  /** Lower case, A-labels. */
  readonly name: string
  readonly state: DomainState
  readonly stateSince: Date
  readonly verifiedAt: Date | null
  readonly returnPathHost: string
  readonly trackingHost: string
  readonly createdAt: Date
  readonly checkedAt: Date | null
  readonly nextCheckAt: Date
}

/** The state that follows from its keys. */
export function stateOf(keys: readonly DkimKey[], wasVerified: boolean): DomainState {
  const active = keys.filter(({ algorithm, state }) => algorithm === 'rsa' && state === 'active')
  if (active.some(({ wrongSince }) => wrongSince === null)) return 'verified'
  if (active.length > 0) return 'warning'
  return wasVerified ? 'lapsed' : 'pending'
}

/** Its mail is signed: by a key that the DNS shows, or showed until less than a day ago. */
export function isUsable(state: DomainState): boolean {
  return state === 'verified' || state === 'warning'
}

/** Bounces come back to its own host, and that host names us as a sender. */
export function hasReturnPath(checks: readonly Pick<Check, 'subject' | 'answeredStatus'>[]): boolean {
  const isCorrect = (subject: string) => checks.some((check) => check.subject === subject && check.answeredStatus === 'correct')
  return isCorrect('return_path') && isCorrect('return_path_spf')
}

const SOON_MS = 5 * 60_000
const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS

/** When to look again: soon while somebody may be working on it, hourly later. `random` in [0, 1) spreads domains that were added together. */
export function nextCheckAt(
  { state, createdAt, stateSince }: Pick<Domain, 'state' | 'createdAt' | 'stateSince'>,
  random: number,
  now: Date,
): Date {
  const age = now.getTime() - (state === 'pending' ? createdAt : stateSince).getTime()
  const isFresh = state !== 'verified' && age < DAY_MS
  return new Date(now.getTime() + Math.round((isFresh ? SOON_MS : HOUR_MS) * (0.9 + 0.2 * random)))
}
