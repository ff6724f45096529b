import { DAY, HOUR } from '../../lib/clock.ts'
import type { Stream } from '../stream.ts'

/**
 * Why an address is not mailed: it is known not to exist, its mailbox stays full, its owner complained or unsubscribed, or a person of this
 * workspace said so. Only what is about the address itself ever gets here; what is about us, our content or a whole domain never does.
 */
export const SUPPRESSION_REASONS = ['unknown_address', 'mailbox_full', 'complaint', 'unsubscribed', 'manual'] as const
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number]

/** Who told: the receiver's reply, news that came later, the recipient themself, a list that was read in, a person of the workspace. */
export const SUPPRESSION_SOURCES = ['reply', 'feedback', 'recipient', 'import', 'person'] as const
export type SuppressionSource = (typeof SUPPRESSION_SOURCES)[number]

/** Mailings to one list, by the list's id. It is not on the suppression list that people see: it is shown as what it is, a list that somebody left. */
export type ListScope = `list:${string}`

export interface Suppression {
  /** In lower case: mailboxes that differ by case alone do not exist in practice, and mailing one again would be worse. */
  readonly address: string
  /** Where it holds: on every stream, or on one. */
  readonly stream: Stream | 'all'
  readonly reason: SuppressionReason
  readonly source: SuppressionSource
  readonly deliveryId: string | null
  readonly note: string
  /** What the receiver said, to the letter. */
  readonly reply: string
  readonly createdAt: Date
  /** Null: until somebody takes it off. */
  readonly expiresAt: Date | null
}

/** A mailbox that is full is emptied one day: on so many different days it was, and for so long it is left alone. */
export const FULL_DAYS = 3
export const FULL_WITHIN_MS = 14 * DAY
export const FULL_LASTS_MS = 7 * DAY

/** A domain that knows nobody any more has lost its directory, not its people (a moved server, a broken LDAP). */
export const STORM = { withinMs: HOUR, unknown: 10, share: 0.2 } as const

export interface DomainVerdicts {
  /** Addresses it said do not exist, within the time. */
  readonly unknown: number
  /** Everything it said, as far as it is counted yet: the counting runs a few seconds behind. */
  readonly verdicts: number
}

/** Whether so many unknown addresses of one domain are news about the domain, not about the addresses. */
export function isStorm({ unknown, verdicts }: DomainVerdicts): boolean {
  return unknown >= STORM.unknown && unknown > STORM.share * Math.max(verdicts, unknown)
}

/** Whether a new reason replaces what is on the list: what has ended always gives way, and what ends gives way to what does not. */
export function replaces(next: Pick<Suppression, 'expiresAt'>, old: Pick<Suppression, 'expiresAt'>, now: Date): boolean {
  if (old.expiresAt === null) return false
  return old.expiresAt <= now || next.expiresAt === null || next.expiresAt > old.expiresAt
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase()
}
