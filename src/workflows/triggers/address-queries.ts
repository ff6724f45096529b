import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { WorkflowId } from '../steps/step.ts'

export interface Called {
  readonly workspaceId: WorkspaceId
  readonly generation: number
  /** The published version has the step, and the workflow is switched on. */
  readonly isListening: boolean
}

export async function selectCalled(db: Db | Tx, workflowId: WorkflowId, node: string): Promise<Called | null> {
  const { rows } = await sql<Called>`
    select w.workspace_id as "workspaceId", coalesce(a.generation, 1) as generation,
           exists (select from workflow_trigger as t
                    where t.workspace_id = w.workspace_id and t.workflow_id = w.id and t.node = ${node} and t.happening = 'webhook.received') as "isListening"
      from workflow as w
      left join workflow_address as a on a.workspace_id = w.workspace_id and a.workflow_id = w.id and a.node = ${node}
     where w.id = ${workflowId} and w.removed_at is null`.execute(db)
  return rows[0] ?? null
}

/** By node: those that were changed. */
export async function selectGenerations(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  workflowId: WorkflowId,
): Promise<Map<string, number>> {
  const { rows } = await sql<{ node: string; generation: number }>`
    select node, generation from workflow_address where workspace_id = ${workspaceId} and workflow_id = ${workflowId}`.execute(db)
  return new Map(rows.map(({ node, generation }) => [node, generation]))
}

export async function nextGeneration(
  tx: Tx,
  workspaceId: WorkspaceId,
  workflowId: WorkflowId,
  node: string,
  now: Date,
): Promise<number> {
  const { rows } = await sql<{ generation: number }>`
    insert into workflow_address as was (workspace_id, workflow_id, node, generation, changed_at)
    values (${workspaceId}, ${workflowId}, ${node}, 2, ${now})
    on conflict (workspace_id, workflow_id, node) do update set generation = was.generation + 1, changed_at = excluded.changed_at
    returning generation`.execute(tx)
  return rows[0]?.generation ?? 1
}
