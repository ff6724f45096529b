import { sql } from 'kysely'
import { textArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { ContactField } from './custom-data.ts'

const FIELD = sql.raw(`key, label, type, options, is_required as "isRequired", position`)

export async function selectFields(db: Db | Tx, workspaceId: WorkspaceId): Promise<ContactField[]> {
  const { rows } = await sql<ContactField>`
    select ${FIELD} from contact_field where workspace_id = ${workspaceId} order by position, lower(label), key`.execute(db)
  return rows
}

export async function upsertField(tx: Tx, workspaceId: WorkspaceId, field: ContactField, now: Date): Promise<void> {
  await sql`
    insert into contact_field (workspace_id, key, label, type, options, is_required, position, created_at, updated_at)
    values (${workspaceId}, ${field.key}, ${field.label}, ${field.type}, ${textArray(field.options)}::text[], ${field.isRequired}, ${field.position},
            ${now}, ${now})
    on conflict (workspace_id, key) do update
      set label = excluded.label, options = excluded.options, is_required = excluded.is_required, position = excluded.position,
          updated_at = excluded.updated_at`.execute(tx)
}

export async function deleteField(tx: Tx, workspaceId: WorkspaceId, key: string): Promise<boolean> {
  const { rows } =
    await sql`delete from contact_field where workspace_id = ${workspaceId} and key = ${key} returning key`.execute(tx)
  return rows.length > 0
}
