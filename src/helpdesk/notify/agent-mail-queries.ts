import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { ConversationId, InboundMailId, ItemId, UserId, WorkspaceId } from '../../lib/ids.ts'

export interface AnsweredNotification {
  readonly userId: UserId
  readonly conversationId: ConversationId
  readonly createdAt: Date
  readonly count: number
}

/** Of this workspace only: a token of another means nothing here. */
export async function selectNotification(tx: Tx, workspaceId: WorkspaceId, id: string): Promise<AnsweredNotification | null> {
  const { rows } = await sql<AnsweredNotification>`
    select user_id as "userId", conversation_id as "conversationId", created_at as "createdAt", 1 + cardinality(others) as count
      from notification where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
  return rows[0] ?? null
}

/** Where what was written came from. */
export async function markItem(
  tx: Tx,
  workspaceId: WorkspaceId,
  itemId: ItemId,
  { inboundId, matchedBy, authentication }: { inboundId: InboundMailId; matchedBy: string; authentication: unknown },
): Promise<void> {
  await sql`
    update conversation_item
       set inbound_id = ${inboundId}, matched_by = ${matchedBy},
           authentication = ${authentication === null ? null : JSON.stringify(authentication)}::jsonb
     where workspace_id = ${workspaceId} and id = ${itemId}`.execute(tx)
}

/** Who was taken out of a conversation, in lower case: an answer does not bring them back. */
export async function selectRemoved(tx: Tx, workspaceId: WorkspaceId, conversationId: ConversationId): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    select lower(address) as address from conversation_participant
     where workspace_id = ${workspaceId} and conversation_id = ${conversationId} and is_removed`.execute(tx)
  return rows.map(({ address }) => address)
}
