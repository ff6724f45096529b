import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, Id, WorkspaceId } from '../../lib/ids.ts'
import type { ConsentSource, OptIn, Stand, Standing } from './consent.ts'

export type ListId = Id<'contact_list'>

export interface Member extends Stand {
  readonly listId: ListId
  readonly contactId: ContactId
}

const MEMBER = sql.raw('m.list_id as "listId", m.contact_id as "contactId", m.status, m.source, m.since')

/** Locked in one order. */
export async function lockMembers(
  tx: Tx,
  workspaceId: WorkspaceId,
  contactIds: readonly ContactId[],
  listIds: readonly ListId[] | null,
): Promise<Member[]> {
  const { rows } = await sql<Member>`
    select ${MEMBER} from list_member as m
     where m.workspace_id = ${workspaceId} and m.contact_id = any (${plainArray(contactIds)}::uuid[])
       and (${listIds === null} or m.list_id = any (${plainArray(listIds ?? [])}::uuid[]))
     order by m.list_id, m.contact_id for update`.execute(tx)
  return rows
}

export async function selectOptIns(db: Db | Tx, workspaceId: WorkspaceId, ids: readonly ListId[]): Promise<Map<ListId, OptIn>> {
  const { rows } = await sql<{ id: ListId; optIn: OptIn }>`
    select id, opt_in as "optIn" from contact_list where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`.execute(
    db,
  )
  return new Map(rows.map(({ id, optIn }) => [id, optIn]))
}

export async function selectPrimaryAddresses(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly ContactId[],
): Promise<Map<ContactId, string>> {
  const { rows } = await sql<{ id: ContactId; address: string }>`
    select contact_id as id, address from contact_address
     where workspace_id = ${workspaceId} and contact_id = any (${plainArray(ids)}::uuid[]) and is_primary`.execute(db)
  return new Map(rows.map(({ id, address }) => [id, address]))
}

export async function selectAllAddresses(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly ContactId[],
): Promise<Map<ContactId, string[]>> {
  const { rows } = await sql<{ id: ContactId; addresses: string[] }>`
    select contact_id as id, array_agg(address order by is_primary desc, address) as addresses from contact_address
     where workspace_id = ${workspaceId} and contact_id = any (${plainArray(ids)}::uuid[]) group by contact_id`.execute(db)
  return new Map(rows.map(({ id, addresses }) => [id, addresses]))
}

export async function upsertMembers(tx: Tx, workspaceId: WorkspaceId, members: readonly Member[]): Promise<void> {
  await sql`
    insert into list_member (workspace_id, list_id, contact_id, status, source, since)
    select ${workspaceId}::uuid, * from unnest(
      ${plainArray(members.map((m) => m.listId))}::uuid[], ${plainArray(members.map((m) => m.contactId))}::uuid[],
      ${plainArray(members.map((m) => m.status))}::text[], ${plainArray(members.map((m) => m.source))}::text[],
      ${textArray(members.map((m) => m.since.toISOString()))}::timestamptz[])
    on conflict (workspace_id, list_id, contact_id) do update set status = excluded.status, source = excluded.source, since = excluded.since`.execute(
    tx,
  )
}

export interface ConsentRow {
  readonly id: string
  readonly contactId: ContactId
  readonly address: string
  readonly listId: ListId
  readonly was: Standing
  readonly became: Standing
  readonly at: Date
  readonly source: ConsentSource
  readonly sourceId: string | null
  readonly actor: string | null
  readonly isOverride: boolean
  readonly wording: string
  readonly ip: string | null
}

export async function insertConsentEvents(tx: Tx, workspaceId: WorkspaceId, events: readonly ConsentRow[]): Promise<void> {
  await sql`
    insert into consent_event (workspace_id, id, contact_id, address, list_id, was, became, at, source, source_id, actor, is_override, wording, ip)
    select ${workspaceId}::uuid, * from unnest(
      ${plainArray(events.map((e) => e.id))}::uuid[], ${plainArray(events.map((e) => e.contactId))}::uuid[],
      ${textArray(events.map((e) => e.address))}::text[], ${plainArray(events.map((e) => e.listId))}::uuid[],
      ${plainArray(events.map((e) => e.was))}::text[], ${plainArray(events.map((e) => e.became))}::text[],
      ${textArray(events.map((e) => e.at.toISOString()))}::timestamptz[], ${plainArray(events.map((e) => e.source))}::text[],
      ${textArray(events.map((e) => e.sourceId))}::text[], ${textArray(events.map((e) => e.actor))}::text[],
      ${plainArray(events.map((e) => String(e.isOverride)))}::boolean[], ${textArray(events.map((e) => e.wording))}::text[],
      ${textArray(events.map((e) => e.ip))}::inet[])`.execute(tx)
}

export async function selectConsentEvents(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  contactId: ContactId,
  limit: number,
): Promise<(ConsentRow & { readonly list: string })[]> {
  const { rows } = await sql<ConsentRow & { list: string }>`
    select e.id, e.contact_id as "contactId", e.address, e.list_id as "listId", e.was, e.became, e.at, e.source, e.source_id as "sourceId", e.actor,
           e.is_override as "isOverride", e.wording, host(e.ip) as ip, l.name as list
      from consent_event as e join contact_list as l on l.workspace_id = e.workspace_id and l.id = e.list_id
     where e.workspace_id = ${workspaceId} and e.contact_id = ${contactId}
     order by e.id desc limit ${limit}`.execute(db)
  return rows
}

/** A list as somebody stands with it, and whether one mail of ours is what they left it by. */
export interface ListStanding {
  readonly listId: ListId
  readonly name: string
  readonly isPublic: boolean
  readonly status: Standing
  /** What they were before, and when they left; null where they are on it, or left it otherwise. */
  readonly left: { readonly was: Standing; readonly at: Date } | null
}

/** Of these lists; null: of all that the person was ever on. `sourceId`: of the last word that counts. */
export async function selectStandings(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  {
    contactId,
    lists,
    sourceId,
  }: { readonly contactId: ContactId | null; readonly lists: readonly ListId[] | null; readonly sourceId: string },
): Promise<ListStanding[]> {
  const { rows } = await sql<Omit<ListStanding, 'left'> & { was: Standing | null; at: Date | null }>`
    select l.id as "listId", l.name, l.visibility = 'public' as "isPublic", coalesce(m.status, 'none') as status, said.was, said.at
      from contact_list as l
      left join list_member as m on m.workspace_id = l.workspace_id and m.list_id = l.id and m.contact_id = ${contactId}::uuid
      left join lateral (select source, source_id, was, at from consent_event as e
                          where e.workspace_id = l.workspace_id and e.contact_id = ${contactId}::uuid and e.list_id = l.id
                          order by e.at desc, e.id desc limit 1) as said
             on m.status = 'unsubscribed' and said.source = 'recipient' and said.source_id = ${sourceId}
     where l.workspace_id = ${workspaceId}
       and case when ${lists === null} then m.contact_id is not null else l.id = any (${plainArray(lists ?? [])}::uuid[]) end
     order by lower(l.name), l.id limit 1000`.execute(db)
  return rows.map(({ was, at, ...row }) => ({ ...row, left: was && at ? { was, at } : null }))
}

export async function selectMemberships(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  contactId: ContactId,
): Promise<(Member & { readonly list: string; readonly optIn: OptIn })[]> {
  const { rows } = await sql<Member & { list: string; optIn: OptIn }>`
    select ${MEMBER}, l.name as list, l.opt_in as "optIn"
      from list_member as m join contact_list as l on l.workspace_id = m.workspace_id and l.id = m.list_id
     where m.workspace_id = ${workspaceId} and m.contact_id = ${contactId} order by lower(l.name)`.execute(db)
  return rows
}
