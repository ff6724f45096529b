import { sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { Remark } from './elsa/import.ts'
import type { WorkflowId } from './steps/step.ts'

export interface ImportReport {
  readonly format: 'workflow/1' | 'elsa/3'
  readonly remarks: readonly Remark[]
  readonly activities: number
  readonly createdAt: Date
  readonly createdBy: string | null
  /** Somebody said that nothing of it is left to do. */
  readonly doneAt: Date | null
}

export async function insertImport(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WorkflowId,
  report: Omit<ImportReport, 'doneAt'>,
): Promise<void> {
  await sql`
    insert into workflow_import (workspace_id, workflow_id, format, remarks, activities, created_at, created_by)
    values (${workspaceId}, ${id}, ${report.format}, ${JSON.stringify(report.remarks)}::jsonb, ${report.activities}, ${report.createdAt},
            ${report.createdBy})`.execute(tx)
}

export async function selectImport(tx: Tx, workspaceId: WorkspaceId, id: WorkflowId): Promise<ImportReport | null> {
  const { rows } = await sql<ImportReport>`
    select format, remarks, activities, created_at as "createdAt", created_by as "createdBy", done_at as "doneAt"
      from workflow_import where workspace_id = ${workspaceId} and workflow_id = ${id}`.execute(tx)
  return rows[0] ?? null
}

/** Of these workflows, those whose report says something, and nobody has done with it. */
export async function selectOpenImports(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly WorkflowId[],
): Promise<ReadonlySet<WorkflowId>> {
  const { rows } = await sql<{ id: WorkflowId }>`
    select workflow_id as id from workflow_import
     where workspace_id = ${workspaceId} and workflow_id = any (${plainArray(ids)}::uuid[]) and done_at is null and remarks <> '[]'`.execute(
    db,
  )
  return new Set(rows.map(({ id }) => id))
}

export async function updateImportDone(tx: Tx, workspaceId: WorkspaceId, id: WorkflowId, now: Date): Promise<void> {
  await sql`
    update workflow_import set done_at = coalesce(done_at, ${now}) where workspace_id = ${workspaceId} and workflow_id = ${id}`.execute(
    tx,
  )
}
