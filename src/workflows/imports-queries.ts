import { sql } from 'kysely'
import type { Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { Remark } from './elsa/import.ts'
import type { WorkflowId } from './steps/step.ts'

export interface ImportReport {
  readonly format: 'workflow/1' | 'elsa/3'
  readonly remarks: readonly Remark[]
  readonly activities: number
  readonly createdAt: Date
  readonly createdBy: string | null
}

export async function insertImport(tx: Tx, workspaceId: WorkspaceId, id: WorkflowId, report: ImportReport): Promise<void> {
  await sql`
    insert into workflow_import (workspace_id, workflow_id, format, remarks, activities, created_at, created_by)
    values (${workspaceId}, ${id}, ${report.format}, ${JSON.stringify(report.remarks)}::jsonb, ${report.activities}, ${report.createdAt},
            ${report.createdBy})`.execute(tx)
}

export async function selectImport(tx: Tx, workspaceId: WorkspaceId, id: WorkflowId): Promise<ImportReport | null> {
  const { rows } = await sql<ImportReport>`
    select format, remarks, activities, created_at as "createdAt", created_by as "createdBy"
      from workflow_import where workspace_id = ${workspaceId} and workflow_id = ${id}`.execute(tx)
  return rows[0] ?? null
}
