/** Statements for what a workspace adds to its conversations: labels of a status, custom fields, tags; and tidying up after them. */
import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { Id, WorkspaceId } from '../../lib/ids.ts'
import type { CustomFieldId, StatusLabelId } from '../inbox.ts'
import type { CustomField } from './custom-field.ts'
import type { StatusLabel } from './triage.ts'

export type RewriteId = Id<'conversation_rewrite'>

/** False: the name is taken. */
export async function insertLabel(tx: Tx, workspaceId: WorkspaceId, label: StatusLabel): Promise<boolean> {
  const { rows } = await sql`
    insert into status_label (workspace_id, id, name, status, color, position)
    values (${workspaceId}, ${label.id}, ${label.name}, ${label.status}, ${label.color}, ${label.position})
    on conflict (workspace_id, lower(name)) do nothing returning id`.execute(tx)
  return rows.length > 0
}

export async function updateLabel(tx: Tx, workspaceId: WorkspaceId, label: StatusLabel): Promise<void> {
  await sql`
    update status_label set name = ${label.name}, color = ${label.color}, position = ${label.position}
     where workspace_id = ${workspaceId} and id = ${label.id}`.execute(tx)
}

export async function deleteLabel(tx: Tx, workspaceId: WorkspaceId, id: StatusLabelId): Promise<void> {
  await sql`delete from status_label where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

export async function insertField(tx: Tx, workspaceId: WorkspaceId, field: CustomField, now: Date): Promise<boolean> {
  const { rows } = await sql`
    insert into custom_field (workspace_id, id, inbox_id, name, type, options, is_required, in_list, position, created_at)
    values (${workspaceId}, ${field.id}, ${field.inboxId}, ${field.name}, ${field.type}, ${textArray(field.options)}::text[], ${field.isRequired},
            ${field.inList}, ${field.position}, ${now})
    on conflict (workspace_id, inbox_id, lower(name)) do nothing returning id`.execute(tx)
  return rows.length > 0
}

export async function updateField(tx: Tx, workspaceId: WorkspaceId, field: CustomField): Promise<void> {
  await sql`
    update custom_field
       set inbox_id = ${field.inboxId}, name = ${field.name}, options = ${textArray(field.options)}::text[], is_required = ${field.isRequired},
           in_list = ${field.inList}, position = ${field.position}
     where workspace_id = ${workspaceId} and id = ${field.id}`.execute(tx)
}

export async function deleteField(tx: Tx, workspaceId: WorkspaceId, id: CustomFieldId): Promise<void> {
  await sql`delete from custom_field where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

export interface Tag {
  readonly name: string
  readonly color: string
  readonly createdAt: Date
}

export async function selectTags(db: Db | Tx, workspaceId: WorkspaceId, limit: number): Promise<Tag[]> {
  const { rows } = await sql<Tag>`
    select name, color, created_at as "createdAt" from tag where workspace_id = ${workspaceId} order by name limit ${limit}`.execute(
    db,
  )
  return rows
}

export async function lockTag(tx: Tx, workspaceId: WorkspaceId, name: string): Promise<Tag | null> {
  const { rows } = await sql<Tag>`
    select name, color, created_at as "createdAt" from tag where workspace_id = ${workspaceId} and name = ${name} for update`.execute(
    tx,
  )
  return rows[0] ?? null
}

export async function insertTag(tx: Tx, workspaceId: WorkspaceId, tag: Tag): Promise<boolean> {
  const { rows } = await sql`
    insert into tag (workspace_id, name, color, created_at) values (${workspaceId}, ${tag.name}, ${tag.color}, ${tag.createdAt})
    on conflict do nothing returning name`.execute(tx)
  return rows.length > 0
}

export async function updateTagColor(tx: Tx, workspaceId: WorkspaceId, name: string, color: string): Promise<void> {
  await sql`update tag set color = ${color} where workspace_id = ${workspaceId} and name = ${name}`.execute(tx)
}

export async function deleteTag(tx: Tx, workspaceId: WorkspaceId, name: string): Promise<void> {
  await sql`delete from tag where workspace_id = ${workspaceId} and name = ${name}`.execute(tx)
}

export interface Rewrite {
  readonly workspaceId: WorkspaceId
  readonly id: RewriteId
  readonly kind: 'tag' | 'field'
  readonly subject: string
  readonly becomes: string | null
  readonly after: string | null
}

export async function insertRewrite(tx: Tx, rewrite: Rewrite, now: Date): Promise<void> {
  await sql`
    insert into conversation_rewrite (workspace_id, id, kind, subject, becomes, requested_at)
    values (${rewrite.workspaceId}, ${rewrite.id}, ${rewrite.kind}, ${rewrite.subject}, ${rewrite.becomes}, ${now})`.execute(tx)
}

/** The oldest that nobody is at. */
export async function lockRewrite(tx: Tx): Promise<Rewrite | null> {
  const { rows } = await sql<Rewrite>`
    select workspace_id as "workspaceId", id, kind, subject, becomes, after
      from conversation_rewrite order by requested_at, id limit 1 for update skip locked`.execute(tx)
  return rows[0] ?? null
}

export async function advanceRewrite(tx: Tx, { workspaceId, id }: Rewrite, after: string | null): Promise<void> {
  await sql`update conversation_rewrite set after = ${after} where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

export async function finishRewrite(tx: Tx, { workspaceId, id }: Rewrite): Promise<void> {
  await sql`delete from conversation_rewrite where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** A chunk of the conversations with a tag gets the other one, or none. Deleted ones as well: they may be restored. Returns how many it were. */
export async function rewriteTag(
  tx: Tx,
  { workspaceId, subject, becomes }: Pick<Rewrite, 'workspaceId' | 'subject' | 'becomes'>,
  limit: number,
): Promise<number> {
  const from = textArray([subject])
  const to = textArray(becomes === null ? [] : [becomes])
  const { rows } = await sql`
    with live as (
      select id from conversation
       where workspace_id = ${workspaceId} and status in ('open', 'pending', 'closed', 'spam') and deleted_at is null and tags <> '{}'
         and tags @> ${from}::text[]
       limit ${limit}
    ), deleted as (
      select id from conversation
       where workspace_id = ${workspaceId} and deleted_at is not null and tags @> ${from}::text[]
       limit ${limit}
    ), chunk as (
      select id from (select id from live union all select id from deleted) as both_of_them order by id limit ${limit}
    )
    update conversation as c
       set tags = case when c.tags @> ${to}::text[] then array_remove(c.tags, ${subject}) else array_replace(c.tags, ${subject}, ${becomes}) end
      from chunk where c.workspace_id = ${workspaceId} and c.id = chunk.id
    returning c.id`.execute(tx)
  return rows.length
}

/** Takes a field's values out of a chunk of conversations, by the order of ids. Returns where to go on, null at the end. */
export async function rewriteField(
  tx: Tx,
  { workspaceId, subject, after }: Pick<Rewrite, 'workspaceId' | 'subject' | 'after'>,
  limit: number,
): Promise<string | null> {
  const { rows } = await sql<{ last: string | null }>`
    with chunk as (
      select id, fields from conversation
       where workspace_id = ${workspaceId} and (${after}::uuid is null or id > ${after}::uuid)
       order by id limit ${limit}
    ), cleaned as (
      update conversation as c set fields = c.fields - ${subject}::text
        from chunk where c.workspace_id = ${workspaceId} and c.id = chunk.id and chunk.fields ? ${subject}
    )
    select max(id::text) as last from chunk having count(*) = ${limit}`.execute(tx)
  return rows[0]?.last ?? null
}

/** How many conversations have a tag, counted no further than `most`. */
export async function countTagged(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  names: readonly string[],
  most: number,
): Promise<Map<string, number>> {
  const { rows } = await sql<{ name: string; n: number }>`
    select w.name, (select count(*)::int from (
              select 1 from conversation
               where workspace_id = ${workspaceId} and status in ('open', 'pending', 'closed', 'spam') and deleted_at is null and merged_into is null
                 and tags <> '{}' and tags @> array[w.name]
               limit ${most}) as tagged) as n
      from unnest(${textArray(names)}::text[]) as w(name)`.execute(db)
  return new Map(rows.map(({ name, n }) => [name, n]))
}

/** Sets an order: the first is 0. */
export async function orderLabels(tx: Tx, workspaceId: WorkspaceId, ids: readonly StatusLabelId[]): Promise<void> {
  await sql`
    update status_label as l set position = o.place
      from unnest(${plainArray(ids)}::uuid[]) with ordinality as o(id, place) where l.workspace_id = ${workspaceId} and l.id = o.id`.execute(
    tx,
  )
}

export async function orderFields(tx: Tx, workspaceId: WorkspaceId, ids: readonly CustomFieldId[]): Promise<void> {
  await sql`
    update custom_field as f set position = o.place
      from unnest(${plainArray(ids)}::uuid[]) with ordinality as o(id, place) where f.workspace_id = ${workspaceId} and f.id = o.id`.execute(
    tx,
  )
}
