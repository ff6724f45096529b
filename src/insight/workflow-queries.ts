import { sql } from 'kysely'
import type { Tx } from '../db/database.ts'

export interface WorkflowFigures {
  readonly held: number
  /** About: the planner's own number, for counting a million rows at every look would cost more than they do. */
  readonly tokens: number
  /** Of what is due, and of what came. */
  readonly oldestDueAt: Date | null
  readonly oldestLetterAt: Date | null
}

export async function selectWorkflowFigures(tx: Tx, now: Date): Promise<WorkflowFigures> {
  const { rows } = await sql<WorkflowFigures>`
    select (select count(*) from (select from workflow_run where held > 0 limit 10000) as held) as held,
           (select greatest(reltuples, 0) from pg_class where oid = 'workflow_token'::regclass) as tokens,
           (select min(first.due_at) from (values (0), (1)) as p (priority)
             cross join lateral (select due_at from workflow_lane where priority = p.priority and due_at <= ${now} order by due_at limit 1) as first) as "oldestDueAt",
           (select at from workflow_box where fresh order by id limit 1) as "oldestLetterAt"`.execute(tx)
  return rows[0] ?? { held: 0, tokens: 0, oldestDueAt: null, oldestLetterAt: null }
}
