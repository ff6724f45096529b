import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { ConversationId, UserId, WorkspaceId } from '../../lib/ids.ts'
import { type Reach, withinReach } from '../access/reach.ts'
import type { Doing } from './presence.ts'

export interface PageOfSomebody {
  readonly workspaceId: WorkspaceId
  readonly conversationId: ConversationId
  readonly userId: UserId
  readonly page: string
}

/** True when others would see something new. A page that is here already, and does the same, is only prolonged. */
export async function upsertPresence(tx: Tx, at: PageOfSomebody, doing: Doing, endsAt: Date, now: Date): Promise<boolean> {
  const { rows } = await sql<{ before: Doing | null }>`
    with before as (
      select doing from presence
       where workspace_id = ${at.workspaceId} and conversation_id = ${at.conversationId} and user_id = ${at.userId} and page = ${at.page}
         and ends_at > ${now}
    )
    insert into presence (workspace_id, conversation_id, user_id, page, doing, ends_at)
    values (${at.workspaceId}, ${at.conversationId}, ${at.userId}, ${at.page}, ${doing}, ${endsAt})
    on conflict (workspace_id, conversation_id, user_id, page) do update set doing = excluded.doing, ends_at = excluded.ends_at
    returning (select doing from before) as before`.execute(tx)
  return rows[0]?.before !== doing
}

export async function deletePresence(tx: Tx, at: PageOfSomebody): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from presence
     where workspace_id = ${at.workspaceId} and conversation_id = ${at.conversationId} and user_id = ${at.userId} and page = ${at.page}`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0) > 0
}

export interface PresenceRow {
  readonly conversationId: ConversationId
  readonly userId: UserId
  readonly isWriting: boolean
  readonly endsAt: Date
}

/** Each person once, whatever their number of pages. */
export async function selectPresence(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ConversationId,
  now: Date,
): Promise<PresenceRow[]> {
  const { rows } = await sql<PresenceRow>`
    select conversation_id as "conversationId", user_id as "userId", bool_or(doing = 'writing') as "isWriting", max(ends_at) as "endsAt"
      from presence
     where workspace_id = ${workspaceId} and conversation_id = ${id} and ends_at > ${now}
     group by conversation_id, user_id
     order by user_id limit 50`.execute(db)
  return rows
}

/** Of all conversations that may be reached. */
export async function selectPresenceWithin(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  reach: Reach,
  limit: number,
  now: Date,
): Promise<PresenceRow[]> {
  const { rows } = await sql<PresenceRow>`
    select p.conversation_id as "conversationId", p.user_id as "userId", bool_or(p.doing = 'writing') as "isWriting", max(p.ends_at) as "endsAt"
      from presence p
      join conversation c on c.workspace_id = p.workspace_id and c.id = p.conversation_id
     where p.workspace_id = ${workspaceId} and p.ends_at > ${now} and ${withinReach(reach, 'c')}
     group by p.conversation_id, p.user_id
     order by p.conversation_id, p.user_id limit ${limit}`.execute(db)
  return rows
}

export async function deleteEndedPresence(tx: Tx, limit: number, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from presence where (workspace_id, conversation_id, user_id, page) in (
      select workspace_id, conversation_id, user_id, page from presence where ends_at <= ${now} limit ${limit})`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
