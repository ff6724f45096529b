import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { ConversationId, InboundMailId, ItemId, WorkspaceId } from '../../lib/ids.ts'

interface ComeBy {
  readonly conversationId: ConversationId
  readonly from: string
  /** Nothing was said after it. */
  readonly isLast: boolean
  /** Nothing else was said. */
  readonly isAlone: boolean
  /** Somebody writes there. */
  readonly hasDraft: boolean
}

/** An item that a mail became. */
export async function selectComeBy(
  tx: Tx,
  workspaceId: WorkspaceId,
  itemId: ItemId,
  inboundId: InboundMailId,
): Promise<ComeBy | null> {
  const { rows } = await sql<ComeBy>`
    select i.conversation_id as "conversationId", coalesce(nullif(i.from_name, ''), i.from_address) as "from",
           not exists (select from conversation_item as o
                        where o.workspace_id = i.workspace_id and o.conversation_id = i.conversation_id and o.id > i.id and o.kind <> 'activity') as "isLast",
           not exists (select from conversation_item as o
                        where o.workspace_id = i.workspace_id and o.conversation_id = i.conversation_id and o.id <> i.id and o.kind <> 'activity') as "isAlone",
           exists (select from conversation_draft as d where d.workspace_id = i.workspace_id and d.conversation_id = i.conversation_id) as "hasDraft"
      from conversation_item as i
     where i.workspace_id = ${workspaceId} and i.id = ${itemId} and i.inbound_id = ${inboundId}`.execute(tx)
  return rows[0] ?? null
}

/** With what hangs on it, and those who took part from the moment on in which it came and nobody named since. */
export async function deleteItem(
  tx: Tx,
  workspaceId: WorkspaceId,
  conversationId: ConversationId,
  itemId: ItemId,
): Promise<void> {
  await sql`
    with file as (
      delete from conversation_file where workspace_id = ${workspaceId} and item_id = ${itemId}
    ), version as (
      delete from conversation_item_version where workspace_id = ${workspaceId} and item_id = ${itemId}
    ), reference as (
      delete from conversation_reference where workspace_id = ${workspaceId} and conversation_id = ${conversationId} and item_id = ${itemId}
    ), gone as (
      delete from conversation_item where workspace_id = ${workspaceId} and conversation_id = ${conversationId} and id = ${itemId}
      returning created_at
    )
    delete from conversation_participant as p using gone
     where p.workspace_id = ${workspaceId} and p.conversation_id = ${conversationId} and p.added_at = gone.created_at and not p.is_removed`.execute(
    tx,
  )
}
