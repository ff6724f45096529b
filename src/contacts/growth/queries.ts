import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import { idFloor, type WorkspaceId } from '../../lib/ids.ts'
import type { ListId } from '../consent/queries.ts'
import type { DayOfChanges } from './growth.ts'

/** Ids of proofs grow with time: those since are a range of the key, and no index by list has to be kept for each that is written. */
export async function selectChanges(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  listId: ListId,
  { since, zone }: { readonly since: Date; readonly zone: string },
): Promise<DayOfChanges[]> {
  const { rows } = await sql<DayOfChanges>`
    select (at at time zone ${zone})::date::text as day, count(*) filter (where became = 'subscribed')::int as joined,
           count(*) filter (where was = 'subscribed')::int as left
      from consent_event
     where workspace_id = ${workspaceId} and id >= ${idFloor(since)}::uuid and list_id = ${listId}
       and (was = 'subscribed') <> (became = 'subscribed')
     group by 1`.execute(db)
  return rows
}

/** Which day it is there. */
export async function selectDay(db: Db | Tx, now: Date, zone: string): Promise<string> {
  const { rows } = await sql<{ day: string }>`select (${now}::timestamptz at time zone ${zone})::date::text as day`.execute(db)
  return rows[0]?.day ?? now.toISOString().slice(0, 10)
}
