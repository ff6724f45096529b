/** Which lanes have work, and who has them in their hands. */
import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Database, Db, Tx } from '../../db/database.ts'
import type { LogPosition } from '../../events/follow.ts'
import { placeOfFollower } from '../../events/follow.ts'
import { isId, type WorkspaceId } from '../../lib/ids.ts'
import type { RunId } from '../steps/step.ts'
import type { BoxRow, Letter } from './box.ts'
import { type RunJson, runOf, type Standing, type TokenJson, tokenOf, type WaitJson, waitOf } from './standing.ts'

export interface Lane {
  readonly workspaceId: WorkspaceId
  readonly id: string
  readonly crashes: number
  /** All that there is in a lane that was made for it: the beginning of a run that is about nothing else. */
  readonly solo?: BoxRow | null
}

/**
 * Lanes with something new in their box, and those whose time has come. What broke before is left out unless it is asked for: it is tried alone.
 * One of each in turn: what comes now does not wait for all that has become due, nor the other way round. Letters for a lane that is gone are for a run that ended: they are of no use to anybody.
 */
export async function selectLanesToDo(
  db: Db,
  { busy, limit }: { readonly busy: readonly string[]; readonly limit: number },
  now: Date,
): Promise<Lane[]> {
  const { rows } = await sql<Lane & { gone: boolean; letter: BoxJson | null }>`
    with fresh as materialized (
      select workspace_id, lane_id, min(id) as first
        from (select workspace_id, lane_id, id from workflow_box where fresh and lane_id <> all (${plainArray(busy)}::uuid[])
               order by id limit ${limit * 4}) as next
       group by workspace_id, lane_id
       order by min(id)
       limit ${limit}
    ), due as materialized (
      select workspace_id, id, priority, due_at
        from workflow_lane
       where due_at <= ${now} and crashes = 0 and id <> all (${plainArray(busy)}::uuid[])
       order by priority, due_at
       limit ${limit}
    )
    select workspace_id as "workspaceId", id, crashes, gone, letter
      from (
        select f.workspace_id, f.lane_id as id, coalesce(l.crashes, 0) as crashes, l.id is null as gone, coalesce(l.priority, 1) as priority,
               row_number() over (order by f.first) as nth,
               case when l.due_at is null and l.key like 'run:%' and b.what = 'start' then
                 json_build_object('id', b.id, 'body', b.body, 'txid', b.txid::text, 'seq', b.seq::text, 'at', b.at, 'fresh', true) end as letter
          from fresh as f
          left join workflow_lane as l on l.workspace_id = f.workspace_id and l.id = f.lane_id
          join workflow_box as b on b.workspace_id = f.workspace_id and b.lane_id = f.lane_id and b.id = f.first
         where coalesce(l.crashes, 0) = 0
         union all
        select workspace_id, id, 0, false, priority, row_number() over (order by priority, due_at), null from due
      ) as lane
     order by priority, nth, id
     limit ${limit}`.execute(db)
  const gone = rows.filter((row) => row.gone).map(({ id }) => id)
  if (gone.length > 0) await dropLetters(db, gone)
  const found = new Map(rows.filter((row) => !row.gone).map((row) => [row.id, row]))
  return [...found.values()].map(({ workspaceId, id, crashes, letter }) => ({
    workspaceId,
    id,
    crashes,
    solo: letter && boxRowOf(letter),
  }))
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

/** What a process is about to do, before it does it. Not waited for by the disk: a machine that dies takes all of them with it. */
export async function keepHand(
  database: Database,
  hand: { readonly id: string; readonly host: string; readonly pid: number; readonly until: Date },
  lanes: readonly string[],
): Promise<void> {
  await database.statement((tx) =>
    sql`
      with unhurried as materialized (select set_config('synchronous_commit', 'off', true))
      insert into workflow_hand (id, host, pid, lanes, until)
      select ${hand.id}, ${hand.host}, ${hand.pid}::int, ${plainArray(lanes)}::uuid[], ${hand.until}::timestamptz from unhurried
      on conflict (id) do update set lanes = excluded.lanes, until = excluded.until`.execute(tx),
  )
}

export async function dropHand(db: Db, id: string): Promise<void> {
  await sql`delete from workflow_hand where id = ${id}`.execute(db)
}

export async function selectHands(db: Db, id: string): Promise<{ id: string; host: string; pid: number; until: Date }[]> {
  const { rows } = await sql<{ id: string; host: string; pid: number; until: Date }>`
    select id, host, pid, until from workflow_hand where id <> ${id}`.execute(db)
  return rows
}

/** What was in the hands of a process that died: any of it may have been its end. Whoever has one of the lanes now has got over it. */
export async function suspectLanesOf(tx: Tx, handId: string, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    with gone as (delete from workflow_hand where id = ${handId} returning lanes),
         held as materialized (
           select l.workspace_id, l.id
             from workflow_lane as l
            where l.id in (select unnest(lanes) from gone)
              and (l.due_at <= ${now} or exists (select from workflow_box as b where b.workspace_id = l.workspace_id and b.lane_id = l.id and not b.parked))
              for update skip locked
         ), seen as (
           update workflow_box as b set fresh = false from held where b.workspace_id = held.workspace_id and b.lane_id = held.id and b.fresh
         )
    update workflow_lane as l set crashes = l.crashes + 1, due_at = least(l.due_at, ${now})
      from held where l.workspace_id = held.workspace_id and l.id = held.id`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** A transaction with this lane broke. It is tried again, alone, after a while. */
export async function countCrash(db: Db, lane: Lane, dueAt: Date): Promise<void> {
  await sql`
    with seen as (
      update workflow_box set fresh = false where workspace_id = ${lane.workspaceId} and lane_id = ${lane.id} and fresh
    )
    update workflow_lane set crashes = crashes + 1, due_at = ${dueAt}
     where workspace_id = ${lane.workspaceId} and id = ${lane.id}`.execute(db)
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

export interface Work {
  readonly box: readonly BoxRow[]
  readonly due: readonly { readonly id: string; readonly runId: RunId }[]
  /** How far the log had been read when this was seen: whatever it brought till there is in the box. */
  readonly place: LogPosition
  /** The runs that all of this is about. */
  readonly standing: Standing
}

interface BoxJson {
  id: number
  body: unknown
  txid: string
  seq: string
  at: string
  fresh: boolean
}

function boxRowOf({ id, body, txid, seq, at, fresh }: BoxJson): BoxRow {
  return { id: String(id), letter: body as Letter, place: { txid, seq }, at: new Date(at), fresh }
}

interface Taken {
  readonly crashes: number
  readonly key: string
  readonly box: readonly BoxJson[] | null
  readonly due: readonly { readonly id: string; readonly run: RunId }[] | null
  readonly txid: string | null
  readonly seq: string | null
  readonly runs: readonly RunJson[] | null
  readonly tokens: readonly TokenJson[] | null
  readonly waits: readonly WaitJson[] | null
}

/** Takes a lane's lock, and reads what there is to do in it; travels with `begin`. */
export function takingLane({ workspaceId, id }: Pick<Lane, 'workspaceId' | 'id'>, limit: number, now: Date): string {
  if (!isId(workspaceId) || !isId(id)) throw new TypeError('a lane has ids')
  return `select * from workflow_take('${workspaceId}', '${id}', '${now.toISOString()}', ${Math.trunc(limit)})`
}

/** What `takingLane` gave; null: somebody else has the lane, or it is gone. */
export function readTaken(rows: readonly unknown[]): (Work & { readonly crashes: number; readonly key: string }) | null {
  const row = rows[0] as Taken | undefined
  if (!row) return null
  return {
    ...{ crashes: row.crashes, key: row.key },
    box: (row.box ?? []).map(boxRowOf),
    due: (row.due ?? []).map(({ id, run }) => ({ id, runId: run })),
    place: { txid: row.txid ?? '0', seq: row.seq ?? '0' },
    standing: {
      runs: (row.runs ?? []).map(runOf),
      tokens: (row.tokens ?? []).map(tokenOf),
      waits: (row.waits ?? []).map(waitOf),
    },
  }
}

export interface LaneEnd {
  readonly lane: Pick<Lane, 'workspaceId' | 'id'>
  /** Letters that are done with. */
  readonly taken: readonly string[]
  /** Letters are left for the next time: the lane's time answers for them, seen or not, and nobody has to pass them by. */
  readonly isLeft: boolean
  readonly parked: readonly string[]
  /** Runs that were looked at: what they are due for is `due`, of the others it is read. */
  readonly runs: readonly string[]
  readonly due: Date | null
  /** Nothing can come for it any more. */
  readonly isOver: boolean
  /** A run that others of its kind wait for has ended. */
  readonly unpark: boolean
  readonly crashes: number
}

/** The one letter of a lane that is not locked. */
export interface SoloLetter {
  readonly workspaceId: WorkspaceId
  readonly laneId: string
  readonly id: string
}

export function takingLetter({ workspaceId, laneId, id }: SoloLetter): RawBuilder<unknown> {
  return sql`delete from workflow_box where workspace_id = ${workspaceId} and lane_id = ${laneId} and id = ${id}::bigint returning id`
}

/** Parts of the statement that ends a burst: the lane says when there is something to do. */
export function endingLane({ lane, taken, isLeft, parked, runs, due, isOver, unpark, crashes }: LaneEnd): RawBuilder<unknown>[] {
  const { workspaceId, id } = lane
  const box = (ids: readonly string[]) =>
    sql`workspace_id = ${workspaceId} and lane_id = ${id} and id = any (${plainArray(ids)}::bigint[])`
  const parts: RawBuilder<unknown>[] = []
  if (taken.length > 0) parts.push(sql`delete from workflow_box where ${box(taken)}`)
  if (isLeft)
    parts.push(sql`
      update workflow_box set fresh = false
       where workspace_id = ${workspaceId} and lane_id = ${id} and fresh and id <> all (${plainArray([...taken, ...parked])}::bigint[])`)
  if (parked.length > 0) parts.push(sql`update workflow_box set fresh = false, parked = true where ${box(parked)}`)
  if (unpark)
    parts.push(sql`
    update workflow_box set parked = false, fresh = true
     where workspace_id = ${workspaceId} and lane_id = ${id} and parked and not ${parked.length > 0 ? sql`id = any (${plainArray(parked)}::bigint[])` : sql`false`}`)
  if (isOver) parts.push(sql`delete from workflow_lane where workspace_id = ${workspaceId} and id = ${id}`)
  else
    parts.push(sql`
      update workflow_lane
         set crashes = ${crashes}::smallint,
             due_at = least(${due}::timestamptz, (
               select min(due_at) from workflow_token
                where workspace_id = ${workspaceId} and lane_id = ${id} and due_at is not null and state <> 'held'
                  and run_id <> all (${plainArray(runs)}::uuid[])))
       where workspace_id = ${workspaceId} and id = ${id}`)
  return parts
}

/** How far the log has been read. */
export async function placeNow(tx: Tx, router: string): Promise<LogPosition> {
  const { rows } = await sql<LogPosition>`select txid, seq from ${placeOfFollower(router)} as place`.execute(tx)
  return rows[0] ?? { txid: '0', seq: '0' }
}
