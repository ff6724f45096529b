import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { nextSlot } from './slots.ts'
import type { WorkflowId } from './step.ts'

export interface Counted {
  readonly workspaceId: WorkspaceId
  readonly workflowId: WorkflowId
  readonly node: string
  readonly key: string
}

/** Whether this is the first one, ever or within a time since the last first one. Two at the same moment: the second waits for the first one's end. */
export async function takeOnce(
  tx: Tx,
  { workspaceId, workflowId, node, key }: Counted,
  withinMs: number | null,
  now: Date,
): Promise<boolean> {
  const until = withinMs === null ? null : new Date(now.getTime() + withinMs)
  const { rows } = await sql`
    insert into workflow_pass as was (workspace_id, workflow_id, node, key, window_at, count, until_at)
    values (${workspaceId}, ${workflowId}, ${node}, ${key}, ${now}, 1, ${until})
    on conflict (workspace_id, workflow_id, node, key) do update set window_at = excluded.window_at, until_at = excluded.until_at
     where was.until_at <= ${now}
    returning key`.execute(tx)
  return rows.length > 0
}

export interface Rule {
  readonly limit: number
  readonly withinMs: number
  /** A slot in the future is taken, too. */
  readonly mayWait: boolean
}

/** When it is one's turn; null: not now, and nobody waits. */
export async function takeSlot(
  tx: Tx,
  { workspaceId, workflowId, node, key }: Counted,
  rule: Rule,
  now: Date,
): Promise<Date | null> {
  await sql`
    insert into workflow_pass (workspace_id, workflow_id, node, key, window_at, count, until_at)
    values (${workspaceId}, ${workflowId}, ${node}, ${key}, ${now}, 0, ${now})
    on conflict do nothing`.execute(tx)
  const { rows } = await sql<{ windowAt: Date; count: number }>`
    select window_at as "windowAt", count from workflow_pass
     where workspace_id = ${workspaceId} and workflow_id = ${workflowId} and node = ${node} and key = ${key} for update`.execute(
    tx,
  )
  const { at, windowAt, count, untilAt } = nextSlot(rows[0] ?? { windowAt: now, count: 0 }, rule, now)
  if (at !== null)
    await sql`
      update workflow_pass set window_at = ${windowAt}, count = ${count}, until_at = ${untilAt}
       where workspace_id = ${workspaceId} and workflow_id = ${workflowId} and node = ${node} and key = ${key}`.execute(tx)
  return at
}

/** What means nothing any more. */
export async function deletePasses(tx: Tx, now: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from workflow_pass where ctid = any (array(
      select ctid from workflow_pass where until_at <= ${now} limit ${limit} for update skip locked))`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}
