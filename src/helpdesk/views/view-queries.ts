import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { UserId, WorkspaceId } from '../../lib/ids.ts'
import type { SavedView, ViewId } from './view.ts'

const VIEW = sql.raw(`v.id, v.user_id as "userId", v.name, v.filter, v.sort, v.created_by as "createdBy"`)

/** Shared ones first, each kind in the order that was chosen. */
export async function selectViews(db: Db | Tx, workspaceId: WorkspaceId, userId: UserId | null): Promise<SavedView[]> {
  const { rows } = await sql<SavedView>`
    select ${VIEW} from saved_view as v
     where v.workspace_id = ${workspaceId} and (v.user_id is null or v.user_id = ${userId}::uuid)
     order by v.user_id nulls first, v.position, v.id
     limit 200`.execute(db)
  return rows
}

export async function lockView(tx: Tx, workspaceId: WorkspaceId, userId: UserId | null, id: ViewId): Promise<SavedView | null> {
  const { rows } = await sql<SavedView>`
    select ${VIEW} from saved_view as v
     where v.workspace_id = ${workspaceId} and v.id = ${id} and (v.user_id is null or v.user_id = ${userId}::uuid) for update`.execute(
    tx,
  )
  return rows[0] ?? null
}

export async function insertView(tx: Tx, workspaceId: WorkspaceId, view: SavedView, now: Date): Promise<void> {
  await sql`
    insert into saved_view (workspace_id, id, user_id, name, filter, sort, position, created_by, created_at, updated_at)
    select ${workspaceId}, ${view.id}, ${view.userId}, ${view.name}, ${JSON.stringify(view.filter)}::jsonb, ${view.sort},
           coalesce((select max(v.position) + 1 from saved_view as v where v.workspace_id = ${workspaceId} and v.user_id is not distinct from ${view.userId}::uuid), 0),
           ${view.createdBy}, ${now}, ${now}`.execute(tx)
}

export async function updateView(tx: Tx, workspaceId: WorkspaceId, view: SavedView, now: Date): Promise<void> {
  await sql`
    update saved_view set user_id = ${view.userId}, name = ${view.name}, filter = ${JSON.stringify(view.filter)}::jsonb, sort = ${view.sort}, updated_at = ${now}
     where workspace_id = ${workspaceId} and id = ${view.id}`.execute(tx)
}

export async function deleteView(tx: Tx, workspaceId: WorkspaceId, id: ViewId): Promise<void> {
  await sql`delete from saved_view where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** These first, in this order; others keep theirs behind them. */
export async function orderViews(tx: Tx, workspaceId: WorkspaceId, ids: readonly ViewId[]): Promise<void> {
  await sql`
    update saved_view as v set position = chosen.position
      from unnest(${plainArray(ids)}::uuid[]) with ordinality as chosen(id, position)
     where v.workspace_id = ${workspaceId} and v.id = chosen.id`.execute(tx)
}
