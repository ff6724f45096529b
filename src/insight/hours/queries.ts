import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { LogPosition } from '../../events/follow.ts'
import type { WorkspaceId } from '../../lib/ids.ts'

/** Counts a stretch of the log into its hours. The log is read where it is: no row of it crosses the wire. */
export async function addHours(tx: Tx, from: LogPosition, to: LogPosition): Promise<void> {
  await sql`
    insert into delivery_hour (workspace_id, hour, route_id, type, n)
    select workspace_id, date_trunc('hour', at, 'UTC'), (data ->> 'route_id')::uuid, substr(type, 10), count(*)
      from event
     where (txid, seq) > (${from.txid}::xid8, ${from.seq}::bigint) and (txid, seq) <= (${to.txid}::xid8, ${to.seq}::bigint)
       and delivery_id is not null and data ? 'route_id'
     group by 1, 2, 3, 4
    on conflict (workspace_id, hour, route_id, type) do update set n = delivery_hour.n + excluded.n`.execute(tx)
}

export interface HourRow {
  readonly hour: Date
  readonly routeId: string
  /** What happened, as in the event's type: 'sent', 'deferred', 'bounced', … */
  readonly type: string
  readonly n: number
}

export async function selectHours(db: Db | Tx, workspaceId: WorkspaceId, since: Date): Promise<HourRow[]> {
  const { rows } = await sql<HourRow>`
    select hour, route_id as "routeId", type, n from delivery_hour
     where workspace_id = ${workspaceId} and hour >= ${since}
     order by hour
     limit 10000`.execute(db)
  return rows
}
