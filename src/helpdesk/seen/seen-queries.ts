/** Who has read what: up to where somebody knows everything, and what they looked at since (migrations/0039). */
import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ConversationId, UserId, WorkspaceId } from '../../lib/ids.ts'

/** `through` null: everything that is in them now. */
export async function upsertSeen(
  tx: Tx,
  workspaceId: WorkspaceId,
  userId: UserId,
  ids: readonly ConversationId[],
  through: Date | null,
): Promise<void> {
  await sql`
    insert into conversation_seen (workspace_id, user_id, conversation_id, seen_at)
    select r.workspace_id, r.user_id, c.id, least(c.last_at, coalesce(${through}::timestamptz, c.last_at))
      from conversation_reader as r
      join conversation as c on c.workspace_id = r.workspace_id and c.id = any (${plainArray(ids)}::uuid[])
     where r.workspace_id = ${workspaceId} and r.user_id = ${userId}
     order by c.id
        on conflict (workspace_id, conversation_id, user_id) do update
           set seen_at = greatest(conversation_seen.seen_at, excluded.seen_at), is_marked = false`.execute(tx)
}

export async function markUnseen(
  tx: Tx,
  workspaceId: WorkspaceId,
  userId: UserId,
  ids: readonly ConversationId[],
): Promise<void> {
  await sql`
    insert into conversation_seen (workspace_id, user_id, conversation_id, seen_at, is_marked)
    select r.workspace_id, r.user_id, c.id, c.last_at, true
      from conversation_reader as r
      join conversation as c on c.workspace_id = r.workspace_id and c.id = any (${plainArray(ids)}::uuid[])
     where r.workspace_id = ${workspaceId} and r.user_id = ${userId}
     order by c.id
        on conflict (workspace_id, conversation_id, user_id) do update set is_marked = true`.execute(tx)
}

/** From here on nothing that was said is news; what was kept of single conversations says nothing more. */
export async function updateReadBefore(tx: Tx, workspaceId: WorkspaceId, userId: UserId, now: Date): Promise<void> {
  await sql`update conversation_reader set read_before = ${now} where workspace_id = ${workspaceId} and user_id = ${userId}`.execute(
    tx,
  )
  await sql`delete from conversation_seen where workspace_id = ${workspaceId} and user_id = ${userId} and seen_at <= ${now}`.execute(
    tx,
  )
}

/** What somebody marked, newest marks of conversations first; further than this nobody keeps them in mind. */
const MAX_MARKED = 1_000

export async function selectMarkedUnseen(db: Db | Tx, workspaceId: WorkspaceId, userId: UserId): Promise<ConversationId[]> {
  const { rows } = await sql<{ id: ConversationId }>`
    select conversation_id as id from conversation_seen
     where workspace_id = ${workspaceId} and user_id = ${userId} and is_marked
     order by conversation_id desc limit ${sql.lit(MAX_MARKED)}`.execute(db)
  return rows.map(({ id }) => id)
}

/** Conditions on a conversation `c`, of one reader. */
export const unread = {
  /** Something was said since they looked, in what is open or pending. The bound is one value, so that a walk along an index ends there. */
  news: (workspaceId: WorkspaceId, userId: UserId): RawBuilder<boolean> => sql<boolean>`
    (c.status in ('open', 'pending')
     and c.last_at > coalesce((select r.read_before from conversation_reader as r where r.workspace_id = ${workspaceId} and r.user_id = ${userId}), 'infinity')
     and not exists (select from conversation_seen as s
                      where s.workspace_id = ${workspaceId} and s.user_id = ${userId} and s.conversation_id = c.id and (s.seen_at >= c.last_at or s.is_marked)))`,
  marked: (workspaceId: WorkspaceId, userId: UserId): RawBuilder<boolean> => sql<boolean>`
    exists (select from conversation_seen as m
             where m.workspace_id = ${workspaceId} and m.user_id = ${userId} and m.conversation_id = c.id and m.is_marked)`,
} as const

/** What no longer tells anything: of conversations that have ended, whose next message is news to everybody. */
export async function deleteOldSeen(tx: Tx, before: Date, limit: number): Promise<number> {
  const { rows } = await sql`
    with old as (
      select s.workspace_id, s.user_id, s.conversation_id
        from conversation_seen as s
        join conversation as c on c.workspace_id = s.workspace_id and c.id = s.conversation_id
       where s.seen_at < ${before} and not s.is_marked and c.status not in ('open', 'pending')
       order by s.seen_at limit ${limit}
    )
    delete from conversation_seen as s using old
     where s.workspace_id = old.workspace_id and s.user_id = old.user_id and s.conversation_id = old.conversation_id
    returning 1`.execute(tx)
  return rows.length
}
