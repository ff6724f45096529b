import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, Id, WorkspaceId } from '../../lib/ids.ts'
import type { ActivityKind } from '../activity/activity.ts'
import type { CustomData } from '../custom-data.ts'
import { type Condition, daysAround, type Known, momentOf, type TextField, type Tree } from './segment.ts'

export type SegmentId = Id<'segment'>

export interface Segment {
  readonly id: SegmentId
  readonly name: string
  readonly tree: Tree
  readonly kind: 'live' | 'snapshot'
  readonly takenAt: Date | null
  /** Grows with each change. */
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

const COLUMN: Readonly<Record<TextField, RawBuilder<unknown>>> = {
  name: sql`c.name`,
  first_name: sql`c.first_name`,
  last_name: sql`c.last_name`,
  company: sql`c.company`,
  job_title: sql`c.job_title`,
  external_id: sql`coalesce(c.external_id, '')`,
  // Always ASCII, and found by contact_by_language.
  language: sql`c.language collate "C"`,
  time_zone: sql`c.time_zone`,
  note: sql`c.note`,
}

/** A condition on `c`, a row of contact, with every value bound. Sets that a condition stands for are asked once, not for each person. */
export function compile(tree: Tree, workspaceId: WorkspaceId, now: Date): RawBuilder<boolean> {
  const below = (trees: readonly Tree[]) => trees.map((one) => compile(one, workspaceId, now))
  if ('all' in tree) return tree.all.length === 0 ? sql`true` : sql`(${sql.join(below(tree.all), sql` and `)})`
  if ('any' in tree) return tree.any.length === 0 ? sql`false` : sql`(${sql.join(below(tree.any), sql` or `)})`
  if ('not' in tree) return sql`(not ${compile(tree.not, workspaceId, now)})`
  return compileCondition(tree, workspaceId, now)
}

function compileCondition(condition: Condition, workspaceId: WorkspaceId, now: Date): RawBuilder<boolean> {
  switch (condition.kind) {
    case 'field':
      return text(COLUMN[condition.field], condition.op, condition.value)
    case 'data':
      return value(condition, now)
    case 'address':
      return address(condition, workspaceId)
    case 'tag': {
      const tagged = sql`select from contact_tag as t where t.workspace_id = ${workspaceId}::uuid and t.tag = ${condition.tag}`
      return among(tagged, sql`t.contact_id`)
    }
    case 'list': {
      const members = sql`select from list_member as m where m.workspace_id = ${workspaceId}::uuid and m.list_id = ${condition.list}::uuid`
      if (condition.status === 'none') return sql`(not ${among(members, sql`m.contact_id`)})`
      const since = condition.since ? sql` and m.since >= ${momentOf(condition.since, now)}::timestamptz` : sql``
      return among(sql`${members} and m.status = ${condition.status}${since}`, sql`m.contact_id`)
    }
    case 'created': {
      const moment = momentOf(condition.since, now)
      return condition.when === 'after'
        ? sql`(c.created_at >= ${moment}::timestamptz)`
        : sql`(c.created_at < ${moment}::timestamptz)`
    }
    case 'activity': {
      const { activity, campaign, since } = condition
      const did = sql`select from contact_activity as a where a.workspace_id = ${workspaceId}::uuid and a.kind = ${activity}`
      const of = campaign === null ? did : sql`${did} and a.campaign_id = ${campaign}::uuid`
      const then = since ? sql`${of} and a.at >= ${momentOf(since, now)}::timestamptz` : of
      return among(then, sql`a.contact_id`)
    }
    case 'import': {
      const brought = sql`select from import_row as r where r.workspace_id = ${workspaceId}::uuid and r.import_id = ${condition.import}::uuid and r.done is not null`
      return among(brought, sql`r.contact_id`)
    }
  }
}

/**
 * Whether somebody is in a set: `exists` and not `in`, since the planner joins such sets however large they are, also where there is a `not` before it;
 * a `not in` of a million would be searched anew for each person.
 */
function among(set: RawBuilder<unknown>, contact: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql`(exists (${set} and ${contact} = c.id))`
}

function text(column: RawBuilder<unknown>, op: string, wanted: string): RawBuilder<boolean> {
  switch (op) {
    case 'is':
      return sql`(lower(${column}) = lower(${wanted}))`
    case 'is_not':
      return sql`(lower(${column}) <> lower(${wanted}))`
    case 'contains':
      return sql`(position(lower(${wanted}) in lower(${column})) > 0)`
    case 'starts_with':
      return sql`starts_with(lower(${column}), lower(${wanted}))`
    case 'is_empty':
      return sql`(${column} = '')`
    default:
      return sql`(${column} <> '')`
  }
}

function value({ key, type, op, value: wanted }: Extract<Condition, { kind: 'data' }>, now: Date): RawBuilder<boolean> {
  const has = sql`(c.data ->> ${key}::text)`
  const isText = sql`coalesce(jsonb_typeof(c.data -> ${key}::text) = 'string', false)`
  switch (op) {
    case 'is_empty':
      return sql`(not c.data ? ${key}::text)`
    case 'is_not_empty':
      return sql`(c.data ? ${key}::text)`
    case 'is':
      return same(key, wanted)
    case 'is_not':
      return sql`(not ${same(key, wanted)})`
    case 'has':
      return sql`coalesce(c.data -> ${key}::text @> ${JSON.stringify([String(wanted)])}::jsonb and jsonb_typeof(c.data -> ${key}::text) = 'array', false)`
    case 'last_days':
    case 'next_days': {
      const [from, to] = daysAround(op, Number(wanted), now)
      return type === 'date'
        ? sql`(${isText} and ${has} collate "C" >= ${from}::text collate "C" and ${has} collate "C" <= ${to}::text collate "C")`
        : sql`false`
    }
    case 'less':
    case 'more': {
      const sign = op === 'less' ? sql`<` : sql`>`
      if (type === 'number')
        return sql`(case when jsonb_typeof(c.data -> ${key}::text) = 'number' then ${has}::numeric ${sign} ${Number(wanted)}::float8::numeric else false end)`
      return type === 'date' ? sql`(${isText} and ${has} collate "C" ${sign} ${String(wanted)}::text collate "C")` : sql`false`
    }
    default:
      return sql`(${isText} and ${text(has, op, String(wanted))})`
  }
}

function same(key: string, wanted: string | number | boolean): RawBuilder<boolean> {
  const has = sql`c.data -> ${key}::text`
  // What few people pass is asked first.
  const text = sql`(lower(c.data ->> ${key}::text) = lower(${String(wanted)}) and jsonb_typeof(${has}) = 'string')`
  if (typeof wanted === 'string') return sql`coalesce(${text}, false)`
  return sql`coalesce(${text} or ${has} = ${JSON.stringify(wanted)}::jsonb, false)`
}

function address({ op, value: wanted }: Extract<Condition, { kind: 'address' }>, workspaceId: WorkspaceId): RawBuilder<boolean> {
  const all = sql`select from contact_address as a where a.workspace_id = ${workspaceId}::uuid`
  if (op === 'none') return sql`(not ${among(all, sql`a.contact_id`)})`
  if (op === 'domain_is') return among(sql`${all} and a.domain = lower(${wanted})`, sql`a.contact_id`)
  return among(sql`${all} and position(lower(${wanted}) in a.address) > 0`, sql`a.contact_id`)
}

/** People of a workspace that a tree means, as a set of ids that another statement may select from. Run it as the owner of the tables. */
export function peopleOf(tree: Tree, workspaceId: WorkspaceId, now: Date): RawBuilder<{ id: ContactId }> {
  return sql`select c.id from contact as c where c.workspace_id = ${workspaceId}::uuid and c.merged_into is null and ${compile(tree, workspaceId, now)}`
}

/** The same for a snapshot: who was meant when it was taken, and is a contact still. */
export function membersOf(segmentId: SegmentId, workspaceId: WorkspaceId): RawBuilder<{ id: ContactId }> {
  return sql`
    select c.id from segment_people as s cross join ids_of_piece(s.contact_ids) as piece join contact as c on c.workspace_id = s.workspace_id and c.id = piece.id
     where s.workspace_id = ${workspaceId}::uuid and s.segment_id = ${segmentId}::uuid and c.workspace_id = ${workspaceId}::uuid and c.merged_into is null`
}

/** Compiling a statement that runs once costs more than it saves; and sets of a million are to be joined in memory. */
export async function forLargeSets(tx: Tx): Promise<void> {
  await sql`select set_config('jit', 'off', true), set_config('work_mem', '64MB', true)`.execute(tx)
}

/** How many, and the newest of them: looked for once for both. */
export async function countPeople(
  tx: Tx,
  people: RawBuilder<{ id: ContactId }>,
  sample: number,
): Promise<{ readonly count: number; readonly newest: readonly ContactId[] }> {
  const { rows } = await sql<{ id: ContactId; count: number }>`
    select meant.id, count(*) over () as count from (${people}) as meant order by meant.id desc limit ${sample}`.execute(tx)
  return { count: rows[0]?.count ?? 0, newest: rows.map(({ id }) => id) }
}

const SEGMENT = sql.raw(
  'id, name, tree, kind, taken_at as "takenAt", version, created_at as "createdAt", updated_at as "updatedAt"',
)

export async function selectSegments(db: Db | Tx, workspaceId: WorkspaceId): Promise<Segment[]> {
  const { rows } = await sql<Segment>`
    select ${SEGMENT} from segment where workspace_id = ${workspaceId} order by lower(name), id limit 1000`.execute(db)
  return rows
}

export async function selectSegment(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: SegmentId,
  { lock = false } = {},
): Promise<Segment | null> {
  const { rows } = await sql<Segment>`
    select ${SEGMENT} from segment where workspace_id = ${workspaceId} and id = ${id} ${sql.raw(lock ? 'for update' : '')}`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function selectSegmentByName(db: Db | Tx, workspaceId: WorkspaceId, name: string): Promise<Segment | null> {
  const { rows } = await sql<Segment>`
    select ${SEGMENT} from segment where workspace_id = ${workspaceId} and lower(name) = lower(${name})`.execute(db)
  return rows[0] ?? null
}

export async function upsertSegment(tx: Tx, workspaceId: WorkspaceId, s: Segment): Promise<void> {
  await sql`
    insert into segment (workspace_id, id, name, tree, kind, taken_at, version, created_at, updated_at)
    values (${workspaceId}, ${s.id}, ${s.name}, ${JSON.stringify(s.tree)}::jsonb, ${s.kind}, ${s.takenAt}, ${s.version}, ${s.createdAt}, ${s.updatedAt})
    on conflict (workspace_id, id) do update
      set name = excluded.name, tree = excluded.tree, kind = excluded.kind, taken_at = excluded.taken_at, version = excluded.version, updated_at = excluded.updated_at`.execute(
    tx,
  )
}

export async function deleteSegment(tx: Tx, workspaceId: WorkspaceId, id: SegmentId): Promise<boolean> {
  const { rows } = await sql`delete from segment where workspace_id = ${workspaceId} and id = ${id} returning id`.execute(tx)
  return rows.length > 0
}

const PIECE = 20_000

/** Answered now and kept, in pieces: a million people are fifty rows. */
export async function replaceMembers(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: SegmentId,
  people: RawBuilder<{ id: ContactId }> | null,
): Promise<void> {
  await sql`delete from segment_people where workspace_id = ${workspaceId} and segment_id = ${id}`.execute(tx)
  if (people === null) return
  await forLargeSets(tx)
  await sql`
    insert into segment_people (workspace_id, segment_id, first_id, last_id, contact_ids)
    select ${workspaceId}::uuid, ${id}::uuid, ids[1], ids[cardinality(ids)], ids
      from (select array_agg(numbered.id order by numbered.id) as ids
              from (select meant.id, (row_number() over (order by meant.id) - 1) / ${PIECE}::bigint as piece from (${people}) as meant) as numbered
             group by piece) as pieces`.execute(tx)
}

export async function isMember(db: Db | Tx, workspaceId: WorkspaceId, id: SegmentId, contactId: ContactId): Promise<boolean> {
  const { rows } = await sql`
    select from segment_people
     where workspace_id = ${workspaceId} and segment_id = ${id} and first_id <= ${contactId} and last_id >= ${contactId}
       and ${contactId}::uuid = any (contact_ids)`.execute(db)
  return rows.length > 0
}

interface KnownRow {
  readonly fields: Record<TextField, string>
  readonly data: CustomData
  readonly addresses: string[]
  readonly tags: string[]
  readonly lists: Readonly<Record<string, { status: Known['lists'][string]['status']; since: string }>> | null
  readonly createdAt: Date
  readonly activity: { kind: ActivityKind; campaignId: string | null; at: string }[] | null
  readonly imports: string[]
}

/** Everything that trees ask of one person. */
export async function selectKnown(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly ContactId[],
): Promise<Map<ContactId, Known>> {
  const { rows } = await sql<KnownRow & { id: ContactId }>`
    select c.id, c.data, c.created_at as "createdAt",
           json_build_object('name', c.name, 'first_name', c.first_name, 'last_name', c.last_name, 'company', c.company, 'job_title', c.job_title,
                             'external_id', coalesce(c.external_id, ''), 'language', c.language, 'time_zone', c.time_zone, 'note', c.note) as fields,
           array(select a.address from contact_address as a where a.workspace_id = c.workspace_id and a.contact_id = c.id) as addresses,
           array(select t.tag from contact_tag as t where t.workspace_id = c.workspace_id and t.contact_id = c.id) as tags,
           (select json_object_agg(m.list_id, json_build_object('status', m.status, 'since', m.since)) from list_member as m where m.workspace_id = c.workspace_id and m.contact_id = c.id) as lists,
           (select json_agg(json_build_object('kind', v.kind, 'campaignId', v.campaign_id, 'at', v.at)) from contact_activity as v
             where v.workspace_id = c.workspace_id and v.contact_id = c.id) as activity,
           array(select distinct r.import_id::text from import_row as r join contact_address as a on a.workspace_id = r.workspace_id and a.address = r.address
                  where r.workspace_id = c.workspace_id and a.contact_id = c.id and r.contact_id = c.id and r.done is not null) as imports
      from contact as c
     where c.workspace_id = ${workspaceId} and c.id = any (${plainArray(ids)}::uuid[]) and c.merged_into is null`.execute(db)
  return new Map(
    rows.map(({ id, lists, activity, ...known }) => [
      id,
      { ...known, lists: standsOf(lists ?? {}), activity: (activity ?? []).map((one) => ({ ...one, at: new Date(one.at) })) },
    ]),
  )
}

function standsOf(lists: NonNullable<KnownRow['lists']>): Known['lists'] {
  return Object.fromEntries(Object.entries(lists).map(([id, { status, since }]) => [id, { status, since: new Date(since) }]))
}
