/** The mail behind a message of a conversation. */
import type { Db, Tx } from '../db/database.ts'
import type { InboundMailId, WorkspaceId } from '../lib/ids.ts'
import { selectOriginalHash } from './original-queries.ts'

/** The hash (hexadecimal) of its bytes as they came; null where it is not kept. */
export function originalOf(db: Db | Tx, workspaceId: WorkspaceId, id: InboundMailId): Promise<string | null> {
  return selectOriginalHash(db, workspaceId, id)
}
