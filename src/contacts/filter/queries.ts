import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Tx } from '../../db/database.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import type { FilterPage } from './filter.ts'

export function within(
  people: RawBuilder<{ id: ContactId }>,
  others: RawBuilder<{ id: ContactId }>,
): RawBuilder<{ id: ContactId }> {
  return sql`select fitting.id from (${people}) as fitting where fitting.id in (${others})`
}

/** In the order that was asked for, behind the last one. Indexes: contact_newest, contact_by_name. */
export async function selectPage(
  tx: Tx,
  workspaceId: WorkspaceId,
  among: RawBuilder<{ id: ContactId }> | null,
  { sort, after, limit }: FilterPage,
): Promise<{ id: ContactId; name: string }[]> {
  const [name, id] = after ?? ['', '']
  const behind =
    after === null
      ? sql`true`
      : sort === 'name'
        ? sql`(lower(c.name), c.id) > (${name}, ${id}::uuid)`
        : sort === 'newest'
          ? sql`c.id < ${id}::uuid`
          : sql`c.id > ${id}::uuid`
  const order = sort === 'name' ? sql`lower(c.name), c.id` : sort === 'newest' ? sql`c.id desc` : sql`c.id`
  const { rows } = await sql<{ id: ContactId; name: string }>`
    select c.id, lower(c.name) as name from contact as c
     where c.workspace_id = ${workspaceId} and c.merged_into is null and ${behind}
       and ${among === null ? sql`true` : sql`c.id in (${among})`}
     order by ${order} limit ${limit}`.execute(tx)
  return rows
}

export async function selectAmong(
  tx: Tx,
  ids: readonly ContactId[],
  among: RawBuilder<{ id: ContactId }>,
): Promise<readonly ContactId[]> {
  const { rows } = await sql<{ id: ContactId }>`
    select one.id from unnest(${plainArray(ids)}::uuid[]) as one (id) where one.id in (${among})`.execute(tx)
  return rows.map(({ id }) => id)
}
