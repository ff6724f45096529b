import { sql } from 'kysely'
import { textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ConversationId, ItemId, MessageId, TeamId, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { MailboxId } from '../../mailboxes/mailbox.ts'
import type { Conversation } from '../conversation.ts'
import type { DraftContent, DraftMode } from '../drafts/draft.ts'
import { json } from '../queries.ts'

/** What was said after `seen`: what the writer has not read, and what they sent already, should they send it a second time. */
export async function countSince(
  tx: Tx,
  { workspaceId, id }: Pick<Conversation, 'workspaceId' | 'id'>,
  seen: ItemId,
  userId: UserId | null,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from (
      select from conversation_item
       where workspace_id = ${workspaceId} and conversation_id = ${id} and id > ${seen} and kind <> 'activity'
         and (user_id is distinct from ${userId} or kind in ('reply', 'forward'))
       limit 100) as unread`.execute(tx)
  return rows[0]?.n ?? 0
}

/** Whom an agent writes to takes part again, whoever took them out before. */
export async function takeBackIn(
  tx: Tx,
  { workspaceId, id }: Pick<Conversation, 'workspaceId' | 'id'>,
  addresses: readonly string[],
): Promise<void> {
  await sql`
    update conversation_participant set is_removed = false
     where workspace_id = ${workspaceId} and conversation_id = ${id} and address = any (${textArray(addresses)}::text[]) and is_removed`.execute(
    tx,
  )
}

export async function selectActivitiesAfter(
  tx: Tx,
  { workspaceId, id }: Pick<Conversation, 'workspaceId' | 'id'>,
  item: ItemId,
): Promise<ItemId[]> {
  const { rows } = await sql<{ id: ItemId }>`
    select id from conversation_item
     where workspace_id = ${workspaceId} and conversation_id = ${id} and id > ${item} and kind = 'activity'`.execute(tx)
  return rows.map((row) => row.id)
}

/** What of a conversation an answer changes. */
export type Standing = Pick<
  Conversation,
  | 'status'
  | 'labelId'
  | 'closedAt'
  | 'snoozedUntil'
  | 'assigneeId'
  | 'waitingSince'
  | 'lastAgentAt'
  | 'lastAt'
  | 'preview'
  | 'hasFiles'
>

export interface Undoing {
  readonly itemId: ItemId
  readonly conversationId: ConversationId
  readonly userId: UserId | null
  readonly mode: DraftMode
  readonly content: DraftContent
  readonly before: Standing
  readonly after: Standing
  readonly activities: readonly ItemId[]
  readonly participants: readonly string[]
  readonly until: Date
}

export async function insertUndo(tx: Tx, workspaceId: WorkspaceId, u: Undoing): Promise<void> {
  await sql`
    insert into conversation_undo (workspace_id, item_id, conversation_id, user_id, mode, content, before, after, activities, participants, until)
    values (${workspaceId}, ${u.itemId}, ${u.conversationId}, ${u.userId}, ${u.mode}, ${json(u.content)}, ${json(u.before)}, ${json(u.after)},
            ${textArray(u.activities)}::uuid[], ${textArray(u.participants)}::text[], ${u.until})`.execute(tx)
}

export async function selectUndo(tx: Tx, workspaceId: WorkspaceId, itemId: ItemId): Promise<Undoing | null> {
  const { rows } = await sql<Undoing>`
    select item_id as "itemId", conversation_id as "conversationId", user_id as "userId", mode, content, before, after, activities, participants, until
      from conversation_undo where workspace_id = ${workspaceId} and item_id = ${itemId} for update`.execute(tx)
  const [row] = rows
  return row ? { ...row, before: revived(row.before), after: revived(row.after) } : null
}

function revived(standing: Standing): Standing {
  const date = (value: Date | null) => (value === null ? null : new Date(value))
  return {
    ...standing,
    closedAt: date(standing.closedAt),
    snoozedUntil: date(standing.snoozedUntil),
    waitingSince: date(standing.waitingSince),
    lastAgentAt: date(standing.lastAgentAt),
    lastAt: new Date(standing.lastAt),
  }
}

/** The item as if it had never been, with its files, its ids and the lines that came with it. */
export async function deleteItem(
  tx: Tx,
  workspaceId: WorkspaceId,
  conversationId: ConversationId,
  u: Pick<Undoing, 'itemId' | 'activities' | 'participants'>,
): Promise<void> {
  await sql`
    with copy as (delete from sent_copy where workspace_id = ${workspaceId} and item_id = ${u.itemId}),
         file as (delete from conversation_file where workspace_id = ${workspaceId} and item_id = ${u.itemId}),
         reference as (delete from conversation_reference where workspace_id = ${workspaceId} and conversation_id = ${conversationId} and item_id = ${u.itemId}),
         undo as (delete from conversation_undo where workspace_id = ${workspaceId} and item_id = ${u.itemId}),
         participant as (delete from conversation_participant
                          where workspace_id = ${workspaceId} and conversation_id = ${conversationId} and address = any (${textArray(u.participants)}::text[]))
    delete from conversation_item
     where workspace_id = ${workspaceId} and conversation_id = ${conversationId} and id = any (${textArray([u.itemId, ...u.activities])}::uuid[])`.execute(
    tx,
  )
}

/** Only of one that was begun and taken back at once. */
export async function deleteConversation(tx: Tx, workspaceId: WorkspaceId, id: ConversationId): Promise<void> {
  await sql`delete from conversation where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

export async function deleteOldUndos(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from conversation_undo where (workspace_id, item_id) in (select workspace_id, item_id from conversation_undo where until < ${before} limit ${limit})`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0n)
}

export async function selectParticipants(db: Db | Tx, workspaceId: WorkspaceId, id: ConversationId): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    select address from conversation_participant where workspace_id = ${workspaceId} and conversation_id = ${id}`.execute(db)
  return rows.map(({ address }) => address)
}

export async function insertSentCopy(
  tx: Tx,
  copy: {
    readonly workspaceId: WorkspaceId
    readonly itemId: ItemId
    readonly conversationId: ConversationId
    readonly messageId: MessageId
    readonly mailboxId: MailboxId
    readonly folder: string
    readonly dueAt: Date
  },
  now: Date,
): Promise<void> {
  await sql`
    insert into sent_copy (workspace_id, item_id, conversation_id, message_id, mailbox_id, folder, state, due_at, created_at)
    values (${copy.workspaceId}, ${copy.itemId}, ${copy.conversationId}, ${copy.messageId}, ${copy.mailboxId}, ${copy.folder}, 'waiting', ${copy.dueAt}, ${now})`.execute(
    tx,
  )
}

/** Keeps what it said, then changes it: one version more. */
export async function replaceBody(
  tx: Tx,
  workspaceId: WorkspaceId,
  itemId: ItemId,
  body: { readonly text: string; readonly html: string },
  userId: UserId | null,
  now: Date,
): Promise<void> {
  await sql`
    insert into conversation_item_version (workspace_id, item_id, version, body_text, body_html, user_id, replaced_at)
    select workspace_id, id, 1 + (select count(*) from conversation_item_version where workspace_id = ${workspaceId} and item_id = ${itemId}), body_text, body_html,
           ${userId}, ${now}
      from conversation_item where workspace_id = ${workspaceId} and id = ${itemId}`.execute(tx)
  await sql`
    update conversation_item set body_text = ${body.text}, body_html = ${body.html}, edited_at = ${now}, edited_by = ${userId}
     where workspace_id = ${workspaceId} and id = ${itemId}`.execute(tx)
}

export async function setHidden(tx: Tx, workspaceId: WorkspaceId, itemId: ItemId, hiddenAt: Date | null): Promise<void> {
  await sql`update conversation_item set hidden_at = ${hiddenAt} where workspace_id = ${workspaceId} and id = ${itemId}`.execute(
    tx,
  )
}

export async function selectTeamMembers(tx: Tx, workspaceId: WorkspaceId, teams: readonly TeamId[]): Promise<UserId[]> {
  const { rows } = await sql<{ id: UserId }>`
    select distinct user_id as id from team_member where workspace_id = ${workspaceId} and team_id = any (${textArray(teams)}::uuid[])`.execute(
    tx,
  )
  return rows.map(({ id }) => id)
}
