/**
 * One arrival of one mail.
 *
 *   received ──claim, one transaction──▶ settled
 *      ▲                               ╲
 *      │                                ▶ quarantined
 *      └───────── a person's wish ◀───────┘ (or ignored)
 *
 * Its bytes are stored before anything of it is read. Every arrival ends in one outcome; `quarantined` is one of them, and people can end it. Tries
 * are counted when they begin, so that a mail that ends the process is put aside at its third. What people want of a mail that was put aside or
 * ignored is a wish on its row, which waits again: there is one road in. The same law stands as CHECKs in migrations/0027_inbound.sql and
 * 0036_quarantine.sql.
 */
import type { ConversationId, InboundMailId, InboxId, ItemId, MessageId, SourceId, WorkspaceId } from '../lib/ids.ts'

export const INBOUND_CHANNELS = ['imap', 'pop3', 'smtp', 'http', 'folder', 'provider'] as const
export type InboundChannel = (typeof INBOUND_CHANNELS)[number]

export const OUTCOMES = [
  'conversation_started',
  'reply_added',
  'note_added',
  'bounce_recorded',
  'complaint_recorded',
  'unsubscribed',
  'ignored',
  'duplicate',
  'quarantined',
] as const
export type OutcomeKind = (typeof OUTCOMES)[number]

export const IGNORED_REASONS = [
  'update_only_no_match',
  'ignore_rule',
  'own_mail',
  'answer_to_notification',
  'answer_to_campaign',
  'report_without_news',
  'by_hand',
] as const
export type IgnoredReason = (typeof IGNORED_REASONS)[number]

export const QUARANTINE_STAGES = ['take', 'read', 'match', 'write', 'crash'] as const
export type QuarantineStage = (typeof QUARANTINE_STAGES)[number]

export const QUARANTINE_REASONS = [
  'too_large',
  'unreadable',
  'no_inbox',
  'inbox_closed',
  'update_only_no_match',
  'agent_not_proven',
  'cannot_be_stored',
  'fails_again_and_again',
  'bytes_missing',
  'wish_not_possible',
] as const
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number]

/** What became of a mail. Closed: whoever handles one handles all. */
export type Outcome =
  | {
      readonly kind: 'conversation_started' | 'reply_added' | 'note_added'
      readonly conversationId: ConversationId
      readonly itemId: ItemId
      readonly matchedBy: string
    }
  | { readonly kind: 'bounce_recorded' | 'complaint_recorded'; readonly messageId: MessageId | null; readonly detail: string }
  | { readonly kind: 'unsubscribed'; readonly detail: string }
  | { readonly kind: 'ignored'; readonly reason: IgnoredReason; readonly detail: string }
  | { readonly kind: 'duplicate'; readonly of: InboundMailId }
  | { readonly kind: 'quarantined'; readonly stage: QuarantineStage; readonly reason: QuarantineReason; readonly detail: string }

/** How a mail came here: everything that is known before it is read. */
export interface Arrival {
  readonly workspaceId: WorkspaceId
  readonly channel: InboundChannel
  /** Where it lay: makes that it is taken once. */
  readonly place: {
    readonly sourceId: SourceId
    readonly folder: string
    readonly uidValidity: bigint | null
    readonly uid: string
  } | null
  /** Whom it is for, where that is known: a source that serves one inbox, an address at RCPT. */
  readonly inboxId: InboxId | null
  /** Null: not known; '' for none. */
  readonly envelopeSender: string | null
  readonly envelopeRecipients: readonly string[]
  readonly remoteIp: string | null
  readonly helo: string | null
  /** When the server took it; now where nobody knows. */
  readonly receivedAt: Date
  readonly isCut: boolean
}

export const MAX_TRIES = 3

/** What somebody wants of a mail that was put aside or ignored. Plain data, as it stands in the row. */
export type Wish = {
  /** `user:<id>` or `key:<id>`, and the name, for the conversation. */
  readonly by: string
  readonly name: string
  /** The inbox in whose quarantine it was. */
  readonly was: InboxId | null
} & (
  | { readonly act: 'replay' }
  | {
      /** `spam`: a conversation too, apart from those that wait for somebody. */
      readonly act: 'start' | 'spam'
      readonly inboxId: InboxId
      /** Reading it ended the process before: it becomes a file of its conversation, unread. */
      readonly unread: boolean
    }
  | { readonly act: 'attach'; readonly conversationId: ConversationId; readonly unread: boolean }
)

/** Wanted in a place, whatever the decision would be. */
export type PlaceWish = Extract<Wish, { act: 'start' | 'spam' | 'attach' }>

export function isPlaced(wish: Wish | null): wish is PlaceWish {
  return wish !== null && wish.act !== 'replay'
}
