/** A shared address that people write to and agents answer from, with its manners. The law stands as CHECKs in migrations/0025_helpdesk.sql. */

import type { Id, InboxId, RouteId, TeamId, UserId, WorkspaceId } from '../lib/ids.ts'
import type { MailboxId } from '../mailboxes/mailbox.ts'

export const FROM_NAMES = ['inbox', 'agent', 'agent_at_inbox'] as const
export const STATUSES_AFTER_REPLY = ['open', 'pending', 'closed', 'keep'] as const
export const ASSIGN_ON_REPLY = ['never', 'if_unassigned', 'always'] as const
/** What becomes of mail that belongs to no conversation. `ignore` and `quarantine` make the inbox update-only. */
export const NO_MATCH = ['start', 'ignore', 'quarantine'] as const

/** A text that is sent by itself. Subject and HTML may hold variables. */
export interface StandingText {
  readonly subject: string
  readonly html: string
}

export interface Inbox {
  readonly workspaceId: WorkspaceId
  readonly id: InboxId
  readonly name: string
  /** Of `[slug-123]` in subjects. */
  readonly slug: string
  readonly address: string
  /** Every address that mail for it comes to, in lower case, its own among them. */
  readonly addresses: readonly { readonly address: string; readonly maySend: boolean }[]
  readonly fromName: (typeof FROM_NAMES)[number]
  readonly routeId: RouteId | null
  readonly signature: string
  readonly statusAfterReply: (typeof STATUSES_AFTER_REPLY)[number]
  readonly assignOnReply: (typeof ASSIGN_ON_REPLY)[number]
  readonly defaultAssignee: UserId | null
  readonly defaultTeam: TeamId | null
  readonly autoBcc: readonly string[]
  readonly autoReply: StandingText | null
  readonly undoSeconds: number
  readonly subjectTag: boolean
  readonly plusAddress: boolean
  readonly noMatch: (typeof NO_MATCH)[number]
  readonly noMatchAnswer: StandingText | null
  readonly noMatchAlert: number | null
  readonly sentCopy: { readonly mailboxId: MailboxId; readonly folder: string } | null
  readonly restricted: boolean
  readonly closedAt: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

export type StatusLabelId = Id<'status_label'>
export type CustomFieldId = Id<'custom_field'>

/** Takes no new conversation by mail. */
export function isUpdateOnly(inbox: Pick<Inbox, 'noMatch'>): boolean {
  return inbox.noMatch !== 'start'
}
