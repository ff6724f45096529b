import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Tx } from '../../db/database.ts'
import type { ContactId, ConversationId, WorkspaceId } from '../../lib/ids.ts'

interface Handover {
  readonly workspaceId: WorkspaceId
  readonly from: ContactId
  readonly to: ContactId
}

/** The conversations that somebody asked in, at most `limit`, locked in the order of ids. Index: conversation_of_contact. */
export async function lockAskedBy(tx: Tx, workspaceId: WorkspaceId, id: ContactId, limit: number): Promise<ConversationId[]> {
  const { rows } = await sql<{ id: ConversationId }>`
    select id from conversation where workspace_id = ${workspaceId} and contact_id = ${id} order by id limit ${limit} for no key update`.execute(
    tx,
  )
  return rows.map((row) => row.id)
}

export async function handOverConversations(
  tx: Tx,
  { workspaceId, from, to }: Handover,
  ids: readonly ConversationId[],
  now: Date,
): Promise<void> {
  await sql`
    update conversation set contact_id = ${to}, updated_at = ${now}
     where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[]) and contact_id = ${from}`.execute(tx)
}

/**
 * What somebody wrote or was addressed in, wherever it stands: found by their addresses, which take part in every conversation they wrote in. Index:
 * conversation_participant_address.
 */
export async function handOverItems(
  tx: Tx,
  { workspaceId, from, to }: Handover,
  addresses: readonly string[],
  conversations: readonly ConversationId[],
): Promise<void> {
  const list = textArray(addresses)
  await sql`
    update conversation_item as i set contact_id = ${to}
     where i.workspace_id = ${workspaceId} and i.contact_id = ${from} and i.kind = 'customer' and lower(i.from_address) = any (${list}::text[])
       and i.conversation_id = any (array(
         select conversation_id from conversation_participant where workspace_id = ${workspaceId} and address = any (${list}::text[])
         union select unnest(${plainArray(conversations)}::uuid[])))`.execute(tx)
  await sql`
    update conversation_participant set contact_id = ${to}
     where workspace_id = ${workspaceId} and address = any (${list}::text[]) and contact_id = ${from}`.execute(tx)
}

/** What names these contacts names nobody any more. */
export async function letGoOfContacts(tx: Tx, workspaceId: WorkspaceId, ids: readonly ContactId[]): Promise<void> {
  const list = plainArray(ids)
  await sql`
    update conversation_item as i set contact_id = null
     where i.workspace_id = ${workspaceId} and i.contact_id = any (${list}::uuid[])
       and i.conversation_id = any (array(
         select id from conversation where workspace_id = ${workspaceId} and contact_id = any (${list}::uuid[])
         union select conversation_id from conversation_participant where workspace_id = ${workspaceId} and contact_id = any (${list}::uuid[])))`.execute(
    tx,
  )
  await sql`update conversation_participant set contact_id = null where workspace_id = ${workspaceId} and contact_id = any (${list}::uuid[])`.execute(
    tx,
  )
  await sql`update conversation set contact_id = null where workspace_id = ${workspaceId} and contact_id = any (${list}::uuid[])`.execute(
    tx,
  )
}
