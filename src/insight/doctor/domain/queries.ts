import { sql } from 'kysely'
import type { Db, Tx } from '../../../db/database.ts'
import type { WorkspaceId } from '../../../lib/ids.ts'

/** The content of the last bulk mail of a domain since `floor`, an id as it would have been made then. */
export async function selectLastBulk(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  fromDomain: string,
  floor: string,
): Promise<string | null> {
  const { rows } = await sql<{ hash: string }>`
    select encode(content_hash, 'hex') as hash
      from message
     where workspace_id = ${workspaceId} and id >= ${floor} and stream = 'bulk' and from_domain = ${fromDomain} and mailing_id is null
     order by id desc
     limit 1`.execute(db)
  return rows[0]?.hash ?? null
}
