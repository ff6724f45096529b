/** Who has which lanes in hand, and what becomes of those of a process that died. */
import { sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Database, Db, Tx } from '../../db/database.ts'
import { SECOND } from '../../lib/clock.ts'
import type { Lane } from './lane-queries.ts'

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

/** Whose lane was in the hands of a process that died more than once has to wait: what ends processes from outside comes in bursts, and must not meet it again at once. */
const AFTER_DEATH_MS = 2 * SECOND

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
    update workflow_lane as l
       set crashes = l.crashes + 1,
           due_at = case when l.crashes = 0 then least(l.due_at, ${now}) else ${new Date(now.getTime() + AFTER_DEATH_MS)}::timestamptz end
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
