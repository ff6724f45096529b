import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Tx } from '../../db/database.ts'
import type { ConversationId, ItemId, WorkspaceId } from '../../lib/ids.ts'
import type { KnownBy } from './known-by.ts'

/** One statement for any number. */
export async function insertReferences(tx: Tx, workspaceId: WorkspaceId, rows: readonly KnownBy[]): Promise<void> {
  await sql`
    insert into conversation_reference (workspace_id, rfc_id, conversation_id, item_id, source)
    select ${workspaceId}::uuid, r.rfc_id, r.conversation_id, r.item_id, 'outgoing'
      from unnest(${textArray(rows.map(({ rfcId }) => rfcId))}::text[], ${plainArray(rows.map(({ conversationId }) => conversationId))}::uuid[],
                  ${plainArray(rows.map(({ itemId }) => itemId))}::uuid[]) as r (rfc_id, conversation_id, item_id)
    on conflict do nothing`.execute(tx)
}

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
