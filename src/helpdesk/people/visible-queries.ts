import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, ConversationId, UserId, WorkspaceId } from '../../lib/ids.ts'
import { type Reach, withinReach } from '../access/reach.ts'

/** Of these, whoever asked in a conversation that may be reached, or asked in none at all. Index: conversation_of_contact. */
export async function selectVisible(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  reach: Reach,
  ids: readonly ContactId[],
): Promise<Set<ContactId>> {
  const { rows } = await sql<{ id: ContactId }>`
    select w.id from unnest(${plainArray(ids)}::uuid[]) as w(id)
     where exists (select from conversation as c where c.workspace_id = ${workspaceId} and c.contact_id = w.id and ${withinReach(reach, 'c')})
        or not exists (select from conversation as c where c.workspace_id = ${workspaceId} and c.contact_id = w.id)`.execute(db)
  return new Set(rows.map(({ id }) => id))
}

/** What is open or pending and somebody's. Index: conversation_of_assignee. */
export async function selectHeldBy(tx: Tx, workspaceId: WorkspaceId, userId: UserId, limit: number): Promise<ConversationId[]> {
  const { rows } = await sql<{ id: ConversationId }>`
    select c.id from conversation as c
     where c.workspace_id = ${workspaceId} and c.assignee_id = ${userId} and c.status in ('open', 'pending') and c.deleted_at is null
       and c.merged_into is null
     limit ${limit}`.execute(tx)
  return rows.map(({ id }) => id)
}
