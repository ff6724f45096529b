import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Tx } from '../../db/database.ts'
import type { ConversationId, InboxId, WorkspaceId } from '../../lib/ids.ts'

interface Removed {
  readonly workspaceId: WorkspaceId
  readonly id: ConversationId
  readonly number: number
  readonly inboxId: InboxId
}

/**
 * Removes what was deleted before `until` for good. Items, ids, participants and the like go by their foreign keys; files and earlier versions of an
 * item hang on the item alone and are named. What was merged into one of them is empty and goes with it.
 */
export function removeConversations(tx: Tx, until: Date, limit: number): Promise<Removed[]> {
  return removeDue(
    tx,
    sql`select workspace_id, id from conversation
         where deleted_at <= ${until} and merged_into is null
         order by deleted_at limit ${limit} for update skip locked`,
  )
}

/** The same for these, at once. */
export function removeThese(tx: Tx, workspaceId: WorkspaceId, ids: readonly ConversationId[]): Promise<Removed[]> {
  return removeDue(
    tx,
    sql`select workspace_id, id from conversation
         where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[]) order by id for update`,
  )
}

async function removeDue(tx: Tx, due: RawBuilder<unknown>): Promise<Removed[]> {
  const { rows } = await sql<Removed>`
    with recursive due as (
      ${due}
    ), gone as (
      select workspace_id, id from due
       union
      select c.workspace_id, c.id from conversation as c join gone as g on g.workspace_id = c.workspace_id and g.id = c.merged_into
    ), item as (
      select i.workspace_id, i.id from conversation_item as i join gone as g on g.workspace_id = i.workspace_id and g.id = i.conversation_id
    ), file as (
      delete from conversation_file as f using item where f.workspace_id = item.workspace_id and f.item_id = item.id
    ), version as (
      delete from conversation_item_version as v using item where v.workspace_id = item.workspace_id and v.item_id = item.id
    )
    delete from conversation as c using gone as g
     where c.workspace_id = g.workspace_id and c.id = g.id
    returning c.workspace_id as "workspaceId", c.id, c.number::float8 as number, c.inbox_id as "inboxId"`.execute(tx)
  return rows
}
