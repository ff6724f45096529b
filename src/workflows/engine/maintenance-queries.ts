import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import { idFloor } from '../../lib/ids.ts'

/** Asks runs whose time is over to end, in their lanes. */
export async function askOverdueToEnd(tx: Tx, now: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    with overdue as (
      select r.workspace_id, r.id, r.lane_id
        from workflow_run as r
       where r.status = 'running' and r.deadline_at <= ${now}
         and not exists (select from workflow_box as b where b.workspace_id = r.workspace_id and b.lane_id = r.lane_id and b.what = 'act')
       order by r.deadline_at
       limit ${limit}
    )
    insert into workflow_box (workspace_id, lane_id, what, body, txid, seq, at)
    select workspace_id, lane_id, 'act', jsonb_build_object('what', 'act', 'act', 'cancel', 'runId', id, 'reason', 'deadline'), '0', 0, ${now}
      from overdue`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

/** Runs that ended before, with their story. */
export async function deleteEndedRuns(tx: Tx, before: Date, limit: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with old as materialized (
      select r.workspace_id, r.id
        from (select distinct workspace_id from workflow) as w
       cross join lateral (
         select workspace_id, id from workflow_run
          where workspace_id = w.workspace_id and id < ${idFloor(before)}::uuid and status <> 'running' and ended_at < ${before}
          limit ${limit} for update skip locked
       ) as r
       limit ${limit}
    ), told as (
      delete from workflow_step as s using old where s.workspace_id = old.workspace_id and s.run_id = old.id
    ), gone as (
      delete from workflow_run as r using old where r.workspace_id = old.workspace_id and r.id = old.id returning r.id
    )
    select count(*)::int as n from gone`.execute(tx)
  return rows[0]?.n ?? 0
}

export async function deleteVerdicts(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from workflow_verdict
     where (workspace_id, id) in (
       select v.workspace_id, v.id
         from (select distinct workspace_id from workflow) as w
        cross join lateral (
          select workspace_id, id from workflow_verdict where workspace_id = w.workspace_id and id < ${idFloor(before)}::uuid
           limit ${limit} for update skip locked
        ) as v
        limit ${limit}
     )`.execute(tx)
  return Number(numAffectedRows ?? 0)
}
