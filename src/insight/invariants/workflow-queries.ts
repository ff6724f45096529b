/**
 * What must always be true of workflows, as SQL: each selects what breaks it. Where a million runs wait, each look is at some pages of the table, others
 * each time.
 */
import { type RawBuilder, sql } from 'kysely'
import { MINUTE } from '../../lib/clock.ts'
import type { Selection } from './queries.ts'

const LATE_MS = 5 * MINUTE

/** All of a table's rows, or a hundredth. */
function of(every: boolean): RawBuilder<unknown> {
  return every ? sql`` : sql`tablesample system (1)`
}

export function runsThatStandNowhere(every: boolean): Selection {
  return sql`
    select r.workspace_id, r.id::text as id from workflow_run as r ${of(every)}
     where r.status = 'running'
       and not exists (select from workflow_token as t where t.workspace_id = r.workspace_id and t.run_id = r.id)`
}

/** What stands where nothing can move it: no time, and nothing that it waits for. */
export function tokensThatWaitForNothing(every: boolean): Selection {
  return sql`
    select t.workspace_id, t.id::text as id from workflow_token as t ${of(every)}
     where t.state = 'waiting' and t.due_at is null
       and not exists (select from workflow_wait as w where w.workspace_id = t.workspace_id and w.token_id = t.id)`
}

export function waitsOfTokensThatDoNotWait(every: boolean): Selection {
  return sql`
    select w.workspace_id, w.id::text as id
      from workflow_wait as w ${of(every)}
      left join workflow_token as t on t.workspace_id = w.workspace_id and t.id = w.token_id
     where t.id is null or t.state <> 'waiting'`
}

/** A lane that says later than its tokens do, or whose letters were seen and are not told of any more. */
export function lanesThatForget(every: boolean): Selection {
  return sql`
    select l.workspace_id, l.id::text as id
      from workflow_lane as l ${of(every)}
     where exists (select from workflow_token as t
                    where t.workspace_id = l.workspace_id and t.lane_id = l.id and t.due_at is not null and t.state <> 'held'
                      and (l.due_at is null or l.due_at > t.due_at) and l.crashes = 0)
        or (l.due_at is null and exists (select from workflow_box as b
                    where b.workspace_id = l.workspace_id and b.lane_id = l.id and not b.fresh and not b.parked))
     union all
    select t.workspace_id, t.id::text from workflow_token as t ${of(every)}
     where not exists (select from workflow_lane as l where l.workspace_id = t.workspace_id and l.id = t.lane_id)`
}

export function forksThatNeverClose(): Selection {
  return sql`
    select f.workspace_id, f.id::text as id from workflow_fork as f
     where not exists (select from workflow_token as t
                        where t.workspace_id = f.workspace_id and t.run_id = f.run_id
                          and t.frames @> jsonb_build_array(jsonb_build_object('fork', f.id::text)))`
}

export function heldCountsThatDiffer(every: boolean): Selection {
  return sql`
    select r.workspace_id, r.id::text as id from workflow_run as r ${of(every)}
     where r.status = 'running'
       and r.held <> (select count(*) from workflow_token as t where t.workspace_id = r.workspace_id and t.run_id = r.id and t.state = 'held')`
}

/** What came, and what is due, and nobody does; and starts that wait for a run that is over. */
export function workNobodyDoes(now: Date): Selection {
  const late = new Date(now.getTime() - LATE_MS)
  return sql`
    select workspace_id, id::text as id from workflow_lane where due_at < ${late}
     union all
    select workspace_id, lane_id::text from workflow_box where fresh and at < ${late}
     union all
    select b.workspace_id, b.lane_id::text from workflow_box as b
     where b.parked
       and not exists (select from workflow_token as t where t.workspace_id = b.workspace_id and t.lane_id = b.lane_id)`
}
