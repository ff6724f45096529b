import { sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { Tx } from '../db/database.ts'
import type { SamePerson } from './same-person.ts'

/** So many one into another; nobody follows further. */
const JOINS_MAX = 10

/** Indexes: contact_merged, contact_is_merged_once. Most were never joined with anybody, and one look says so. */
export async function selectSamePeople(
  tx: Tx,
  keys: readonly { readonly workspaceId: string; readonly id: string }[],
): Promise<(SamePerson & { readonly id: string })[]> {
  const { rows } = await sql<SamePerson & { id: string }>`
    with recursive way (workspace_id, id, at, depth) as (
      select workspace_id, id, id, 0
        from unnest(${plainArray(keys.map((key) => key.workspaceId))}::uuid[], ${plainArray(keys.map((key) => key.id))}::uuid[]) as k (workspace_id, id)
       union all
      select w.workspace_id, w.id, c.merged_into, w.depth + 1
        from way as w join contact as c on c.workspace_id = w.workspace_id and c.id = w.at
       where c.merged_into is not null and w.depth < ${sql.lit(JOINS_MAX)}
    ), survivor as (
      select distinct on (workspace_id, id) workspace_id, id, at from way order by workspace_id, id, depth desc
    ), joined (workspace_id, into_id, id, since, depth) as (
      select c.workspace_id, s.at, c.id, m.merged_at, 1
        from (select distinct workspace_id, at from survivor) as s
        join contact as c on c.workspace_id = s.workspace_id and c.merged_into = s.at
        left join contact_merge as m on m.workspace_id = c.workspace_id and m.contact_id = c.id and m.undone_at is null
       union all
      select c.workspace_id, j.into_id, c.id, greatest(m.merged_at, j.since), j.depth + 1
        from joined as j
        join contact as c on c.workspace_id = j.workspace_id and c.merged_into = j.id
        left join contact_merge as m on m.workspace_id = c.workspace_id and m.contact_id = c.id and m.undone_at is null
       where j.depth < ${sql.lit(JOINS_MAX)}
    )
    select s.id, s.at as survivor,
           array(select w.at from way as w where w.workspace_id = s.workspace_id and w.id = s.id and w.depth > 0) as way,
           coalesce((select json_agg(json_build_object('id', j.id, 'at', j.since)) from joined as j
                      where j.workspace_id = s.workspace_id and j.into_id = s.at), '[]'::json) as joined
      from survivor as s`.execute(tx)
  return rows
}
