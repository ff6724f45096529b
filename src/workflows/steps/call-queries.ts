import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { RunId, WorkflowId } from './step.ts'

const MOST = 1_000

/** Runs of a workflow about one conversation or contact that go on. */
export async function selectRunsAbout(
  tx: Tx,
  workspaceId: WorkspaceId,
  workflowId: WorkflowId,
  subjectId: string,
): Promise<RunId[]> {
  const { rows } = await sql<{ id: RunId }>`
    select id from workflow_run
     where workspace_id = ${workspaceId} and workflow_id = ${workflowId} and subject_id = ${subjectId} and status = 'running'
     order by id limit ${sql.lit(MOST)}`.execute(tx)
  return rows.map(({ id }) => id)
}
