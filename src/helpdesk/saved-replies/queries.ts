import { sql } from 'kysely'
import { textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { SavedReply, SavedReplyId } from './saved-reply.ts'

export async function selectSavedReplies(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<SavedReply[]> {
  const { rows } = await sql<SavedReply>`
    select workspace_id as "workspaceId", id, parent_id as "parentId", inbox_id as "inboxId", is_folder as "isFolder", name, html, uploads, position,
           created_at as "createdAt", updated_at as "updatedAt"
      from saved_reply where workspace_id = ${workspaceId}
     order by position, lower(name), id limit ${limit}`.execute(db)
  return rows
}

export async function insertSavedReply(tx: Tx, r: SavedReply): Promise<void> {
  await sql`
    insert into saved_reply (workspace_id, id, parent_id, inbox_id, is_folder, name, html, uploads, position, created_at, updated_at)
    values (${r.workspaceId}, ${r.id}, ${r.parentId}, ${r.inboxId}, ${r.isFolder}, ${r.name}, ${r.html}, ${textArray(r.uploads)}::uuid[], ${r.position},
            ${r.createdAt}, ${r.updatedAt})`.execute(tx)
}

export async function updateSavedReply(tx: Tx, r: SavedReply): Promise<void> {
  await sql`
    update saved_reply
       set parent_id = ${r.parentId}, inbox_id = ${r.inboxId}, name = ${r.name}, html = ${r.html}, uploads = ${textArray(r.uploads)}::uuid[],
           position = ${r.position}, updated_at = ${r.updatedAt}
     where workspace_id = ${r.workspaceId} and id = ${r.id}`.execute(tx)
}

/** With everything in it. */
export async function deleteSavedReply(tx: Tx, workspaceId: WorkspaceId, id: SavedReplyId): Promise<void> {
  await sql`delete from saved_reply where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}
