import { sql } from 'kysely'
import type { Tx } from '../../../db/database.ts'
import type { MessageId } from '../../../lib/ids.ts'
import type { StepContext } from '../step.ts'

/** Null: it is the first, and is known as such from now on. Who comes at the same time waits here for the end of the other's transaction. */
export async function takeOnce(
  tx: Tx,
  { run, nodeId, now }: Pick<StepContext, 'run' | 'nodeId' | 'now'>,
  key: string,
  messageId: MessageId,
): Promise<MessageId | null> {
  const { workspaceId, workflowId } = run
  const { numAffectedRows } = await sql`
    insert into workflow_mail_once (workspace_id, workflow_id, node, key, message_id, created_at)
    values (${workspaceId}, ${workflowId}, ${nodeId}, ${key}, ${messageId}, ${now})
    on conflict do nothing`.execute(tx)
  return numAffectedRows === 1n ? null : await selectOnce(tx, { run, nodeId }, key)
}

export async function selectOnce(
  tx: Tx,
  { run, nodeId }: Pick<StepContext, 'run' | 'nodeId'>,
  key: string,
): Promise<MessageId | null> {
  const { rows } = await sql<{ id: MessageId }>`
    select message_id as id from workflow_mail_once
     where workspace_id = ${run.workspaceId} and workflow_id = ${run.workflowId} and node = ${nodeId} and key = ${key}`.execute(
    tx,
  )
  return rows[0]?.id ?? null
}
