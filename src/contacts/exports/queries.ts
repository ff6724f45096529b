import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ContactId, Id, WorkspaceId } from '../../lib/ids.ts'
import type { ContactFilter } from '../filter/filter.ts'

export type ExportId = Id<'contact_export'>

/** Whom an export is of. */
export type ExportScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'list'; readonly id: string }
  | { readonly kind: 'segment'; readonly id: string }
  | { readonly kind: 'contacts'; readonly ids: readonly string[] }
  | ({ readonly kind: 'filter' } & ContactFilter)

export interface ContactExport {
  readonly workspaceId: WorkspaceId
  readonly id: ExportId
  readonly format: 'csv' | 'jsonl'
  readonly scope: ExportScope
  readonly state: 'running' | 'done' | 'failed'
  readonly cursor: ContactId | null
  readonly rows: number
  readonly bytes: number
  readonly problem: string
  readonly actor: string | null
  readonly createdAt: Date
  readonly finishedAt: Date | null
}

const EXPORT = sql.raw(
  `workspace_id as "workspaceId", id, format, scope, state, cursor, rows_written as rows, bytes, problem, actor, created_at as "createdAt", finished_at as "finishedAt"`,
)

export async function insertExport(tx: Tx, e: ContactExport): Promise<void> {
  await sql`
    insert into contact_export (workspace_id, id, format, scope, state, actor, created_at)
    values (${e.workspaceId}, ${e.id}, ${e.format}, ${JSON.stringify(e.scope)}::jsonb, ${e.state}, ${e.actor}, ${e.createdAt})`.execute(
    tx,
  )
}

export async function selectExport(db: Db | Tx, workspaceId: WorkspaceId, id: ExportId): Promise<ContactExport | null> {
  const { rows } = await sql<ContactExport>`
    select ${EXPORT} from contact_export where workspace_id = ${workspaceId} and id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function selectExports(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<ContactExport[]> {
  const { rows } = await sql<ContactExport>`
    select ${EXPORT} from contact_export where workspace_id = ${workspaceId} order by id desc limit ${limit}`.execute(db)
  return rows
}

/** The oldest that runs, locked: whoever writes a part of it is alone. */
export async function lockRunning(tx: Tx): Promise<ContactExport | null> {
  const { rows } = await sql<ContactExport>`
    select ${EXPORT} from contact_export where state = 'running' order by created_at limit 1 for update skip locked`.execute(tx)
  return rows[0] ?? null
}

export async function updateExport(tx: Tx, e: ContactExport): Promise<void> {
  await sql`
    update contact_export set state = ${e.state}, cursor = ${e.cursor}, rows_written = ${e.rows}, bytes = ${e.bytes}, problem = ${e.problem},
                              finished_at = ${e.finishedAt}
     where workspace_id = ${e.workspaceId} and id = ${e.id}`.execute(tx)
}

export async function insertPart(
  tx: Tx,
  { workspaceId, id }: Pick<ContactExport, 'workspaceId' | 'id'>,
  content: Buffer,
): Promise<void> {
  await sql`
    insert into contact_export_part (workspace_id, export_id, n, content)
    select ${workspaceId}::uuid, ${id}::uuid, count(*), ${content} from contact_export_part where workspace_id = ${workspaceId} and export_id = ${id}`.execute(
    tx,
  )
}

export async function selectPart(
  db: Db | Tx,
  { workspaceId, id }: Pick<ContactExport, 'workspaceId' | 'id'>,
  n: number,
): Promise<Buffer | null> {
  const { rows } = await sql<{ content: Buffer }>`
    select content from contact_export_part where workspace_id = ${workspaceId} and export_id = ${id} and n = ${n}`.execute(db)
  return rows[0]?.content ?? null
}

export async function deleteOld(tx: Tx, before: Date, limit: number): Promise<number> {
  const { rows } = await sql`
    delete from contact_export where (workspace_id, id) in (select workspace_id, id from contact_export where created_at < ${before} limit ${limit})
    returning id`.execute(tx)
  return rows.length
}

export interface ExportedPerson {
  readonly id: ContactId
  readonly address: string
  readonly addresses: readonly string[]
  readonly name: string
  readonly firstName: string
  readonly lastName: string
  readonly company: string
  readonly jobTitle: string
  readonly phones: readonly string[]
  readonly language: string
  readonly timeZone: string
  readonly externalId: string | null
  readonly note: string
  readonly tags: readonly string[]
  readonly data: Readonly<Record<string, unknown>>
  readonly lists: Readonly<Record<string, string>> | null
  readonly createdAt: Date
}

/** Ids of those a scope means, that are no segment: null for everybody. */
export function idsOf(scope: ExportScope, workspaceId: WorkspaceId): RawBuilder<{ id: ContactId }> | null {
  if (scope.kind === 'list')
    return sql`select m.contact_id as id from list_member as m where m.workspace_id = ${workspaceId}::uuid and m.list_id = ${scope.id}::uuid`
  return scope.kind === 'contacts' ? sql`select unnest(${plainArray(scope.ids)}::uuid[]) as id` : null
}

/** The next people, in the order of their ids. */
export async function selectPeople(
  tx: Tx,
  workspaceId: WorkspaceId,
  among: RawBuilder<{ id: ContactId }> | null,
  after: ContactId | null,
  limit: number,
): Promise<ExportedPerson[]> {
  const { rows } = await sql<ExportedPerson>`
    select c.id, c.name, c.first_name as "firstName", c.last_name as "lastName", c.company, c.job_title as "jobTitle", c.phones, c.language,
           c.time_zone as "timeZone", c.external_id as "externalId", c.note, c.data, c.created_at as "createdAt", coalesce(a.addresses[1], '') as address,
           coalesce(a.addresses, '{}') as addresses,
           array(select t.tag from contact_tag as t where t.workspace_id = c.workspace_id and t.contact_id = c.id order by lower(t.tag)) as tags,
           (select json_object_agg(l.slug, m.status) from list_member as m join contact_list as l on l.workspace_id = m.workspace_id and l.id = m.list_id
             where m.workspace_id = c.workspace_id and m.contact_id = c.id) as lists
      from contact as c
      left join lateral (select array_agg(a.address order by a.is_primary desc, a.address) as addresses from contact_address as a
                          where a.workspace_id = c.workspace_id and a.contact_id = c.id) as a on true
     where c.workspace_id = ${workspaceId} and c.merged_into is null and (${after}::uuid is null or c.id > ${after}::uuid)
       and ${among === null ? sql`true` : sql`c.id in (${among})`}
     order by c.id limit ${limit}`.execute(tx)
  return rows
}
