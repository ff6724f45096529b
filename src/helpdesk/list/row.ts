/** One line of a list of conversations: what can be seen without opening it. */
import type { ContactId, ConversationId, InboxId, TeamId, UserId } from '../../lib/ids.ts'
import type { Channel, ConversationStatus, Priority } from '../conversation.ts'
import type { StatusLabelId } from '../inbox.ts'

export interface ConversationRow {
  readonly id: ConversationId
  readonly number: number
  readonly inboxId: InboxId
  readonly subject: string
  readonly preview: string
  readonly channel: Channel
  readonly status: ConversationStatus
  readonly label: { readonly id: StatusLabelId; readonly name: string; readonly color: string } | null
  readonly priority: Priority
  readonly assignee: { readonly id: UserId; readonly name: string } | null
  readonly team: { readonly id: TeamId; readonly name: string } | null
  readonly customer: { readonly id: ContactId | null; readonly name: string; readonly address: string }
  readonly tags: readonly string[]
  /** What its own fields say, of those that are shown in lists. */
  readonly fields: readonly { readonly name: string; readonly value: string | number | boolean | readonly string[] }[]
  readonly items: number
  readonly hasFiles: boolean
  readonly waitingSince: Date | null
  readonly lastAt: Date
  readonly snoozedUntil: Date | null
  readonly dueAt: Date | null
  readonly deletedAt: Date | null
  readonly isStarred: boolean
  /** Something was said that whoever asks has not seen. */
  readonly isUnread: boolean
  /** Who has begun to write something. */
  readonly drafts: readonly { readonly id: UserId; readonly name: string }[]
}

/** Its place in the list, as the cursor carries it: the values that the list is ordered by. */
export interface Placed {
  readonly key: readonly string[]
}
