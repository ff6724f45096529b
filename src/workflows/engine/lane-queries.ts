/** Which lanes have work, and a lane's lock for whoever waits for it. */
import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { LogPosition } from '../../events/follow.ts'
import { placeOfFollower } from '../../events/follow.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { WorkflowId } from '../steps/step.ts'
import type { BoxRow } from './box.ts'
import { type BoxJson, boxRowOf } from './take-queries.ts'

export interface Lane {
  readonly workspaceId: WorkspaceId
  readonly id: string
  readonly crashes: number
  /** All that there is in a lane that was made for it: the beginning of a run that is about nothing else. */
  readonly solo?: BoxRow | null
  /** Whether the workflow that is to begin there is switched on. */
  readonly isOn?: boolean
  /** Of the run whose lane it is, where a lane is a run's own and that goes on. */
  readonly versionId?: string
}

/**
 * Lanes with something new in their box, and those whose time has come. What broke before is left out unless it is asked for: it is tried alone.
 * One of each in turn: what comes now does not wait for all that has become due, nor the other way round. Letters for a lane that is gone are for a run that ended: they are of no use to anybody.
 */
export async function selectLanesToDo(
  db: Db,
  { busy, limit }: { readonly busy: readonly string[]; readonly limit: number },
  now: Date,
): Promise<{ readonly lanes: readonly Lane[]; readonly isAll: boolean }> {
  const { rows } = await sql<
    Lane & { gone: boolean; letter: BoxJson | null; isOn: boolean | null; version: string | null; letters: number }
  >`
    with next as materialized (
      select workspace_id, lane_id, id from workflow_box where fresh and lane_id <> all (${plainArray(busy)}::uuid[])
       order by id limit ${limit * 4}
    ), fresh as materialized (
      select workspace_id, lane_id, min(id) as first
        from next
       group by workspace_id, lane_id
       order by min(id)
       limit ${limit}
    ), due as materialized (
      select workspace_id, id, key, priority, due_at
        from workflow_lane
       where due_at <= ${now} and crashes = 0 and id <> all (${plainArray(busy)}::uuid[])
       order by priority, due_at
       limit ${limit}
    )
    select workspace_id as "workspaceId", id, crashes, gone, letter, (select count(*) from next) as letters,
           case when letter is not null then exists (
             select from workflow as w
              where w.workspace_id = lane.workspace_id and w.id = (letter -> 'body' ->> 'workflowId')::uuid and w.is_enabled and w.removed_at is null) end as "isOn",
           case when letter is null and key like 'run:%' then (
             select r.version_id from workflow_run as r
              where r.workspace_id = lane.workspace_id and r.id = substring(key from 5)::uuid and r.status = 'running' and r.lane_id = lane.id) end as version
      from (
        select f.workspace_id, f.lane_id as id, l.key, coalesce(l.crashes, 0) as crashes, l.id is null as gone, coalesce(l.priority, 1) as priority,
               row_number() over (order by f.first) as nth,
               case when l.due_at is null and l.key like 'run:%' and b.what = 'start' then
                 json_build_object('id', b.id, 'body', b.body, 'txid', b.txid::text, 'seq', b.seq::text, 'at', b.at, 'fresh', true) end as letter
          from fresh as f
          left join workflow_lane as l on l.workspace_id = f.workspace_id and l.id = f.lane_id
          join workflow_box as b on b.workspace_id = f.workspace_id and b.lane_id = f.lane_id and b.id = f.first
         where coalesce(l.crashes, 0) = 0
         union all
        select workspace_id, id, key, 0, false, priority, row_number() over (order by priority, due_at), null from due
      ) as lane
     order by priority, nth, id
     limit ${limit}`.execute(db)
  const gone = rows.filter((row) => row.gone).map(({ id }) => id)
  if (gone.length > 0) await dropLetters(db, gone)
  const found = new Map(rows.filter((row) => !row.gone).map((row) => [row.id, row]))
  const lanes = [...found.values()].map(({ workspaceId, id, crashes, letter, isOn, version }) => ({
    ...{ workspaceId, id, crashes },
    ...(letter && { solo: boxRowOf(letter), isOn: isOn === true }),
    ...(version !== null && { versionId: version }),
  }))
  return { lanes, isAll: rows.length < limit && (rows[0]?.letters ?? 0) < limit }
}

async function dropLetters(db: Db, lanes: readonly string[]): Promise<void> {
  await sql`
    delete from workflow_box as b
     where lane_id = any (${plainArray(lanes)}::uuid[]) and fresh
       and not exists (select from workflow_lane as l where l.workspace_id = b.workspace_id and l.id = b.lane_id)`.execute(db)
}

/** The next lane that broke before and may be tried again. */
export async function selectSuspect(db: Db, now: Date): Promise<Lane | null> {
  const { rows } = await sql<Lane>`
    select workspace_id as "workspaceId", id, crashes from workflow_lane
     where crashes > 0 and due_at <= ${now} order by due_at limit 1`.execute(db)
  return rows[0] ?? null
}

/** A lane's lock for a person: it is waited for. */
export async function waitForLane(tx: Tx, workspaceId: WorkspaceId, id: string): Promise<boolean> {
  const { rows } = await sql`
    select from workflow_lane where workspace_id = ${workspaceId} and id = ${id} for update`.execute(tx)
  return rows.length > 0
}

/** Something has come for it that nobody has opened. */
export async function hasLetters(tx: Tx, workspaceId: WorkspaceId, laneId: string): Promise<boolean> {
  const { rows } = await sql<{ is_some: boolean }>`
    select exists (select from workflow_box where workspace_id = ${workspaceId} and lane_id = ${laneId} and not parked) as is_some`.execute(
    tx,
  )
  return rows[0]?.is_some === true
}

/** Starts of a workflow that wait in a lane for the run before them to end. */
export async function countParked(tx: Tx, workspaceId: WorkspaceId, laneId: string, workflowId: WorkflowId): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from workflow_box
     where workspace_id = ${workspaceId} and lane_id = ${laneId} and parked and body ->> 'workflowId' = ${workflowId}`.execute(tx)
  return rows[0]?.n ?? 0
}

/** How far the log has been read. */
export async function placeNow(tx: Tx, router: string): Promise<LogPosition> {
  const { rows } = await sql<LogPosition>`select txid, seq from ${placeOfFollower(router)} as place`.execute(tx)
  return rows[0] ?? { txid: '0', seq: '0' }
}
