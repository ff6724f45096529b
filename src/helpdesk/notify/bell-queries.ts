import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { ConversationId, ItemId, UserId, WorkspaceId } from '../../lib/ids.ts'
import { type Reach, withinReach } from '../access/reach.ts'
import type { ItemKind } from '../item.ts'
import type { CauseEvent } from './cause.ts'
import type { Reason } from './matrix.ts'
import type { NotificationId } from './queries.ts'

export interface BellRow {
  readonly id: NotificationId
  readonly conversationId: ConversationId
  readonly number: number
  readonly subject: string
  readonly inbox: string
  readonly itemId: ItemId | null
  readonly kind: ItemKind | null
  readonly event: CauseEvent
  readonly reason: Reason
  readonly actorId: UserId | null
  /** The customer. */
  readonly writer: string
  /** The beginning of what was written. */
  readonly preview: string
  readonly createdAt: Date
  readonly readAt: Date | null
  /** How many conversations it tells of. */
  readonly count: number
}

export async function selectBell(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  userId: UserId,
  reach: Reach,
  { onlyUnread, after, limit }: { onlyUnread: boolean; after: string | null; limit: number },
): Promise<BellRow[]> {
  const { rows } = await sql<BellRow>`
    select n.id, n.conversation_id as "conversationId", c.number::float8 as number, c.subject, i.name as inbox, n.item_id as "itemId", w.kind,
           n.event, n.reason, n.actor_id as "actorId", coalesce(nullif(w.from_name, ''), nullif(w.from_address, ''), c.requester) as writer,
           coalesce(left(w.body_text, 300), '') as preview, n.created_at as "createdAt", n.read_at as "readAt",
           1 + cardinality(n.others) as count
      from notification n
      join conversation c on c.workspace_id = n.workspace_id and c.id = n.conversation_id
      join inbox i on i.workspace_id = c.workspace_id and i.id = c.inbox_id
      left join conversation_item w on w.workspace_id = n.workspace_id and w.id = n.item_id
     where n.workspace_id = ${workspaceId} and n.user_id = ${userId} and n.in_app and (${after}::uuid is null or n.id < ${after}::uuid)
       and (not ${onlyUnread} or n.read_at is null) and ${withinReach(reach, 'c')}
     order by n.id desc limit ${limit}`.execute(db)
  return rows
}

export async function countUnread(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  userId: UserId,
  reach: Reach,
  limit: number,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from (
      select 1 from notification n
        join conversation c on c.workspace_id = n.workspace_id and c.id = n.conversation_id
       where n.workspace_id = ${workspaceId} and n.user_id = ${userId} and n.in_app and n.read_at is null and ${withinReach(reach, 'c')}
       limit ${limit}) as unread`.execute(db)
  return rows[0]?.n ?? 0
}

export async function markRead(
  tx: Tx,
  workspaceId: WorkspaceId,
  userId: UserId,
  { ids, conversationId }: { readonly ids?: readonly NotificationId[]; readonly conversationId?: ConversationId },
  now: Date,
): Promise<number> {
  const { numAffectedRows } = await sql`
    update notification set read_at = ${now}
     where workspace_id = ${workspaceId} and user_id = ${userId} and in_app and read_at is null
       and (${ids ?? null}::uuid[] is null or id = any(${ids ?? null}::uuid[]))
       and (${conversationId ?? null}::uuid is null or conversation_id = ${conversationId ?? null}::uuid)`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

export async function deleteOldNotifications(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from notification where (workspace_id, id) in (
      select workspace_id, id from notification where created_at < ${before} limit ${limit})`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
