import { type RawBuilder, sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import type { Standing } from '../consent/consent.ts'
import type { ListId } from '../consent/queries.ts'
import type { ActCounts, ActRefusal, ActScope, ActState, ContactActId, ManyAct } from './act.ts'

export interface ContactAct {
  readonly workspaceId: WorkspaceId
  readonly id: ContactActId
  readonly state: ActState
  readonly act: ManyAct
  readonly scope: ActScope
  readonly counts: ActCounts
  readonly cursor: ContactId | null
  readonly problem: string
  readonly actor: string
  readonly createdAt: Date
  readonly finishedAt: Date | null
}

const ACT = sql.raw(
  `workspace_id as "workspaceId", id, state, act, scope, counts, cursor, problem, actor, created_at as "createdAt", finished_at as "finishedAt"`,
)
type Key = Pick<ContactAct, 'workspaceId' | 'id'>

export async function insertAct(tx: Tx, a: ContactAct): Promise<void> {
  await sql`
    insert into contact_act (workspace_id, id, state, act, scope, counts, actor, created_at)
    values (${a.workspaceId}, ${a.id}, ${a.state}, ${JSON.stringify(a.act)}::jsonb, ${JSON.stringify(a.scope)}::jsonb,
            ${JSON.stringify(a.counts)}::jsonb, ${a.actor}, ${a.createdAt})`.execute(tx)
}

export async function updateAct(tx: Tx, a: ContactAct): Promise<void> {
  await sql`
    update contact_act
       set state = ${a.state}, counts = ${JSON.stringify(a.counts)}::jsonb, cursor = ${a.cursor}, problem = ${a.problem}, finished_at = ${a.finishedAt}
     where workspace_id = ${a.workspaceId} and id = ${a.id}`.execute(tx)
}

export async function selectAct(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ContactActId,
  { lock = false } = {},
): Promise<ContactAct | null> {
  const { rows } = await sql<ContactAct>`
    select ${ACT} from contact_act where workspace_id = ${workspaceId} and id = ${id} ${sql.raw(lock ? 'for update' : '')}`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function selectActs(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<ContactAct[]> {
  const { rows } = await sql<ContactAct>`
    select ${ACT} from contact_act where workspace_id = ${workspaceId} order by id desc limit ${limit}`.execute(db)
  return rows
}

/** The oldest at work, locked: whoever does a step of it is alone. */
export async function lockAtWork(tx: Tx): Promise<ContactAct | null> {
  const { rows } = await sql<ContactAct>`
    select ${ACT} from contact_act where state in ('choosing', 'running', 'undoing') order by created_at limit 1 for update skip locked`.execute(
    tx,
  )
  return rows[0] ?? null
}

/** Of chosen ones: those who are contacts of this workspace still. */
export function stillThere(workspaceId: WorkspaceId, ids: readonly string[]): RawBuilder<{ id: ContactId }> {
  return sql`
    select c.id from contact as c
     where c.workspace_id = ${workspaceId}::uuid and c.id = any (${plainArray(ids)}::uuid[]) and c.merged_into is null`
}

/** Whom it means, answered once: their ids in pieces, which for a million are some thousand rows. Answers how many they are. */
export async function insertParts(
  tx: Tx,
  { workspaceId, id }: Key,
  people: RawBuilder<{ id: ContactId }>,
  size: number,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with numbered as (
      select meant.id, (row_number() over (order by meant.id) - 1) / ${size}::bigint as piece from (${people}) as meant
    ), placed as (
      insert into contact_act_part (workspace_id, act_id, last_id, contact_ids)
      select ${workspaceId}::uuid, ${id}::uuid, (array_agg(id order by id desc))[1], array_agg(id order by id) from numbered group by piece
      returning cardinality(contact_ids) as n
    )
    select coalesce(sum(n), 0)::int as n from placed`.execute(tx)
  return rows[0]?.n ?? 0
}

/** The next contacts behind one; a piece is never read beyond its end. */
export async function selectNext(tx: Tx, { workspaceId, id, cursor }: ContactAct, limit: number): Promise<ContactId[]> {
  const { rows } = await sql<{ id: ContactId }>`
    select chosen.id
      from (select contact_ids from contact_act_part
             where workspace_id = ${workspaceId} and act_id = ${id} and (${cursor}::uuid is null or last_id > ${cursor}::uuid)
             order by last_id limit 1) as part, unnest(part.contact_ids) as chosen (id)
     where ${cursor}::uuid is null or chosen.id > ${cursor}::uuid
     order by chosen.id limit ${limit}`.execute(tx)
  return rows.map((row) => row.id)
}

export async function deleteParts(tx: Tx, { workspaceId, id }: Key): Promise<void> {
  await sql`delete from contact_act_part where workspace_id = ${workspaceId} and act_id = ${id}`.execute(tx)
}

export interface Tagged {
  readonly id: ContactId
  readonly name: string
  readonly tags: readonly string[]
}

/** Those who are contacts still, locked in one order. */
export async function lockTagged(tx: Tx, workspaceId: WorkspaceId, ids: readonly ContactId[]): Promise<Tagged[]> {
  const { rows } = await sql<Tagged>`
    select c.id,
           coalesce(nullif(c.name, ''), (select a.address from contact_address as a
                                          where a.workspace_id = c.workspace_id and a.contact_id = c.id and a.is_primary limit 1), '') as name,
           array(select t.tag from contact_tag as t where t.workspace_id = c.workspace_id and t.contact_id = c.id) as tags
      from contact as c
     where c.workspace_id = ${workspaceId} and c.id = any (${plainArray(ids)}::uuid[]) and c.merged_into is null
     order by c.id for no key update of c`.execute(tx)
  return rows
}

/** As after any change of a contact by somebody. */
export async function touchContacts(tx: Tx, workspaceId: WorkspaceId, ids: readonly ContactId[], now: Date): Promise<void> {
  await sql`
    update contact set updated_at = ${now} where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`.execute(
    tx,
  )
}

/** Takes tags away that were given at this moment; answers from whom. */
export async function deleteTagsGivenAt(
  tx: Tx,
  workspaceId: WorkspaceId,
  given: readonly { readonly id: ContactId; readonly at: Date }[],
  tag: string,
): Promise<Set<ContactId>> {
  const { rows } = await sql<{ id: ContactId }>`
    delete from contact_tag as t
     using unnest(${plainArray(given.map(({ id }) => id))}::uuid[], ${textArray(given.map(({ at }) => at.toISOString()))}::timestamptz[]) as w (id, at)
     where t.workspace_id = ${workspaceId} and t.contact_id = w.id and t.tag = ${tag} and t.tagged_at = w.at
    returning t.contact_id as id`.execute(tx)
  return new Set(rows.map((row) => row.id))
}

/** How many of them stand where with a list, or have a tag. */
export async function countStandings(
  tx: Tx,
  workspaceId: WorkspaceId,
  people: RawBuilder<{ id: ContactId }>,
  list: ListId,
): Promise<{ was: Standing; n: number }[]> {
  const { rows } = await sql<{ was: Standing; n: number }>`
    select coalesce(m.status, 'none') as was, count(*)::int as n
      from (${people}) as meant
      left join list_member as m on m.workspace_id = ${workspaceId}::uuid and m.list_id = ${list}::uuid and m.contact_id = meant.id
     group by 1`.execute(tx)
  return rows
}

export async function countTagged(
  tx: Tx,
  workspaceId: WorkspaceId,
  people: RawBuilder<{ id: ContactId }>,
  tag: string,
): Promise<{ people: number; tagged: number }> {
  const { rows } = await sql<{ people: number; tagged: number }>`
    select count(*)::int as people, count(t.contact_id)::int as tagged
      from (${people}) as meant
      left join (select distinct contact_id from contact_tag where workspace_id = ${workspaceId}::uuid and lower(tag) = lower(${tag})) as t
             on t.contact_id = meant.id`.execute(tx)
  return rows[0] ?? { people: 0, tagged: 0 }
}

export interface ActRow {
  readonly contactId: ContactId
  readonly done: 'changed' | 'refused'
  readonly reason: ActRefusal | ''
  readonly was: string
  readonly became: string
  readonly at: Date
  readonly undone: 'back' | 'stayed' | null
}

export async function insertActRows(
  tx: Tx,
  { workspaceId, id }: Key,
  rows: readonly Omit<ActRow, 'undone' | 'at'>[],
  now: Date,
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    insert into contact_act_row (workspace_id, act_id, contact_id, done, reason, was, became, at)
    select ${workspaceId}::uuid, ${id}::uuid, r.contact, r.done, r.reason, r.was, r.became, ${now}::timestamptz
      from unnest(${plainArray(rows.map((r) => r.contactId))}::uuid[], ${plainArray(rows.map((r) => r.done))}::text[],
                  ${textArray(rows.map((r) => r.reason))}::text[], ${textArray(rows.map((r) => r.was))}::text[],
                  ${textArray(rows.map((r) => r.became))}::text[]) as r (contact, done, reason, was, became)`.execute(tx)
}

const ROW = sql.raw('r.contact_id as "contactId", r.done, r.reason, r.was, r.became, r.at, r.undone')

export async function selectActRows(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: ContactActId,
  page: {
    readonly done: ActRow['done'] | null
    readonly undone: ActRow['undone']
    readonly after: string | null
    readonly limit: number
  },
): Promise<ActRow[]> {
  const { rows } = await sql<ActRow>`
    select ${ROW} from contact_act_row as r
     where r.workspace_id = ${workspaceId} and r.act_id = ${id} and (${page.after}::uuid is null or r.contact_id > ${page.after}::uuid)
       and (${page.done}::text is null or r.done = ${page.done}) and (${page.undone}::text is null or r.undone = ${page.undone})
     order by r.contact_id limit ${page.limit}`.execute(db)
  return rows
}

/** What was changed and not taken back yet, behind somebody; whoever was joined with another since is not among them. */
export async function selectChanged(
  tx: Tx,
  { workspaceId, id, cursor }: ContactAct,
  limit: number,
): Promise<(ActRow & { isGone: boolean; name: string })[]> {
  const { rows } = await sql<ActRow & { isGone: boolean; name: string }>`
    select ${ROW}, c.merged_into is not null as "isGone", c.name
      from contact_act_row as r join contact as c on c.workspace_id = r.workspace_id and c.id = r.contact_id
     where r.workspace_id = ${workspaceId} and r.act_id = ${id} and r.done = 'changed' and r.undone is null
       and (${cursor}::uuid is null or r.contact_id > ${cursor}::uuid)
     order by r.contact_id limit ${limit} for no key update of c`.execute(tx)
  return rows
}

export async function markUndone(
  tx: Tx,
  { workspaceId, id }: Key,
  contactIds: readonly ContactId[],
  undone: 'back' | 'stayed',
): Promise<void> {
  await sql`
    update contact_act_row set undone = ${undone}
     where workspace_id = ${workspaceId} and act_id = ${id} and contact_id = any (${plainArray(contactIds)}::uuid[])`.execute(tx)
}

/** Rows go in pieces, and an act with the last of them: no statement takes long. */
export async function deleteOldActs(tx: Tx, before: Date, limit: number): Promise<number> {
  const { rows } = await sql`
    delete from contact_act_row where (workspace_id, act_id, contact_id) in
      (select r.workspace_id, r.act_id, r.contact_id
         from contact_act as a join contact_act_row as r on r.workspace_id = a.workspace_id and r.act_id = a.id
        where a.finished_at < ${before} limit ${limit}) returning contact_id`.execute(tx)
  if (rows.length < limit) await sql`delete from contact_act where finished_at < ${before}`.execute(tx)
  return rows.length
}
