/**
 * A conversation with a customer.
 *
 *   open ◀──▶ pending ◀──▶ closed        spam: apart from all of them
 *
 * A message of the customer opens it again, unless it is spam. It may sleep (`snoozedUntil`) while it is open or pending, be merged into another,
 * or be deleted and restored. The same law stands as CHECKs in migrations/0025_helpdesk.sql.
 */
import type { ContactId, ConversationId, InboxId, TeamId, UserId, WorkspaceId } from '../lib/ids.ts'
import type { CustomFieldId, StatusLabelId } from './inbox.ts'

export const CONVERSATION_STATUSES = ['open', 'pending', 'closed', 'spam'] as const
export type ConversationStatus = (typeof CONVERSATION_STATUSES)[number]

export const CHANNELS = ['email', 'phone', 'web', 'api'] as const
export type Channel = (typeof CHANNELS)[number]

/** 1 is the most urgent. */
export const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const
export type Priority = (typeof PRIORITIES)[number]

export function priorityOf(stored: number): Priority {
  return PRIORITIES[stored - 1] ?? 'normal'
}

export interface Conversation {
  readonly workspaceId: WorkspaceId
  readonly id: ConversationId
  readonly number: number
  readonly inboxId: InboxId
  readonly subject: string
  readonly preview: string
  readonly channel: Channel
  readonly status: ConversationStatus
  readonly labelId: StatusLabelId | null
  readonly priority: Priority
  readonly assigneeId: UserId | null
  readonly teamId: TeamId | null
  readonly contactId: ContactId | null
  /** The address that answers go to. Mail that comes in never changes it. */
  readonly requester: string
  readonly tags: readonly string[]
  readonly fields: Readonly<Record<CustomFieldId, unknown>>
  /** Messages and notes, without activity lines. */
  readonly items: number
  readonly hasFiles: boolean
  readonly snoozedUntil: Date | null
  readonly dueAt: Date | null
  /** The first message of the customer that nobody answered; two facts, not one: see `lastCustomerAt`. */
  readonly waitingSince: Date | null
  readonly lastCustomerAt: Date | null
  readonly lastAgentAt: Date | null
  readonly lastAt: Date
  readonly closedAt: Date | null
  readonly mergedInto: ConversationId | null
  readonly deletedAt: Date | null
  readonly autoReplyOff: boolean
  readonly createdAt: Date
  readonly updatedAt: Date
}

export type ConversationState = Pick<Conversation, 'status' | 'snoozedUntil' | 'waitingSince' | 'closedAt' | 'deletedAt'>

/** What a message of the customer makes of it: it is open, awake and waits, unless it is spam. A deleted one is restored. */
export function afterCustomerMessage<T extends ConversationState>(conversation: T, now: Date): T {
  if (conversation.status === 'spam') return conversation
  const waitingSince = conversation.waitingSince ?? now
  return { ...conversation, status: 'open', closedAt: null, snoozedUntil: null, deletedAt: null, waitingSince }
}

/** The same after an answer of an agent: nobody waits any more. */
export function withStatus<T extends ConversationState>(conversation: T, status: ConversationStatus, now: Date): T {
  const isAwake = status === 'closed' || status === 'spam'
  return {
    ...conversation,
    status,
    closedAt: status === 'closed' ? (conversation.closedAt ?? now) : null,
    waitingSince: status === 'closed' ? null : conversation.waitingSince,
    snoozedUntil: isAwake ? null : conversation.snoozedUntil,
  }
}

/** As subjects are compared and shown: without the answers' and forwards' marks of many languages, and without our tag. */
export function bareSubject(subject: string): string {
  let bare = subject.trim()
  for (let i = 0; i < 20; i += 1) {
    const next = bare.replace(MARK, '').trimStart()
    if (next === bare) break
    bare = next
  }
  return bare
}
const MARK =
  /^(?:(?:re|aw|antw|sv|vs|odp|res|ynt|rif|ref|r|回复|答复|回覆|fw|fwd|wg|tr|rv|enc|doorst|i|pd|转发|轉寄|automatic reply|out of office|abwesend|automatische antwort)(?:\[\d{1,3}\])?\s{0,3}[:：]|\[[a-z0-9-]{1,40}-\d{1,18}\])\s{0,10}/iu
