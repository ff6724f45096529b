/**
 * What an agent is writing: one draft of each kind for a conversation and person, and any number of conversations that are to begin. It lives until it is
 * sent or thrown away; what can still be taken back becomes it again, as it was. Isomorphic: the composer's own state.
 */

import type { ConversationId, Id, InboxId, ItemId, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { Channel } from '../conversation.ts'

export const DRAFT_MODES = ['reply', 'note', 'forward', 'new'] as const
export type DraftMode = (typeof DRAFT_MODES)[number]

/** How much of what was said before stands below an answer. */
export const QUOTES = ['none', 'last', 'all'] as const
export type QuoteChoice = (typeof QUOTES)[number]

export type DraftId = Id<'conversation_draft'>
export type UploadId = Id<'upload'>

export interface DraftContent {
  /** Null: the inbox's own address. */
  readonly from: string | null
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
  /** Null: the conversation's. */
  readonly subject: string | null
  /** As the editor has it: pictures have the addresses of their uploads. */
  readonly html: string
  readonly quote: QuoteChoice
  readonly files: readonly UploadId[]
  /** Of a forward: what goes along. Null: everything that was said to or by customers. */
  readonly items: readonly ItemId[] | null
  /** Of a new conversation. */
  readonly inboxId: InboxId | null
  /** Of a new conversation; left out: a mail. */
  readonly channel?: Exclude<Channel, 'api'>
}

export const BLANK_DRAFT: DraftContent = {
  ...{ from: null, to: [], cc: [], bcc: [], subject: null, html: '', quote: 'none', files: [], items: null, inboxId: null },
}

export interface Draft {
  readonly workspaceId: WorkspaceId
  readonly id: DraftId
  readonly conversationId: ConversationId | null
  readonly userId: UserId
  readonly mode: DraftMode
  readonly version: number
  readonly content: DraftContent
  readonly preview: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** A file that was attached to something that is not sent yet. */
export interface Upload {
  readonly id: UploadId
  readonly filename: string
  readonly contentType: string
  readonly sizeBytes: number
  /** Hexadecimal. */
  readonly hash: string
}

export const MAX_UPLOAD_BYTES = 25 * 1024 * 1024
export const MAX_FILES = 50
export const MAX_HTML = 1_000_000

/** Nothing was written: not worth keeping, nor sending. */
export function isBlank({ html, files }: Pick<DraftContent, 'html' | 'files'>): boolean {
  return (
    files.length === 0 &&
    !/<img\s/i.test(html) &&
    html
      .replace(/<[^>]*>/g, '')
      .replaceAll('&nbsp;', ' ')
      .trim() === ''
  )
}

/** Two drafts of one kind become one, the earlier above: nothing that was written is lost. */
export function joined(earlier: DraftContent, later: DraftContent): DraftContent {
  if (isBlank(later)) return earlier
  return { ...earlier, html: `${earlier.html}${later.html}`, files: [...new Set([...earlier.files, ...later.files])] }
}
