import { sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { ContactId, WorkspaceId } from '../lib/ids.ts'
import type { ContactName } from './contact-names.ts'

export async function selectContactNames(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly ContactId[],
): Promise<ContactName[]> {
  const { rows } = await sql<ContactName>`
    select c.id, c.name, c.company, coalesce(a.address, '') as address
      from contact as c
      left join contact_address as a on a.workspace_id = c.workspace_id and a.contact_id = c.id and a.is_primary
     where c.workspace_id = ${workspaceId} and c.id = any (${plainArray(ids)}::uuid[])`.execute(db)
  return rows
}

export async function selectFittingContacts(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  text: string,
  limit: number,
): Promise<ContactId[]> {
  const { rows } = await sql<{ id: ContactId }>`
    select contact_id as id, min(rank) as rank from find_contacts(${workspaceId}, ${text}, ${limit}) group by contact_id order by min(rank), contact_id limit ${limit}`.execute(
    db,
  )
  return rows.map(({ id }) => id)
}
