import { sql } from 'kysely'
import { plainArray, textArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { ContactId, WorkspaceId } from '../lib/ids.ts'

interface Found {
  readonly address: string
  readonly id: ContactId
}

export interface NewPerson {
  readonly address: string
  readonly name: string
  readonly id: ContactId
}

/** One statement, in the order of addresses: who is known, and who is made. An address that another transaction makes at this moment is missing in the answer. */
export async function findOrInsertContacts(
  tx: Tx,
  workspaceId: WorkspaceId,
  people: readonly NewPerson[],
  now: Date,
): Promise<Map<string, ContactId>> {
  const { rows } = await sql<Found>`
    with wanted as (
      select w.address, w.name, w.id
        from unnest(${textArray(people.map((p) => p.address))}::text[], ${textArray(people.map((p) => p.name))}::text[],
                    ${plainArray(people.map((p) => p.id))}::uuid[]) as w(address, name, id)
    ), known as (
      select a.address, a.contact_id as id from contact_address as a join wanted using (address) where a.workspace_id = ${workspaceId}
    ), made as (
      insert into contact (workspace_id, id, name, created_at, updated_at)
      select ${workspaceId}::uuid, w.id, w.name, ${now}::timestamptz, ${now}::timestamptz
        from wanted as w where not exists (select from known where known.address = w.address)
      returning id
    ), placed as (
      insert into contact_address (workspace_id, address, contact_id, is_primary, created_at)
      select ${workspaceId}::uuid, w.address, w.id, true, ${now}::timestamptz
        from wanted as w join made using (id)
       order by w.address
      on conflict (workspace_id, address) do nothing
      returning address, contact_id as id
    )
    select address, id from known union all select address, id from placed`.execute(tx)
  return new Map(rows.map(({ address, id }) => [address, id]))
}

export async function deleteWithoutAddress(tx: Tx, workspaceId: WorkspaceId, ids: readonly ContactId[]): Promise<void> {
  await sql`
    delete from contact as c
     where c.workspace_id = ${workspaceId} and c.id = any (${plainArray(ids)}::uuid[])
       and not exists (select from contact_address as a where a.workspace_id = c.workspace_id and a.contact_id = c.id)`.execute(
    tx,
  )
}

export async function selectContactIds(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  addresses: readonly string[],
): Promise<Map<string, ContactId>> {
  if (addresses.length === 0) return new Map()
  const { rows } = await sql<Found>`
    select address, contact_id as id from contact_address
     where workspace_id = ${workspaceId} and address = any (${textArray(addresses)}::text[])`.execute(db)
  return new Map(rows.map(({ address, id }) => [address, id]))
}
