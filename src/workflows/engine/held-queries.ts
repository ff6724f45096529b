import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { VersionId, WorkflowId } from '../steps/step.ts'

export interface HeldGroup {
  readonly workspaceId: WorkspaceId
  readonly workflowId: WorkflowId
  readonly workflow: string
  /** By which the newest of them runs: it has the words for the step. */
  readonly versionId: VersionId
  readonly node: string
  readonly class: string
  readonly sentence: string
  readonly runs: number
  readonly since: Date
  readonly samples: readonly string[]
}

const GROUPS_MAX = 500

/** What needs a person, by workflow, step and class of failure. */
export async function selectHeld(tx: Tx): Promise<HeldGroup[]> {
  const { rows } = await sql<HeldGroup>`
    select r.workspace_id as "workspaceId", r.workflow_id as "workflowId", w.name as workflow, t.node, t.trouble ->> 'class' as class,
           (array_agg(r.version_id order by r.id desc))[1] as "versionId",
           max(t.trouble ->> 'sentence') as sentence, count(distinct r.id)::int as runs, min((t.trouble ->> 'at')::timestamptz) as since,
           (array_agg(distinct r.id::text))[1:5] as samples
      from workflow_token as t
      join workflow_run as r on r.workspace_id = t.workspace_id and r.id = t.run_id
      join workflow as w on w.workspace_id = r.workspace_id and w.id = r.workflow_id
     where t.state = 'held'
     group by r.workspace_id, r.workflow_id, w.name, t.node, class
     order by r.workspace_id, r.workflow_id, t.node, class
     limit ${GROUPS_MAX}`.execute(tx)
  return rows
}
