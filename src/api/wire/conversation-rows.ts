import type { Actor } from '../../accounts/actor.ts'
import type { FolderCounts } from '../../helpdesk/list/counts.ts'
import type { ConversationRow } from '../../helpdesk/list/row.ts'
import { marked, type Piece } from '../../helpdesk/search/highlight.ts'
import type { Snippet } from '../../helpdesk/search/search.ts'
import { mayChangeView, type SavedView } from '../../helpdesk/views/view.ts'
import type * as lists from '../endpoints/conversation-lists.ts'
import type * as views from '../endpoints/saved-views.ts'

export function toConversationRow(row: ConversationRow): lists.ConversationRow {
  const { id, number, subject, preview, channel, status, label, priority, assignee, team, customer, items } = row
  return {
    ...{ id, number, inbox_id: row.inboxId, subject, preview, channel, status, label, priority, assignee, team, customer, items },
    tags: [...row.tags],
    fields: row.fields.map(({ name, value }) => ({ name, value: typeof value === 'object' ? [...value] : value })),
    has_files: row.hasFiles,
    waiting_since: row.waitingSince,
    last_at: row.lastAt,
    snoozed_until: row.snoozedUntil,
    due_at: row.dueAt,
    deleted_at: row.deletedAt,
    starred: row.isStarred,
    unread: row.isUnread,
    drafts: [...row.drafts],
  }
}

export function toFound(
  row: ConversationRow & { readonly snippet: Snippet | null },
  words: readonly string[],
): lists.FoundConversation {
  const { snippet } = row
  return {
    ...toConversationRow(row),
    snippet: snippet && {
      item_id: snippet.itemId,
      kind: snippet.kind,
      from: snippet.fromName,
      at: snippet.createdAt,
      pieces: marked(snippet.text, words).map(toPiece),
    },
    subject_pieces: marked(row.subject, words).map(toPiece),
  }
}

function toPiece({ text, isHit }: Piece) {
  return { text, is_hit: isHit }
}

export const NO_COUNTS: FolderCounts = { unassigned: 0, mine: 0, open: 0, pending: 0, closed: 0, spam: 0, snoozed: 0, deleted: 0 }

export function toView(view: SavedView & { readonly count?: number | null }, actor: Actor): views.SavedView {
  const { id, name, filter, sort, count = null } = view
  return { id, name, shared: view.userId === null, filter, sort, may_change: mayChangeView(view, actor), count }
}
