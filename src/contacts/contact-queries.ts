import { sql } from 'kysely'
import { plainArray, textArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { ContactId, ConversationId, Id, WorkspaceId } from '../lib/ids.ts'
import type { Contact } from './contact.ts'

const CONTACT = sql.raw(
  `c.workspace_id as "workspaceId", c.id, c.name, c.first_name as "firstName", c.last_name as "lastName", c.external_id as "externalId",
   c.language, c.time_zone as "timeZone", c.data, c.company, c.job_title as "jobTitle", c.phones, c.note,
   array(select t.tag from contact_tag as t where t.workspace_id = c.workspace_id and t.contact_id = c.id order by lower(t.tag)) as tags,
   array(select a.address from contact_address as a where a.workspace_id = c.workspace_id and a.contact_id = c.id
          order by a.is_primary desc, a.created_at, a.address) as addresses,
   c.merged_into as "mergedInto", c.created_at as "createdAt", c.updated_at as "updatedAt"`,
)

export async function selectContact(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ContactId,
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<Contact | null> {
  const { rows } = await sql<Contact>`
    select ${CONTACT} from contact as c
     where c.workspace_id = ${workspaceId} and c.id = ${id} ${lock ? sql`for no key update of c` : sql``}`.execute(db)
  return rows[0] ?? null
}

/** In the order of ids, so that two who lock several never wait for one another in a circle. */
export async function lockContacts(tx: Tx, workspaceId: WorkspaceId, ids: readonly ContactId[]): Promise<Contact[]> {
  await sql`
    select from contact where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[]) order by id for no key update`.execute(
    tx,
  )
  return await selectContacts(tx, workspaceId, ids)
}

/** In no particular order. */
export async function selectContacts(db: Db | Tx, workspaceId: WorkspaceId, ids: readonly ContactId[]): Promise<Contact[]> {
  const { rows } = await sql<Contact>`
    select ${CONTACT} from contact as c
     where c.workspace_id = ${workspaceId} and c.id = any (${plainArray(ids)}::uuid[])`.execute(db)
  return rows
}

/** Who somebody turned out to be in the end: at most some steps, since whoever was merged is merged once. */
export async function selectSurvivor(db: Db | Tx, workspaceId: WorkspaceId, id: ContactId): Promise<ContactId | null> {
  const { rows } = await sql<{ id: ContactId }>`
    with recursive path as (
      select id, merged_into, 1 as step from contact where workspace_id = ${workspaceId} and id = ${id}
      union all
      select c.id, c.merged_into, path.step + 1
        from path join contact as c on c.workspace_id = ${workspaceId} and c.id = path.merged_into
       where path.step < 100
    )
    select id from path where merged_into is null`.execute(db)
  return rows[0]?.id ?? null
}

/** Newest first. Index: contact_newest. */
export async function selectNewest(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<Contact[]> {
  const { rows } = await sql<Contact>`
    select ${CONTACT} from contact as c
     where c.workspace_id = ${workspaceId} and c.merged_into is null and (${after}::uuid is null or c.id < ${after}::uuid)
     order by c.id desc limit ${limit}`.execute(db)
  return rows
}

/** The ids that fit, best first. */
export async function selectFound(db: Db | Tx, workspaceId: WorkspaceId, search: string, limit: number): Promise<ContactId[]> {
  const { rows } = await sql<{ id: ContactId }>`
    select contact_id as id from find_contacts(${workspaceId}::uuid, ${search}, ${limit})
     group by contact_id order by min(rank), contact_id desc limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}

/** Others who have an address at the domain. Index: contact_address_of_domain. */
export async function selectAtDomain(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { domain, except, limit }: { readonly domain: string; readonly except: ContactId; readonly limit: number },
): Promise<ContactId[]> {
  const { rows } = await sql<{ id: ContactId }>`
    select distinct contact_id as id from (
      select contact_id from contact_address
       where workspace_id = ${workspaceId} and domain = ${domain} and contact_id <> ${except} limit ${limit * 3}
    ) as near limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}

export async function insertContact(tx: Tx, c: Contact): Promise<void> {
  await sql`
    insert into contact (workspace_id, id, name, first_name, last_name, external_id, language, time_zone, data, company, job_title, phones, note,
                         merged_into, created_at, updated_at)
    values (${c.workspaceId}, ${c.id}, ${c.name}, ${c.firstName}, ${c.lastName}, ${c.externalId}, ${c.language}, ${c.timeZone},
            ${JSON.stringify(c.data)}::jsonb, ${c.company}, ${c.jobTitle}, ${textArray(c.phones)}::text[], ${c.note}, ${c.mergedInto},
            ${c.createdAt}, ${c.updatedAt})`.execute(tx)
}

export async function updateContact(tx: Tx, c: Contact): Promise<void> {
  await sql`
    update contact
       set name = ${c.name}, first_name = ${c.firstName}, last_name = ${c.lastName}, external_id = ${c.externalId}, language = ${c.language},
           time_zone = ${c.timeZone}, data = ${JSON.stringify(c.data)}::jsonb, company = ${c.company}, job_title = ${c.jobTitle}, phones = ${textArray(c.phones)}::text[], note = ${c.note},
           merged_into = ${c.mergedInto}, updated_at = ${c.updatedAt}
     where workspace_id = ${c.workspaceId} and id = ${c.id}`.execute(tx)
}

/** The person has these tags and no others. */
export async function replaceTags(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: ContactId,
  tags: readonly string[],
  now: Date,
): Promise<void> {
  const list = textArray(tags)
  await sql`delete from contact_tag where workspace_id = ${workspaceId} and contact_id = ${id} and tag <> all (${list}::text[])`.execute(
    tx,
  )
  await sql`
    insert into contact_tag (workspace_id, tag, contact_id, tagged_at)
    select ${workspaceId}::uuid, t.tag, ${id}::uuid, ${now}::timestamptz from unnest(${list}::text[]) as t(tag)
    on conflict do nothing`.execute(tx)
}

/** Tags in use, the most used first, as far as they are written so. */
export async function selectTagsInUse(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  limit: number,
): Promise<{ tag: string; contacts: number }[]> {
  const { rows } = await sql<{ tag: string; contacts: number }>`
    select tag, count(*) as contacts from contact_tag where workspace_id = ${workspaceId} group by tag order by count(*) desc, tag limit ${limit}`.execute(
    db,
  )
  return rows
}

/** Whose key of another system this is. */
export async function selectByExternalId(db: Db | Tx, workspaceId: WorkspaceId, externalId: string): Promise<ContactId | null> {
  const { rows } = await sql<{ id: ContactId }>`
    select id from contact where workspace_id = ${workspaceId} and external_id = ${externalId} and merged_into is null`.execute(
    db,
  )
  return rows[0]?.id ?? null
}

export interface AddressRow {
  readonly address: string
  readonly contactId: ContactId
}

/** Who has these addresses, locked: nobody takes one at the same time. */
export async function lockAddresses(tx: Tx, workspaceId: WorkspaceId, addresses: readonly string[]): Promise<AddressRow[]> {
  const { rows } = await sql<AddressRow>`
    select address, contact_id as "contactId" from contact_address
     where workspace_id = ${workspaceId} and address = any (${textArray(addresses)}::text[]) order by address for update`.execute(
    tx,
  )
  return rows
}

/** The person has these addresses and no others, the first one primary. Answers those that somebody else has: they stay there, and locked. */
export async function replaceAddresses(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: ContactId,
  addresses: readonly string[],
  now: Date,
): Promise<string[]> {
  const list = textArray(addresses)
  await sql`update contact_address set is_primary = false where workspace_id = ${workspaceId} and contact_id = ${id} and is_primary`.execute(
    tx,
  )
  await sql`
    delete from contact_address
     where workspace_id = ${workspaceId} and contact_id = ${id} and address <> all (${list}::text[])`.execute(tx)
  const { rows } = await sql<{ address: string }>`
    insert into contact_address as known (workspace_id, address, contact_id, is_primary, created_at)
    select ${workspaceId}::uuid, a.address, ${id}::uuid, a.n = 1, ${now}::timestamptz
      from unnest(${list}::text[]) with ordinality as a(address, n)
        on conflict (workspace_id, address) do update set is_primary = excluded.is_primary where known.contact_id = excluded.contact_id
    returning address`.execute(tx)
  const theirs = new Set(rows.map(({ address }) => address))
  return addresses.filter((address) => !theirs.has(address))
}

export async function deleteAddresses(tx: Tx, workspaceId: WorkspaceId, rows: readonly AddressRow[]): Promise<void> {
  await sql`
    delete from contact_address as a
     using unnest(${textArray(rows.map(({ address }) => address))}::text[], ${plainArray(rows.map(({ contactId }) => contactId))}::uuid[]) as w(address, contact)
     where a.workspace_id = ${workspaceId} and a.address = w.address and a.contact_id = w.contact`.execute(tx)
}

/** Who lost their primary address to another, but has others, gets the oldest of them as primary. */
export async function promoteAddresses(tx: Tx, workspaceId: WorkspaceId, ids: readonly ContactId[]): Promise<void> {
  await sql`
    update contact_address as a set is_primary = true
      from (select distinct on (contact_id) contact_id, address from contact_address as b
             where b.workspace_id = ${workspaceId} and b.contact_id = any (${plainArray(ids)}::uuid[])
               and not exists (select from contact_address as p where p.workspace_id = b.workspace_id and p.contact_id = b.contact_id and p.is_primary)
             order by contact_id, created_at, address) as next
     where a.workspace_id = ${workspaceId} and a.address = next.address`.execute(tx)
}

export type MergeId = Id<'contact_merge'>

export interface Merge {
  readonly workspaceId: WorkspaceId
  readonly id: MergeId
  readonly contactId: ContactId
  readonly intoId: ContactId
  readonly addresses: readonly string[]
  readonly conversations: readonly ConversationId[]
  readonly actor: string | null
  readonly mergedAt: Date
}

export async function insertMerge(tx: Tx, m: Merge): Promise<void> {
  await sql`
    insert into contact_merge (workspace_id, id, contact_id, into_id, addresses, conversations, actor, merged_at)
    values (${m.workspaceId}, ${m.id}, ${m.contactId}, ${m.intoId}, ${textArray(m.addresses)}::text[], ${plainArray(m.conversations)}::uuid[],
            ${m.actor}, ${m.mergedAt})`.execute(tx)
}

const MERGE = sql.raw(
  `workspace_id as "workspaceId", id, contact_id as "contactId", into_id as "intoId", addresses, conversations::text[] as conversations, actor,
   merged_at as "mergedAt"`,
)

export async function selectStandingMerge(tx: Tx, workspaceId: WorkspaceId, id: ContactId): Promise<Merge | null> {
  const { rows } = await sql<Merge>`
    select ${MERGE} from contact_merge
     where workspace_id = ${workspaceId} and contact_id = ${id} and undone_at is null for update`.execute(tx)
  return rows[0] ?? null
}

/** Who was joined with a person, latest first. */
export async function selectMergesInto(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ContactId,
  limit: number,
): Promise<(Merge & { readonly name: string })[]> {
  const { rows } = await sql<Merge & { name: string }>`
    select m.workspace_id as "workspaceId", m.id, m.contact_id as "contactId", m.into_id as "intoId", m.addresses,
           '{}'::text[] as conversations, m.actor, m.merged_at as "mergedAt", c.name
      from contact_merge as m join contact as c on c.workspace_id = m.workspace_id and c.id = m.contact_id
     where m.workspace_id = ${workspaceId} and m.into_id = ${id} and m.undone_at is null
     order by m.merged_at desc limit ${limit}`.execute(db)
  return rows
}

export async function markUndone(tx: Tx, workspaceId: WorkspaceId, id: MergeId, now: Date): Promise<void> {
  await sql`update contact_merge set undone_at = ${now} where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** Merges that stand, made since then, in every workspace. */
export async function selectRecentMerges(db: Db | Tx, since: Date, limit: number): Promise<Merge[]> {
  const { rows } = await sql<Merge>`
    select ${MERGE} from contact_merge where undone_at is null and merged_at >= ${since} order by merged_at limit ${limit}`.execute(
    db,
  )
  return rows
}

export async function appendConversations(
  tx: Tx,
  { workspaceId, id }: Pick<Merge, 'workspaceId' | 'id'>,
  conversations: readonly ConversationId[],
): Promise<void> {
  await sql`
    update contact_merge set conversations = conversations || ${plainArray(conversations)}::uuid[]
     where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** Everybody who turned out to be this one, however many steps it took. */
export async function selectMergedInto(db: Db | Tx, workspaceId: WorkspaceId, id: ContactId): Promise<ContactId[]> {
  const { rows } = await sql<{ id: ContactId }>`
    with recursive joined as (
      select id, 1 as step from contact where workspace_id = ${workspaceId} and merged_into = ${id}
      union all
      select c.id, joined.step + 1 from joined join contact as c on c.workspace_id = ${workspaceId} and c.merged_into = joined.id where joined.step < 100
    )
    select id from joined limit 1000`.execute(db)
  return rows.map((row) => row.id)
}

/** With their addresses, lists, consent, tags and activity: those rows go along. Merged ones first let go of whom they went into. */
export async function deleteContacts(tx: Tx, workspaceId: WorkspaceId, ids: readonly ContactId[]): Promise<void> {
  await sql`delete from contact where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`.execute(tx)
}
