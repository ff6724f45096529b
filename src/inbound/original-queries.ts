import { sql } from 'kysely'
import type { Db, Tx } from '../db/database.ts'
import type { InboundMailId, WorkspaceId } from '../lib/ids.ts'

export async function selectOriginalHash(db: Db | Tx, workspaceId: WorkspaceId, id: InboundMailId): Promise<string | null> {
  const { rows } = await sql<{ hash: string }>`
    select encode(hash, 'hex') as hash from inbound_mail where workspace_id = ${workspaceId} and id = ${id}`.execute(db)
  return rows[0]?.hash ?? null
}
