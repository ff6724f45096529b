import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import { type LogPosition, stretchOfLog } from '../../events/follow.ts'
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

export interface AskedStart {
  readonly at: Date
  readonly conversationId: string | null
}

/** A start that was asked for and is on its way, in the order in which it goes: in the log after what has been read of it, then in the box of a lane. */
export async function selectAskedStart(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: RunId,
  readTo: LogPosition,
): Promise<AskedStart | null> {
  const log = await sql<AskedStart>`
    select e.at, e.data ->> 'conversation_id' as "conversationId" from ${stretchOfLog(readTo, END_OF_LOG, ['workflow.asked'])} as e
     where e.workspace_id = ${workspaceId} and e.data ->> 'run_id' = ${id}
     limit 1`.execute(db)
  if (log.rows[0]) return log.rows[0]
  const box = await sql<AskedStart>`
    select at, body -> 'happening' ->> 'conversationId' as "conversationId" from workflow_box
     where workspace_id = ${workspaceId} and what = 'start' and body ->> 'runId' = ${id}
     limit 1`.execute(db)
  return box.rows[0] ?? null
}

const END_OF_LOG: LogPosition = { txid: '18446744073709551615', seq: '9223372036854775807' }

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
