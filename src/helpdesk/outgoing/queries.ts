import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { ConversationId, ItemId, WorkspaceId } from '../../lib/ids.ts'

export interface NewReference {
  readonly workspaceId: WorkspaceId
  readonly conversationId: ConversationId
  readonly itemId: ItemId
  readonly rfcId: string
  readonly source: 'outgoing' | 'notification'
}

export async function insertReference(
  tx: Tx,
  { workspaceId, rfcId, conversationId, itemId, source }: NewReference,
): Promise<void> {
  await sql`
    insert into conversation_reference (workspace_id, rfc_id, conversation_id, item_id, source)
    values (${workspaceId}, ${rfcId}, ${conversationId}, ${itemId}, ${source})
    on conflict do nothing`.execute(tx)
}
