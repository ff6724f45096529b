import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import type { FilledIn } from '../imports/fill-in.ts'
import type { Repair, RepairId } from './repair.ts'

export interface OddAddress {
  readonly address: string
  readonly contactId: ContactId
  readonly isPrimary: boolean
}

/** Addresses that are not of the everyday kind, behind one. Each may be an address all the same. Index: contact_address_not_plain. */
export async function selectOdd(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { after, among, limit }: { readonly after: string; readonly among: readonly string[] | null; readonly limit: number },
): Promise<OddAddress[]> {
  const chosen = among === null ? sql`true` : sql`address = any (${textArray(among)}::text[])`
  const { rows } = await sql<OddAddress>`
    select address, contact_id as "contactId", is_primary as "isPrimary" from contact_address
     where workspace_id = ${workspaceId} and not is_plain_address(address) and address > ${after} and ${chosen}
     order by address limit ${limit}`.execute(db)
  return rows
}

export async function selectOwners(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  addresses: readonly string[],
): Promise<Map<string, { readonly id: ContactId; readonly name: string }>> {
  const { rows } = await sql<{ address: string; id: ContactId; name: string }>`
    select a.address, c.id, c.name from contact_address as a join contact as c on c.workspace_id = a.workspace_id and c.id = a.contact_id
     where a.workspace_id = ${workspaceId} and a.address = any (${textArray(addresses)}::text[])`.execute(db)
  return new Map(rows.map(({ address, ...owner }) => [address, owner]))
}

/** In its place, so that it stays the one that mail goes to where it was. */
export async function rewriteAddress(
  tx: Tx,
  workspaceId: WorkspaceId,
  { from, to, contactId }: { readonly from: string; readonly to: string; readonly contactId: ContactId },
): Promise<void> {
  await sql`
    update contact_address set address = ${to}
     where workspace_id = ${workspaceId} and address = ${from} and contact_id = ${contactId}`.execute(tx)
}

export async function insertAddress(
  tx: Tx,
  workspaceId: WorkspaceId,
  { address, contactId }: Pick<OddAddress, 'address' | 'contactId'>,
  now: Date,
): Promise<void> {
  await sql`
    insert into contact_address (workspace_id, address, contact_id, is_primary, created_at)
    select ${workspaceId}::uuid, ${address}, ${contactId}::uuid,
           not exists (select from contact_address where workspace_id = ${workspaceId} and contact_id = ${contactId} and is_primary), ${now}
        on conflict (workspace_id, address) do nothing`.execute(tx)
}

const REPAIR = sql.raw(
  'workspace_id as "workspaceId", id, state, addresses, conflicts, counts, cursor, actor, created_at as "createdAt", finished_at as "finishedAt"',
)

export async function insertRepair(tx: Tx, r: Repair): Promise<void> {
  await sql`
    insert into contact_repair (workspace_id, id, state, addresses, conflicts, counts, actor, created_at)
    values (${r.workspaceId}, ${r.id}, ${r.state}, ${r.addresses === null ? null : textArray(r.addresses)}::text[], ${r.conflicts},
            ${JSON.stringify(r.counts)}::jsonb, ${JSON.stringify(r.actor)}::jsonb, ${r.createdAt})`.execute(tx)
}

export async function updateRepair(tx: Tx, r: Repair): Promise<void> {
  await sql`
    update contact_repair set state = ${r.state}, counts = ${JSON.stringify(r.counts)}::jsonb, cursor = ${r.cursor}, finished_at = ${r.finishedAt}
     where workspace_id = ${r.workspaceId} and id = ${r.id}`.execute(tx)
}

export async function selectRepair(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: RepairId,
  { lock = false } = {},
): Promise<Repair | null> {
  const { rows } = await sql<Repair>`
    select ${REPAIR} from contact_repair where workspace_id = ${workspaceId} and id = ${id} ${sql.raw(lock ? 'for update' : '')}`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function selectRepairs(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Repair[]> {
  const { rows } = await sql<Repair>`
    select ${REPAIR} from contact_repair where workspace_id = ${workspaceId} order by id desc limit ${limit}`.execute(db)
  return rows
}

/** The oldest at work, locked: whoever does a step of it is alone. */
export async function lockAtWork(tx: Tx): Promise<Repair | null> {
  const { rows } = await sql<Repair>`
    select ${REPAIR} from contact_repair where state in ('running', 'undoing') order by created_at limit 1 for update skip locked`.execute(
    tx,
  )
  return rows[0] ?? null
}

/** What was before, for the way back. */
export interface Before {
  readonly fields: FilledIn['fields']
  /** Lists that are to be confirmed anew because of it. */
  readonly pending: readonly string[]
  /** They had the address beside the broken one, which was taken away. */
  readonly hadIt: boolean
}

export interface RepairRow {
  readonly address: string
  readonly contactId: ContactId
  readonly done: 'split' | 'merged' | 'skipped'
  readonly became: string | null
  readonly reason: string
  readonly before: Before | null
  readonly undone: 'back' | 'stayed' | null
}

export async function insertRepairRows(
  tx: Tx,
  { workspaceId, id }: Pick<Repair, 'workspaceId' | 'id'>,
  rows: readonly Omit<RepairRow, 'undone'>[],
): Promise<void> {
  await sql`
    insert into contact_repair_row (workspace_id, repair_id, address, contact_id, done, became, reason, before)
    select ${workspaceId}::uuid, ${id}::uuid, r.address, r.contact_id, r.done, r.became, r.reason, r.before::jsonb
      from unnest(${textArray(rows.map((r) => r.address))}::text[], ${plainArray(rows.map((r) => r.contactId))}::uuid[],
                  ${plainArray(rows.map((r) => r.done))}::text[], ${textArray(rows.map((r) => r.became))}::text[],
                  ${textArray(rows.map((r) => r.reason))}::text[],
                  ${textArray(rows.map((r) => (r.before === null ? null : JSON.stringify(r.before))))}::text[])
           as r (address, contact_id, done, became, reason, before)`.execute(tx)
}

const ROW = sql.raw('address, contact_id as "contactId", done, became, reason, before, undone')

export async function selectRepairRows(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: RepairId,
  page: { readonly done: RepairRow['done'] | null; readonly after: string; readonly limit: number },
): Promise<RepairRow[]> {
  const { rows } = await sql<RepairRow>`
    select ${ROW} from contact_repair_row
     where workspace_id = ${workspaceId} and repair_id = ${id} and address > ${page.after} and (${page.done}::text is null or done = ${page.done})
     order by address limit ${page.limit}`.execute(db)
  return rows
}

/** What was done and not taken back yet, behind an address. */
export async function selectDone(
  tx: Tx,
  { workspaceId, id, cursor }: Pick<Repair, 'workspaceId' | 'id' | 'cursor'>,
  limit: number,
): Promise<RepairRow[]> {
  const { rows } = await sql<RepairRow>`
    select ${ROW} from contact_repair_row
     where workspace_id = ${workspaceId} and repair_id = ${id} and done <> 'skipped' and undone is null and address > ${cursor}
     order by address limit ${limit}`.execute(tx)
  return rows
}

export async function markUndone(
  tx: Tx,
  { workspaceId, id }: Pick<Repair, 'workspaceId' | 'id'>,
  addresses: readonly string[],
  undone: 'back' | 'stayed',
): Promise<void> {
  await sql`
    update contact_repair_row set undone = ${undone}
     where workspace_id = ${workspaceId} and repair_id = ${id} and address = any (${textArray(addresses)}::text[])`.execute(tx)
}

export async function deleteOldRepairs(tx: Tx, before: Date, limit: number): Promise<number> {
  const { rows } = await sql`
    delete from contact_repair where (workspace_id, id) in
      (select workspace_id, id from contact_repair where finished_at < ${before} order by finished_at limit ${limit}) returning id`.execute(
    tx,
  )
  return rows.length
}
