/** Statements about who and what stands beside a conversation: links, participants, followers, stars. */
import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, ConversationId, UserId, WorkspaceId } from '../../lib/ids.ts'
import { type Reach, withinReach } from '../access/reach.ts'
import type { ConversationStatus } from '../conversation.ts'

export const LINK_KINDS = ['related', 'split', 'clone', 'forward'] as const
export type LinkKind = (typeof LINK_KINDS)[number]

/** `a` came first: of a split, what was split. */
export interface Link {
  readonly workspaceId: WorkspaceId
  readonly a: ConversationId
  readonly b: ConversationId
  readonly kind: LinkKind
}

/** False: they are linked already, in one direction or the other. */
export async function insertLink(tx: Tx, { workspaceId, a, b, kind }: Link, now: Date): Promise<boolean> {
  const { rows } = await sql<{ a: string }>`
    insert into conversation_link (workspace_id, a, b, kind, created_at)
    select ${workspaceId}::uuid, ${a}::uuid, ${b}::uuid, ${kind}::text, ${now}::timestamptz
     where not exists (select from conversation_link where workspace_id = ${workspaceId} and a = ${b} and b = ${a})
    on conflict do nothing returning a`.execute(tx)
  return rows.length > 0
}

export async function deleteLink(tx: Tx, workspaceId: WorkspaceId, one: ConversationId, other: ConversationId): Promise<boolean> {
  const { rows } = await sql<{ a: string }>`
    delete from conversation_link
     where workspace_id = ${workspaceId} and (a, b) in ((${one}::uuid, ${other}::uuid), (${other}::uuid, ${one}::uuid)) returning a`.execute(
    tx,
  )
  return rows.length > 0
}

export async function countLinks(tx: Tx, workspaceId: WorkspaceId, id: ConversationId): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from conversation_link where workspace_id = ${workspaceId} and (a = ${id} or b = ${id})`.execute(tx)
  return rows[0]?.n ?? 0
}

export interface Linked {
  readonly id: ConversationId
  readonly number: number
  readonly subject: string
  readonly status: ConversationStatus
  readonly kind: LinkKind
  /** It came from the one that is looked at. */
  readonly isFrom: boolean
}

/** Those that the reader may reach; a chain of merging is not followed: what is part of another shows where it went by itself. */
export async function selectLinked(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ConversationId,
  reach: Reach,
  limit: number,
): Promise<Linked[]> {
  const { rows } = await sql<Linked>`
    select conversation.id, conversation.number::float8 as number, conversation.subject, conversation.status, l.kind, l.a = ${id} as "isFrom"
      from conversation_link as l
      join conversation on conversation.workspace_id = l.workspace_id and conversation.id = case when l.a = ${id} then l.b else l.a end
     where l.workspace_id = ${workspaceId} and (l.a = ${id} or l.b = ${id}) and conversation.deleted_at is null and ${withinReach(reach)}
     order by l.created_at desc limit ${limit}`.execute(db)
  return rows
}

export interface Participant {
  readonly address: string
  readonly name: string
  readonly contactId: ContactId | null
  readonly isRemoved: boolean
}

/** At most `limit`: a mail to a thousand must not fill the page. */
export async function selectParticipants(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ConversationId,
  limit: number,
): Promise<Participant[]> {
  const { rows } = await sql<Participant>`
    select address, name, contact_id as "contactId", is_removed as "isRemoved"
      from conversation_participant
     where workspace_id = ${workspaceId} and conversation_id = ${id}
     order by is_removed, added_at, address limit ${limit}`.execute(db)
  return rows
}

/** Puts somebody in, or back in. False: they were in already. */
export async function upsertParticipant(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: ConversationId,
  person: { readonly address: string; readonly name: string; readonly contactId: ContactId | null; readonly isRemoved: boolean },
  now: Date,
): Promise<boolean> {
  const { rows } = await sql<{ address: string }>`
    insert into conversation_participant as p (workspace_id, conversation_id, address, name, contact_id, is_removed, added_at)
    values (${workspaceId}, ${id}, ${person.address}, ${person.name}, ${person.contactId}, ${person.isRemoved}, ${now})
    on conflict (workspace_id, conversation_id, address) do update set is_removed = excluded.is_removed
      where p.is_removed <> excluded.is_removed
    returning address`.execute(tx)
  return rows.length > 0
}

export async function copyParticipantRows(
  tx: Tx,
  workspaceId: WorkspaceId,
  from: ConversationId,
  to: ConversationId,
): Promise<void> {
  await sql`
    insert into conversation_participant (workspace_id, conversation_id, address, name, contact_id, is_removed, added_at)
    select workspace_id, ${to}::uuid, address, name, contact_id, is_removed, added_at
      from conversation_participant where workspace_id = ${workspaceId} and conversation_id = ${from}`.execute(tx)
}

/** What is known of an address: what to warn of before it is written to. */
export async function selectKnown(
  tx: Tx,
  workspaceId: WorkspaceId,
  address: string,
): Promise<{ readonly inbox: string | null; readonly isAgentAddress: boolean }> {
  const { rows } = await sql<{ inbox: string | null; isAgentAddress: boolean }>`
    select (select i.name from inbox_address as a join inbox as i on i.workspace_id = a.workspace_id and i.id = a.inbox_id
             where a.workspace_id = ${workspaceId} and a.address = ${address}) as inbox,
           exists (select from agent_address where workspace_id = ${workspaceId} and address = ${address}) as "isAgentAddress"`.execute(
    tx,
  )
  return rows[0] ?? { inbox: null, isAgentAddress: false }
}

export async function selectFollowers(db: Db | Tx, workspaceId: WorkspaceId, id: ConversationId): Promise<UserId[]> {
  const { rows } = await sql<{ id: UserId }>`
    select user_id as id from conversation_follower where workspace_id = ${workspaceId} and conversation_id = ${id} order by user_id`.execute(
    db,
  )
  return rows.map((row) => row.id)
}

/** False: it was so already. */
export async function setFollower(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: ConversationId,
  userId: UserId,
  follows: boolean,
): Promise<boolean> {
  const { rows } = follows
    ? await sql`
        insert into conversation_follower (workspace_id, conversation_id, user_id) values (${workspaceId}, ${id}, ${userId})
        on conflict do nothing returning user_id`.execute(tx)
    : await sql`
        delete from conversation_follower
         where workspace_id = ${workspaceId} and conversation_id = ${id} and user_id = ${userId} returning user_id`.execute(tx)
  return rows.length > 0
}

export async function setStar(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: ConversationId,
  userId: UserId,
  isStarred: boolean,
  now: Date,
): Promise<void> {
  await (isStarred
    ? sql`
        insert into conversation_star (workspace_id, user_id, conversation_id, starred_at) values (${workspaceId}, ${userId}, ${id}, ${now})
        on conflict do nothing`
    : sql`
        delete from conversation_star where workspace_id = ${workspaceId} and user_id = ${userId} and conversation_id = ${id}`
  ).execute(tx)
}

export async function hasStar(db: Db | Tx, workspaceId: WorkspaceId, id: ConversationId, userId: UserId): Promise<boolean> {
  const { rows } = await sql`
    select 1 from conversation_star where workspace_id = ${workspaceId} and user_id = ${userId} and conversation_id = ${id}`.execute(
    db,
  )
  return rows.length > 0
}
