import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { WorkflowId } from '../steps/step.ts'

export interface Schedule {
  readonly workspaceId: WorkspaceId
  readonly workflowId: WorkflowId
  readonly workflow: string
  readonly node: string
  readonly cron: string
  readonly zone: string
  readonly misfire: 'skip' | 'once' | 'all'
  readonly nextAt: Date
}

export async function hasDueSchedules(db: Db, now: Date): Promise<boolean> {
  const { rows } = await sql<{ is_some: boolean }>`
    select exists (select from workflow_schedule where next_at <= ${now}) as is_some`.execute(db)
  return rows[0]?.is_some === true
}

export async function lockDueSchedules(tx: Tx, limit: number, now: Date): Promise<Schedule[]> {
  const { rows } = await sql<Schedule>`
    select s.workspace_id as "workspaceId", s.workflow_id as "workflowId", w.name as workflow, s.node, s.cron, s.zone, s.misfire, s.next_at as "nextAt"
      from workflow_schedule as s
      join workflow as w on w.workspace_id = s.workspace_id and w.id = s.workflow_id
     where s.next_at <= ${now}
     order by s.next_at
     limit ${limit}
       for update of s skip locked`.execute(tx)
  return rows
}

export async function moveSchedule(
  tx: Tx,
  { workspaceId, workflowId, node }: Schedule,
  nextAt: Date | null,
  lastAt: Date,
): Promise<void> {
  await sql`
    update workflow_schedule set next_at = ${nextAt}, last_at = ${lastAt}
     where workspace_id = ${workspaceId} and workflow_id = ${workflowId} and node = ${node}`.execute(tx)
}
