/** What is written becomes what runs: an immutable version, its triggers and its schedules, in one transaction. Runs that go on keep theirs. */
import { createHash } from 'node:crypto'
import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { nextTime } from '../lib/cron.ts'
import { newId, type WorkspaceId } from '../lib/ids.ts'
import { configOf, typeOf } from './definition/catalogue.ts'
import { Graph, type Json } from './definition/graph.ts'
import { listenerOf } from './definition/nodes/triggers.ts'
import {
  insertVersion,
  lockWorkflow,
  replaceSchedules,
  replaceTriggers,
  type ScheduleRow,
  selectVersion,
  type TriggerRow,
  updateWorkflow,
  type Workflow,
} from './queries.ts'
import type { VersionId, WorkflowId } from './steps/step.ts'

export interface Publishing {
  readonly note?: string
  /** The revision of the draft that was looked at: another one is not published unseen. */
  readonly revision?: number
  /** Begin runs from now on. Left out: as it was, and the first time yes. */
  readonly enable?: boolean
}

export async function publish(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WorkflowId,
  { note = '', revision, enable }: Publishing,
  by: string | null,
  now: Date,
): Promise<{ readonly versionId: VersionId; readonly number: number }> {
  const workflow = await lockOrRefuse(tx, workspaceId, id)
  if (revision !== undefined && revision !== workflow.draftRevision)
    throw new Refusal('changed_meanwhile', { happened: 'The draft was changed', pointer: '/revision' })
  const graph = readGraph(workflow.draft)
  const versionId = newId<VersionId>(now.getTime())
  const text = JSON.stringify(graph)
  const number = await insertVersion(tx, {
    ...{ workspaceId, id: versionId, workflowId: id, graph: graph as unknown as Json, note, publishedAt: now, publishedBy: by },
    hash: createHash('sha256').update(text).digest(),
  })
  const isEnabled = enable ?? (workflow.versionId === null || workflow.isEnabled)
  const after = { ...workflow, versionId, isEnabled, updatedAt: now }
  await updateWorkflow(tx, after)
  await listen(tx, after, graph, now)
  await append(
    tx,
    {
      type: 'workflow.published',
      workspaceId,
      subjectId: id,
      actor: by,
      data: { name: workflow.name, number, version_id: versionId },
    },
    now,
  )
  return { versionId, number }
}

/** Begins with another version that was published before. */
export async function rollBack(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WorkflowId,
  versionId: VersionId,
  by: string | null,
  now: Date,
): Promise<void> {
  const workflow = await lockOrRefuse(tx, workspaceId, id)
  const version = await selectVersion(tx, workspaceId, versionId)
  if (!version || version.workflowId !== id) throw new Refusal('not_found', { what: 'version' })
  const after = { ...workflow, versionId, updatedAt: now }
  await updateWorkflow(tx, after)
  await listen(tx, after, readGraph(version.graph), now)
  const { name } = workflow
  const data = { name, number: version.number, version_id: versionId, rolled_back: true }
  await append(tx, { type: 'workflow.published', workspaceId, subjectId: id, actor: by, data }, now)
}

/** Runs that go on are left alone either way. */
export async function setEnabled(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WorkflowId,
  isEnabled: boolean,
  by: string | null,
  now: Date,
): Promise<void> {
  const workflow = await lockOrRefuse(tx, workspaceId, id)
  if (workflow.isEnabled === isEnabled) return
  const version = workflow.versionId && (await selectVersion(tx, workspaceId, workflow.versionId))
  if (!version) throw new Refusal('wrong_state', { what: 'workflow', state: 'never published', action: 'switched on' })
  const after = { ...workflow, isEnabled, updatedAt: now }
  await updateWorkflow(tx, after)
  await listen(tx, after, readGraph(version.graph), now)
  const type = isEnabled ? 'workflow.enabled' : 'workflow.disabled'
  await append(tx, { type, workspaceId, subjectId: id, actor: by, data: { name: workflow.name } }, now)
}

/** What is listened for is what the version that new runs begin with says, as long as it is switched on. */
export async function listen(tx: Tx, workflow: Workflow, graph: Graph, now: Date): Promise<void> {
  const { workspaceId, id: workflowId, versionId, isEnabled } = workflow
  if (versionId === null) return
  const found = isEnabled ? listenersOf(workflowId, graph, now) : { triggers: [], schedules: [] }
  await replaceTriggers(tx, { workspaceId, workflowId, versionId, subject: graph.subject }, found.triggers, now)
  await replaceSchedules(tx, { workspaceId, workflowId }, found.schedules)
}

function listenersOf(workflowId: WorkflowId, graph: Graph, now: Date): { triggers: TriggerRow[]; schedules: ScheduleRow[] } {
  const triggers: TriggerRow[] = []
  const schedules: ScheduleRow[] = []
  for (const [nodeId, node] of Object.entries(graph.nodes)) {
    const listener = listenerOf(node, { workflowId, nodeId })
    if (!listener) continue
    triggers.push({ node: nodeId, ...listener.binding })
    if (listener.binding.happening !== 'schedule.due') continue
    const { cron, zone, misfire } = configOf(node) as { cron: string; zone: string; misfire: string }
    schedules.push({ node: nodeId, cron, zone, misfire, nextAt: nextTime(cron, zone, now) })
  }
  return { triggers, schedules }
}

export async function lockOrRefuse(tx: Tx, workspaceId: WorkspaceId, id: WorkflowId): Promise<Workflow> {
  const workflow = await lockWorkflow(tx, workspaceId, id)
  if (!workflow) throw new Refusal('not_found', { what: 'workflow' })
  return workflow
}

/** As it is run; refused with what is wrong first. */
function readGraph(draft: Json): Graph {
  const read = Graph.safeParse(draft)
  const [issue] = read.error?.issues ?? []
  if (!read.success)
    throw new Refusal('invalid_request', { why: issue?.message ?? '', pointer: `/draft/${issue?.path.join('/') ?? ''}` })
  for (const [id, node] of Object.entries(read.data.nodes)) {
    const type = typeOf(node.type)
    if (!type)
      throw new Refusal('invalid_request', {
        why: `There is no step of the type ${node.type}.`,
        pointer: `/draft/nodes/${id}/type`,
      })
    if (configOf(node) === null)
      throw new Refusal('invalid_request', {
        why: `The settings of the step ${id} cannot be read.`,
        pointer: `/draft/nodes/${id}/config`,
      })
  }
  return read.data
}
