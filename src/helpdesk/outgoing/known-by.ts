import type { Tx } from '../../db/database.ts'
import type { ConversationId, ItemId, WorkspaceId } from '../../lib/ids.ts'
import { insertReferences } from './queries.ts'

/** A mail that we sent by another road, and the conversation that its first answer began. */
export interface KnownBy {
  readonly conversationId: ConversationId
  readonly itemId: ItemId
  /** Its Message-ID, with angle brackets. */
  readonly rfcId: string
}

/** From now on whatever answers these mails belongs to these conversations. */
export async function knowBy(tx: Tx, workspaceId: WorkspaceId, rows: readonly KnownBy[]): Promise<void> {
  if (rows.length > 0) await insertReferences(tx, workspaceId, rows)
}
