/** Making, changing and removing workflows. What people write is a draft, which may have problems; what runs was published. */
import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import type { EventType } from '../events/event.ts'
import { newId, type WorkspaceId } from '../lib/ids.ts'
import type { Json } from './definition/graph.ts'
import { Graph } from './definition/graph.ts'
import { listen, lockOrRefuse } from './publish.ts'
import { insertWorkflow, selectVersion, updateWorkflow, type Workflow } from './queries.ts'
import type { WorkflowId } from './steps/step.ts'

export { publish, rollBack, setEnabled } from './publish.ts'
export {
  selectVersion as findVersion,
  selectVersions as listVersions,
  selectWorkflow as findWorkflow,
  selectWorkflows as listWorkflows,
  type VersionRow as Version,
  type Workflow,
} from './queries.ts'

export interface Wanted {
  readonly name: string
  readonly draft: Json
  readonly layout?: Json
  readonly place?: number
}

export async function createWorkflow(
  tx: Tx,
  workspaceId: WorkspaceId,
  { name, draft, layout = {}, place = 0 }: Wanted,
  by: string | null,
  now: Date,
): Promise<Workflow> {
  const workflow: Workflow = {
    ...{ workspaceId, name, draft, layout, place, createdAt: now, createdBy: by, updatedAt: now },
    id: newId<WorkflowId>(now.getTime()),
    ...{ draftRevision: 1, versionId: null, isEnabled: false, removedAt: null },
  }
  await insertWorkflow(tx, workflow)
  await record(tx, 'workflow.created', workflow, by, now)
  return workflow
}

export interface DraftChange {
  readonly name?: string
  readonly draft?: Json
  readonly layout?: Json
  readonly place?: number
  /** What was seen by whoever writes: where the draft is another one by now, nothing is written over it. */
  readonly revision?: number
}

export async function changeWorkflow(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WorkflowId,
  change: DraftChange,
  by: string | null,
  now: Date,
): Promise<Workflow> {
  const before = await lockOrRefuse(tx, workspaceId, id)
  const { revision, ...wanted } = change
  if (revision !== undefined && revision !== before.draftRevision)
    throw new Refusal('changed_meanwhile', { happened: 'The draft was changed', pointer: '/revision' })
  const isDraft = change.draft !== undefined && JSON.stringify(change.draft) !== JSON.stringify(before.draft)
  const after = { ...before, ...wanted, draftRevision: before.draftRevision + (isDraft ? 1 : 0), updatedAt: now }
  await updateWorkflow(tx, after)
  // Where boxes stand is nobody's news.
  if (isDraft || after.name !== before.name || after.place !== before.place) await record(tx, 'workflow.changed', after, by, now)
  return after
}

/** Begins nothing any more. Its runs end as they began. */
export async function removeWorkflow(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WorkflowId,
  by: string | null,
  now: Date,
): Promise<void> {
  const before = await lockOrRefuse(tx, workspaceId, id)
  const after = { ...before, isEnabled: false, updatedAt: now, removedAt: now }
  await updateWorkflow(tx, after)
  const version = before.versionId && (await selectVersion(tx, workspaceId, before.versionId))
  const graph = version ? Graph.safeParse(version.graph) : null
  if (graph?.success) await listen(tx, after, graph.data, now)
  await record(tx, 'workflow.removed', after, by, now)
}

async function record(tx: Tx, type: EventType, { workspaceId, id, name }: Workflow, by: string | null, now: Date): Promise<void> {
  await append(tx, { type, workspaceId, subjectId: id, actor: by, data: { name } }, now)
}
