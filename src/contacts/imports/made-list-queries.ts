import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { ContactList } from '../lists.ts'

/** What of people's own makes a list more than an import's. No index serves this: it is asked once a list, when an import is undone. */
export async function selectUsesOfList(
  tx: Tx,
  workspaceId: WorkspaceId,
  { id, createdAt, updatedAt }: ContactList,
  importId: string,
) {
  const { rows } = await sql<{ people: number; isSaidElsewhere: boolean; segments: string[]; works: number }>`
    select (select count(*)::int from list_member where workspace_id = ${workspaceId} and list_id = ${id}) as people,
           exists (select from consent_event where workspace_id = ${workspaceId} and list_id = ${id} and source_id is distinct from ${importId}::text)
             as "isSaidElsewhere",
           array(select name from segment where workspace_id = ${workspaceId} and position(${id}::text in tree::text) > 0 order by lower(name) limit 20) as segments,
           (select count(*)::int from import_batch
             where workspace_id = ${workspaceId} and id <> ${importId}::uuid and state not in ('undone', 'failed', 'discarded')
               and position(${id}::text in settings::text) > 0)
           + (select count(*)::int from contact_act
               where workspace_id = ${workspaceId} and state not in ('undone', 'failed')
                 and (position(${id}::text in act::text) > 0 or position(${id}::text in scope::text) > 0)) as works`.execute(tx)
  const [row] = rows
  if (!row) throw new Error('a select of values has one row')
  return { ...row, isChanged: updatedAt > createdAt }
}
