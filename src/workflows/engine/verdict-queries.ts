import { type RawBuilder, sql } from 'kysely'
import { tableOf } from '../../db/arrays.ts'
import type { Tx } from '../../db/database.ts'
import { newId } from '../../lib/ids.ts'
import { EVERY, type Only } from './only-queries.ts'
import type { Verdict } from './verdict.ts'

export async function insertVerdicts(
  tx: Tx,
  verdicts: readonly (Verdict & { readonly workspaceId: string })[],
  now: Date,
): Promise<void> {
  if (verdicts.length > 0) await insertingVerdicts(verdicts, now).execute(tx)
}

/** The same as a part of somebody's statement. */
export function insertingVerdicts(
  verdicts: readonly (Verdict & { readonly workspaceId: string; readonly laneId?: string })[],
  now: Date,
  only: Only = EVERY,
): RawBuilder<unknown> {
  const table = tableOf('v', verdicts, {
    workspace_id: ['uuid', (one) => one.workspaceId],
    id: ['uuid', (one) => one.asked ?? newId(now.getTime())],
    workflow_id: ['uuid', (one) => one.workflowId],
    subject_id: ['uuid', (one) => one.subjectId],
    run_id: ['uuid', (one) => one.runId],
    verdict: ['text', (one) => one.verdict],
    trace: ['jsonb', (one) => JSON.stringify(one.trace)],
    job_id: ['uuid', (one) => one.jobId ?? null],
    lane_id: ['uuid', (one) => one.laneId ?? null],
  })
  return sql`
    insert into workflow_verdict (workspace_id, id, workflow_id, subject_id, run_id, verdict, trace, job_id, at)
    select v.workspace_id, v.id, v.workflow_id, v.subject_id, v.run_id, v.verdict, v.trace, v.job_id, ${now}::timestamptz
      from (select v.* from ${table} ${only({ lane: 'v.lane_id' })}) as v
     where exists (select from workflow as w where w.workspace_id = v.workspace_id and w.id = v.workflow_id)`
}
