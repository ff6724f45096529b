import { sql } from 'kysely'
import { textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'

export interface KnownRow {
  readonly address: string
  readonly roles: readonly string[]
  readonly notedAt: Date
}

export async function selectKnown(db: Db | Tx, workspaceId: WorkspaceId): Promise<KnownRow[]> {
  const { rows } = await sql<KnownRow>`
    select address, roles, noted_at as "notedAt" from known_collision where workspace_id = ${workspaceId}`.execute(db)
  return rows
}

export async function upsertKnown(
  tx: Tx,
  workspaceId: WorkspaceId,
  { address, roles, actor }: { readonly address: string; readonly roles: readonly string[]; readonly actor: string },
  now: Date,
): Promise<void> {
  await sql`
    insert into known_collision (workspace_id, address, roles, actor, noted_at)
    values (${workspaceId}, ${address}, ${textArray(roles)}::text[], ${actor}, ${now})
        on conflict (workspace_id, address) do update set roles = excluded.roles, actor = excluded.actor, noted_at = excluded.noted_at`.execute(
    tx,
  )
}

export async function deleteKnown(tx: Tx, workspaceId: WorkspaceId, address: string): Promise<void> {
  await sql`delete from known_collision where workspace_id = ${workspaceId} and address = ${address}`.execute(tx)
}

/** Workspaces that have anybody to collide with: those without an inbox have no conversations. */
export async function workspacesWithInboxes(db: Db): Promise<WorkspaceId[]> {
  const { rows } = await sql<{ id: WorkspaceId }>`select distinct workspace_id as id from inbox order by 1`.execute(db)
  return rows.map(({ id }) => id)
}
