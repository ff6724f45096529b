/**
 * News is what is heard of one recipient's mail after the next hop took it. It comes late, twice, out of order or before our own commit, so it
 * moves a delivery in one direction only, and the same pieces of news in any order end in the same state:
 *
 *   queued, held, unknown, expired, … ──▶ sent ──▶ delivered ──▶ bounced          `sending` waits: our own commit comes first
 *
 * A complaint is a fact beside the state. Both it and `relayed` (handed on to a system that tells nothing more) show at least that the mail was
 * taken. `delayed` is no failure: it is written down and moves nothing.
 */
import type { DeliveryId } from '../../lib/ids.ts'
import type { Failure } from '../../mail/failure.ts'
import type { DeliveryState } from '../delivery.ts'

/** Who tells: a bounce or a complaint that came as mail, or a provider's events. */
export const FEEDBACK_SOURCES = ['dsn', 'arf', 'ses', 'scaleway'] as const
export type FeedbackSource = (typeof FEEDBACK_SOURCES)[number]

/** What became of what was told. `parked`: nothing of ours is known by it yet; `unmatched`: nothing became known in a day. */
export const FEEDBACK_STATES = ['received', 'parked', 'applied', 'ignored', 'unmatched', 'failed'] as const
export type FeedbackState = (typeof FEEDBACK_STATES)[number]

export const NEWS_KINDS = ['delivered', 'relayed', 'delayed', 'bounced', 'complained'] as const
export type NewsKind = (typeof NEWS_KINDS)[number]

/** How the delivery is named. They are tried in order; the first that names one of ours counts. */
export type DeliveryRef =
  /** From an address that we made; of several recipients of that message, the one the news speaks of. */
  | { readonly by: 'return_path'; readonly deliveryId: DeliveryId }
  /** The provider's own id of the mail. */
  | { readonly by: 'provider'; readonly providerId: string }
  /** Our id of the delivery, which the provider gives back as we gave it. */
  | { readonly by: 'delivery'; readonly deliveryId: DeliveryId }
  /** The Message-ID the recipient saw, in angle brackets, and the recipient. */
  | { readonly by: 'message_id'; readonly messageId: string }

export interface News {
  readonly refs: readonly DeliveryRef[]
  readonly kind: NewsKind
  /** The recipient as the news names it, the likeliest name first: mail that was forwarded has several, and complaints often hide it. */
  readonly names: readonly string[]
  /** Of a bounce: what it means, by the same table as a live reply. */
  readonly failure: Failure | null
  /** RFC 3463. */
  readonly status: string | null
  readonly diagnostic: string | null
  readonly happenedAt: Date | null
  /** The teller's own name of this event: what is told twice has the same. */
  readonly key: string
}

const RANK: Readonly<Partial<Record<DeliveryState, number>>> = { sent: 1, delivered: 2, bounced: 3 }

/** Where news takes a delivery: another state, or null where it stays; 'wait' while our own hand is on it. */
export function standAfter(state: DeliveryState, kind: NewsKind): 'sent' | 'delivered' | 'bounced' | 'wait' | null {
  if (state === 'sending') return 'wait'
  const shown = SHOWN_BY[kind]
  return shown !== null && (RANK[shown] ?? 0) > (RANK[state] ?? 0) ? shown : null
}

const SHOWN_BY = {
  delivered: 'delivered',
  relayed: 'sent',
  delayed: null,
  bounced: 'bounced',
  complained: 'sent',
} as const satisfies Record<NewsKind, DeliveryState | null>
