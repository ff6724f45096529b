import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ConversationId, InboxId, UserId, WorkspaceId } from '../../lib/ids.ts'
import type { AccessLevel } from '../access/reach.ts'
import type { Inbox } from '../inbox.ts'
import { json } from '../queries.ts'

export async function upsertInbox(tx: Tx, i: Inbox): Promise<void> {
  await sql`
    insert into inbox (workspace_id, id, name, slug, address, from_name, route_id, signature, status_after_reply, assign_on_reply, default_assignee,
                       default_team, auto_bcc, auto_reply, undo_seconds, subject_tag, plus_address, no_match, no_match_answer, no_match_alert,
                       sent_mailbox_id, sent_folder, restricted, closed_at, created_at, updated_at)
    values (${i.workspaceId}, ${i.id}, ${i.name}, ${i.slug}, ${i.address}, ${i.fromName}, ${i.routeId}, ${i.signature}, ${i.statusAfterReply},
            ${i.assignOnReply}, ${i.defaultAssignee}, ${i.defaultTeam}, ${textArray(i.autoBcc)}::text[], ${json(i.autoReply)}, ${i.undoSeconds},
            ${i.subjectTag}, ${i.plusAddress}, ${i.noMatch}, ${json(i.noMatchAnswer)}, ${i.noMatchAlert}, ${i.sentCopy?.mailboxId ?? null},
            ${i.sentCopy?.folder ?? null}, ${i.restricted}, ${i.closedAt}, ${i.createdAt}, ${i.updatedAt})
        on conflict (workspace_id, id) do update
       set name = excluded.name, address = excluded.address, from_name = excluded.from_name, route_id = excluded.route_id,
           signature = excluded.signature, status_after_reply = excluded.status_after_reply, assign_on_reply = excluded.assign_on_reply,
           default_assignee = excluded.default_assignee, default_team = excluded.default_team, auto_bcc = excluded.auto_bcc,
           auto_reply = excluded.auto_reply, undo_seconds = excluded.undo_seconds, subject_tag = excluded.subject_tag,
           plus_address = excluded.plus_address, no_match = excluded.no_match, no_match_answer = excluded.no_match_answer,
           no_match_alert = excluded.no_match_alert, sent_mailbox_id = excluded.sent_mailbox_id, sent_folder = excluded.sent_folder,
           restricted = excluded.restricted, closed_at = excluded.closed_at, updated_at = excluded.updated_at`.execute(tx)
}

export async function replaceAddresses(tx: Tx, { workspaceId, id, addresses, updatedAt }: Inbox): Promise<void> {
  const written = addresses.map(({ address }) => address)
  await sql`
    delete from inbox_address
     where workspace_id = ${workspaceId} and inbox_id = ${id} and address <> all (${textArray(written)}::text[])`.execute(tx)
  await sql`
    insert into inbox_address (workspace_id, address, inbox_id, may_send, created_at)
    select ${workspaceId}::uuid, a.address, ${id}::uuid, a.may_send, ${updatedAt}::timestamptz
      from unnest(${textArray(written)}::text[], ${plainArray(addresses.map(({ maySend }) => String(maySend)))}::boolean[]) as a(address, may_send)
        on conflict (workspace_id, address) do update set may_send = excluded.may_send where inbox_address.inbox_id = excluded.inbox_id`.execute(
    tx,
  )
}

export async function deleteInbox(tx: Tx, workspaceId: WorkspaceId, id: InboxId): Promise<void> {
  await sql`delete from inbox where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** Deleted and merged ones too: as long as one is there, the inbox is not empty. Asked in two halves, since each has its index. */
export async function hasConversations(tx: Tx, workspaceId: WorkspaceId, id: InboxId): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select exists (select from conversation where workspace_id = ${workspaceId} and inbox_id = ${id} and deleted_at is null)
        or exists (select from conversation where workspace_id = ${workspaceId} and inbox_id = ${id} and deleted_at is not null) as found`.execute(
    tx,
  )
  return rows[0]?.found === true
}

/** Roughly how many there are, by the counts that are kept; nothing is counted over all rows. */
export async function countedConversations(tx: Tx, workspaceId: WorkspaceId, id: InboxId): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select coalesce(sum(n), 0)::float8 as n from conversation_count where workspace_id = ${workspaceId} and inbox_id = ${id}`.execute(
    tx,
  )
  return rows[0]?.n ?? 0
}

export interface MovedConversation {
  readonly id: ConversationId
  readonly number: number
}

export interface SomeToMove {
  readonly workspaceId: WorkspaceId
  readonly from: InboxId
  readonly to: InboxId
  /** Which half: those in the bin, or the others. */
  readonly isDeleted: boolean
  readonly limit: number
}

/** The next conversations of an inbox go to another. Skips nothing: whoever holds one is waited for. */
export async function moveSome(
  tx: Tx,
  { workspaceId, from, to, isDeleted, limit }: SomeToMove,
  now: Date,
): Promise<MovedConversation[]> {
  const half = isDeleted ? sql`deleted_at is not null` : sql`deleted_at is null`
  const { rows } = await sql<MovedConversation>`
    with chosen as (
      select id from conversation where workspace_id = ${workspaceId} and inbox_id = ${from} and ${half} limit ${limit} for update
    )
    update conversation as c set inbox_id = ${to}, updated_at = ${now}
      from chosen where c.workspace_id = ${workspaceId} and c.id = chosen.id
    returning c.id, c.number::float8 as number`.execute(tx)
  return rows
}

export async function insertMoves(
  tx: Tx,
  workspaceId: WorkspaceId,
  moves: readonly { readonly conversationId: ConversationId; readonly itemId: string }[],
  { userId, activity }: { readonly userId: UserId | null; readonly activity: unknown },
  now: Date,
): Promise<void> {
  await sql`
    insert into conversation_item (workspace_id, conversation_id, id, kind, user_id, activity, created_at)
    select ${workspaceId}::uuid, m.conversation, m.item, 'activity', ${userId}::uuid, ${json(activity)}, ${now}::timestamptz
      from unnest(${plainArray(moves.map((move) => move.conversationId))}::uuid[], ${plainArray(moves.map((move) => move.itemId))}::uuid[])
           as m(conversation, item)`.execute(tx)
}

export interface AddressOwner {
  readonly address: string
  readonly inboxId: InboxId
  readonly inbox: string
}

export async function inboxesOfAddresses(
  tx: Db | Tx,
  workspaceId: WorkspaceId,
  addresses: readonly string[],
): Promise<AddressOwner[]> {
  const { rows } = await sql<AddressOwner>`
    select a.address, a.inbox_id as "inboxId", i.name as inbox
      from inbox_address a join inbox i on i.workspace_id = a.workspace_id and i.id = a.inbox_id
     where a.workspace_id = ${workspaceId} and a.address = any (${textArray(addresses)}::text[])`.execute(tx)
  return rows
}

export interface OpenCount {
  readonly inboxId: InboxId
  readonly open: number
  readonly unassigned: number
  /** In any state. */
  readonly total: number
}

/** Of every inbox, what is open and what of it is nobody's. */
export async function openCounts(tx: Db | Tx, workspaceId: WorkspaceId): Promise<OpenCount[]> {
  const { rows } = await sql<OpenCount>`
    select inbox_id as "inboxId", coalesce(sum(n) filter (where status = 'open'), 0)::float8 as open,
           coalesce(sum(n) filter (where status = 'open' and assignee_id is null), 0)::float8 as unassigned, sum(n)::float8 as total
      from conversation_count
     where workspace_id = ${workspaceId}
     group by inbox_id`.execute(tx)
  return rows
}

export interface AccessRow {
  readonly userId: UserId
  readonly level: AccessLevel
}

export async function selectAccess(tx: Db | Tx, workspaceId: WorkspaceId, id: InboxId): Promise<AccessRow[]> {
  const { rows } = await sql<AccessRow>`
    select user_id as "userId", level from inbox_access where workspace_id = ${workspaceId} and inbox_id = ${id} order by user_id`.execute(
    tx,
  )
  return rows
}

export async function replaceAccess(tx: Tx, workspaceId: WorkspaceId, id: InboxId, access: readonly AccessRow[]): Promise<void> {
  const users = plainArray(access.map(({ userId }) => userId))
  await sql`
    delete from inbox_access
     where workspace_id = ${workspaceId} and inbox_id = ${id} and user_id <> all (${users}::uuid[])`.execute(tx)
  await sql`
    insert into inbox_access (workspace_id, inbox_id, user_id, level)
    select ${workspaceId}::uuid, ${id}::uuid, a.user_id, a.level
      from unnest(${users}::uuid[], ${textArray(access.map(({ level }) => level))}::text[]) as a(user_id, level)
        on conflict (workspace_id, inbox_id, user_id) do update set level = excluded.level`.execute(tx)
}

/** Levels of people, by inbox. */
export async function levelsOfInboxes(tx: Db | Tx, workspaceId: WorkspaceId): Promise<Map<InboxId, Map<UserId, AccessLevel>>> {
  const { rows } = await sql<AccessRow & { inboxId: InboxId }>`
    select inbox_id as "inboxId", user_id as "userId", level from inbox_access where workspace_id = ${workspaceId}`.execute(tx)
  const levels = new Map<InboxId, Map<UserId, AccessLevel>>()
  for (const { inboxId, userId, level } of rows) levels.set(inboxId, (levels.get(inboxId) ?? new Map()).set(userId, level))
  return levels
}
