/** Workflows from files: of ours, or of Elsa 3. What was said about a file is kept with what was made of it. */
import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { Json } from './definition/graph.ts'
import { beginDraft, type NewDraft, readFile } from './drafts.ts'
import { importElsa, type Remark } from './elsa/import.ts'
import { type ImportReport, insertImport, selectImport, updateImportDone } from './imports-queries.ts'
import type { Workflow } from './queries.ts'
import type { WorkflowId } from './steps/step.ts'

export type { ImportReport } from './imports-queries.ts'

interface Read {
  readonly format: ImportReport['format']
  readonly draft: NewDraft & { readonly draft: Json }
  readonly remarks: readonly Remark[]
  readonly activities: number
}

export async function importWorkflow(
  tx: Tx,
  workspaceId: WorkspaceId,
  { file, name }: { readonly file: Json; readonly name: string | null },
  by: string | null,
  now: Date,
): Promise<{ readonly workflow: Workflow; readonly report: ImportReport }> {
  const { format, draft, remarks, activities } = isOfElsa(file) ? readElsa(file) : readOurs(file)
  const workflow = await beginDraft(tx, workspaceId, { ...draft, name: name ?? draft.name }, by, now)
  const report = { format, remarks, activities, createdAt: now, createdBy: by, doneAt: null }
  await insertImport(tx, workspaceId, workflow.id, report)
  return { workflow, report }
}

function readOurs(file: Json): Read {
  const draft = readFile(file)
  const { nodes } = draft.draft as { readonly nodes?: unknown }
  const activities = typeof nodes === 'object' && nodes !== null ? Object.keys(nodes).length : 0
  return { format: 'workflow/1', draft, remarks: [], activities }
}

function readElsa(file: Json): Read {
  const read = importElsa(file)
  if (!read.ok) throw new Refusal('invalid_request', { why: read.sentence, pointer: '/file' })
  const { graph, remarks, activities } = read
  return { format: 'elsa/3', draft: { name: graph.name, draft: graph as unknown as Json }, remarks, activities }
}

/** Theirs have a root activity; ours say their schema. */
function isOfElsa(file: Json): boolean {
  if (typeof file !== 'object' || file === null || Array.isArray(file)) return false
  const { root, schema, definition } = file as { readonly [key: string]: Json }
  return typeof root === 'object' && root !== null && schema === undefined && definition === undefined
}

export async function importReport(tx: Tx, workspaceId: WorkspaceId, id: WorkflowId): Promise<ImportReport> {
  const report = await selectImport(tx, workspaceId, id)
  if (!report) throw new Refusal('not_found', { what: 'report of an import' })
  return report
}

/** Somebody says that nothing of it is left to do: the list of workflows speaks of it no more. */
export async function finishImport(tx: Tx, workspaceId: WorkspaceId, id: WorkflowId, now: Date): Promise<ImportReport> {
  await updateImportDone(tx, workspaceId, id, now)
  return await importReport(tx, workspaceId, id)
}
