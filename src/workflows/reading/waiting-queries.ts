import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { RunId, WorkflowId } from '../steps/step.ts'

export interface WaitingStart {
  /** The id that its run will have. */
  readonly runId: RunId
  readonly workflowId: WorkflowId
  readonly workflow: string
  readonly happening: string
  readonly conversationId: string | null
  readonly contactId: string | null
  /** When what begins it happened. */
  readonly at: Date
}

/** Starts that wait for the run before them to end, in the order in which it is their turn. Index: workflow_box_parked. */
export async function selectWaitingStarts(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  of: { readonly conversationIds: readonly string[] } | { readonly workflowId: WorkflowId },
  limit: number,
): Promise<WaitingStart[]> {
  const wanted: RawBuilder<unknown> =
    'workflowId' in of
      ? sql`b.body ->> 'workflowId' = ${of.workflowId}`
      : sql`b.body -> 'happening' ->> 'conversationId' = any (${plainArray(of.conversationIds)}::text[])
            and exists (select from workflow_version as v where v.workspace_id = b.workspace_id and v.id = (b.body ->> 'versionId')::uuid
                         and v.graph ->> 'subject' = 'conversation')`
  const { rows } = await sql<WaitingStart>`
    select b.body ->> 'runId' as "runId", w.id as "workflowId", w.name as workflow, b.body -> 'happening' ->> 'kind' as happening,
           b.body -> 'happening' ->> 'conversationId' as "conversationId", b.body -> 'happening' ->> 'contactId' as "contactId", b.at
      from workflow_box as b
      join workflow as w on w.workspace_id = b.workspace_id and w.id = (b.body ->> 'workflowId')::uuid
     where b.workspace_id = ${workspaceId} and b.parked and ${wanted}
     order by b.id limit ${limit}`.execute(db)
  return rows
}
