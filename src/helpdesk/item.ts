/** What stands in a conversation: what customers wrote, what agents answered or noted, and one line for each thing that was done. */

import type { ContactId, ConversationId, InboundMailId, ItemId, MessageId, UserId, WorkspaceId } from '../lib/ids.ts'
import type { Correspondent } from '../mail/received-head.ts'
import type { Channel } from './conversation.ts'

export const ITEM_KINDS = ['customer', 'reply', 'note', 'forward', 'activity'] as const
export type ItemKind = (typeof ITEM_KINDS)[number]

export interface Recipients {
  readonly to: readonly Correspondent[]
  readonly cc: readonly Correspondent[]
  readonly bcc: readonly Correspondent[]
}

/** What was done, of an 'activity': `what` is a word such as 'status', 'assignee', 'moved', 'merged'; names stand as they were then. */
export interface Activity {
  readonly what: string
  readonly from?: unknown
  readonly to?: unknown
  /** Of what, where `what` alone does not say it: a custom field, a person, another conversation. */
  readonly name?: string
  /** The API key or workflow that did it, where no person did. */
  readonly by?: string
}

export interface Item {
  readonly workspaceId: WorkspaceId
  readonly conversationId: ConversationId
  readonly id: ItemId
  readonly kind: ItemKind
  readonly channel: Channel
  readonly contactId: ContactId | null
  /** Null: Waybill itself. */
  readonly userId: UserId | null
  readonly from: Correspondent
  /** Where the sender wants answers; never shown as who wrote. */
  readonly replyTo: readonly string[]
  readonly recipients: Recipients
  readonly subject: string | null
  readonly bodyText: string
  /** Cleaned before it was stored. */
  readonly bodyHtml: string | null
  readonly quotedText: string | null
  readonly quotedHtml: string | null
  readonly activity: Activity | null
  readonly rfcMessageId: string | null
  readonly inboundId: InboundMailId | null
  readonly messageId: MessageId | null
  readonly isAutomatic: boolean
  /** Why it stands in this conversation. */
  readonly matchedBy: string | null
  readonly authentication: unknown
  readonly undoUntil: Date | null
  readonly editedAt: Date | null
  readonly editedBy: UserId | null
  readonly hiddenAt: Date | null
  readonly createdAt: Date
}

/** A file of an item. Its bytes are a blob. */
export interface ItemFile {
  readonly ordinal: number
  readonly filename: string
  readonly contentType: string
  readonly sizeBytes: number
  readonly contentId: string | null
  readonly isInline: boolean
  /** Hexadecimal. */
  readonly hash: string
}
