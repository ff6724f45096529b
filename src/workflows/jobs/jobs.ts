/** Beginning, reading and stopping jobs. One at a time for a workflow: two would be in each other's way. */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import { type ContactFilter, isFiltered, peopleIn } from '../../contacts/filter/filter.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { ConversationFilter } from '../../helpdesk/list/filter.ts'
import { newId, type WorkspaceId } from '../../lib/ids.ts'
import { Graph } from '../definition/graph.ts'
import type { Mapping } from '../interpret/carry.ts'
import { lockOrRefuse } from '../publish.ts'
import { selectVersion, type Workflow } from '../queries.ts'
import type { VersionId, WorkflowId } from '../steps/step.ts'
import { triggerOf } from './apply.ts'
import type { Job, JobId } from './job.ts'
import { endJob, insertJob, selectGoing, selectJob, selectOutcomes } from './queries.ts'
import type { Scope } from './scope.ts'

export { selectJobs as listJobs } from './queries.ts'

/** A job that asked for starts is told what came of them. */
export async function outcomesOf(tx: Tx, workspaceId: WorkspaceId, jobs: readonly Job[]) {
  const ids = jobs.filter(({ kind }) => kind === 'apply').map(({ id }) => id)
  const found = await selectOutcomes(tx, workspaceId, ids)
  return (id: JobId): readonly { readonly verdict: string; readonly count: number }[] => found.filter(({ jobId }) => jobId === id)
}

export interface Among {
  readonly conversations?: ConversationFilter | undefined
  readonly contacts?: ContactFilter | undefined
}

export type JobWish =
  | { readonly kind: 'move'; readonly versionId?: VersionId; readonly fromVersionId?: VersionId; readonly mapping?: Mapping }
  /** Of one version, or of all but the one that new runs begin with. */
  | { readonly kind: 'cancel'; readonly fromVersionId?: VersionId }
  | { readonly kind: 'apply'; readonly node?: string; readonly perMinute?: number; readonly among?: Among }

export async function startJob(tx: Tx, actor: Actor, workflowId: WorkflowId, wish: JobWish, now: Date): Promise<Job> {
  const { workspaceId } = actor
  const workflow = await lockOrRefuse(tx, workspaceId, workflowId)
  if (await selectGoing(tx, workspaceId, workflowId))
    throw new Refusal('wrong_state', { what: 'workflow', state: 'busy with another job', action: 'given one more' })
  const versionId = (wish.kind === 'move' ? wish.versionId : undefined) ?? workflow.versionId
  if (versionId === null) throw new Refusal('wrong_state', { what: 'workflow', state: 'never published', action: 'given a job' })
  const version = await versionOrRefuse(tx, workflow, versionId, '/version_id')
  const fromVersionId = wish.kind === 'apply' ? null : (wish.fromVersionId ?? null)
  if (fromVersionId !== null) await versionOrRefuse(tx, workflow, fromVersionId, '/from_version_id')
  const job: Job = {
    ...{
      workspaceId,
      workflowId,
      versionId,
      number: version.number,
      fromVersionId,
      kind: wish.kind,
      id: newId<JobId>(now.getTime()),
    },
    mapping: wish.kind === 'move' ? (wish.mapping ?? {}) : {},
    node: wish.kind === 'apply' ? nodeOf(workflow, version.graph, wish.node ?? null) : null,
    scope: wish.kind === 'apply' ? await scopeOf(tx, actor, version.graph, wish.among ?? {}, now) : null,
    perMinute: wish.kind === 'apply' ? (wish.perMinute ?? null) : null,
    ...{ place: null, state: 'going', dueAt: now, seen: 0, done: 0, leftOut: {}, tries: 0 },
    ...{ createdAt: now, createdBy: actorReference(actor), endedAt: null },
  }
  if (wish.kind === 'move') refuseLost(job.mapping, version.graph)
  await insertJob(tx, job)
  const data = { name: workflow.name, job_id: job.id, kind: job.kind, number: version.number }
  await append(tx, { type: 'workflow.job_started', workspaceId, subjectId: workflowId, actor: job.createdBy, data }, now)
  return job
}

/** Where nothing is, nothing can be sent. */
function refuseLost(mapping: Mapping, graph: Graph): void {
  for (const [from, to] of Object.entries(mapping)) {
    if (graph.nodes[to]) continue
    throw new Refusal('invalid_request', { why: `The version has no step “${to}”.`, pointer: `/mapping/${from}` })
  }
}

/** A list or a segment that is gone is refused, as is what the workflow is not about. */
export async function scopeOf(
  tx: Tx,
  actor: Actor,
  { subject }: Graph,
  { conversations, contacts }: Among,
  now: Date,
): Promise<Scope | null> {
  const isOther = (subject !== 'conversation' && conversations) || (subject !== 'contact' && contacts)
  if (isOther) throw new Refusal('invalid_request', { why: 'The workflow is not about these.', pointer: '/among' })
  if (conversations) return { kind: 'conversation', filter: conversations, userId: actor.kind === 'user' ? actor.id : null }
  if (!contacts || !isFiltered(contacts)) return null
  await peopleIn(tx, actor.workspaceId, contacts, now)
  return { kind: 'contact', filter: contacts }
}

function nodeOf(workflow: Workflow, graph: Graph, named: string | null): string {
  if (!workflow.isEnabled)
    throw new Refusal('wrong_state', { what: 'workflow', state: 'switched off', action: 'applied to what is there' })
  return triggerOf(graph, named, workflow.id).node
}

async function versionOrRefuse(tx: Tx, workflow: Workflow, id: VersionId, pointer: string) {
  const version = await selectVersion(tx, workflow.workspaceId, id)
  if (version?.workflowId !== workflow.id) throw new Refusal('not_found', { what: 'version', pointer })
  const graph = Graph.safeParse(version.graph).data
  if (!graph) throw new Refusal('wrong_state', { what: 'version', state: 'not to be read any more', action: 'used' })
  return { number: version.number, graph }
}

export async function findJobOrRefuse(tx: Tx, actor: Actor, workflowId: WorkflowId, id: JobId): Promise<Job> {
  const job = await selectJob(tx, actor.workspaceId, id)
  if (job?.workflowId !== workflowId) throw new Refusal('not_found', { what: 'job' })
  return job
}

/** What is done stays done; the rest is left as it is. */
export async function stopJob(tx: Tx, actor: Actor, workflowId: WorkflowId, id: JobId, now: Date): Promise<Job> {
  const workflow = await lockOrRefuse(tx, actor.workspaceId, workflowId)
  const job = await findJobOrRefuse(tx, actor, workflowId, id)
  if (await endJob(tx, job, 'stopped', now)) {
    const after = await findJobOrRefuse(tx, actor, workflowId, id)
    await tellEnd(tx, after, workflow.name, actorReference(actor), now)
    return after
  }
  return job
}

export async function tellEnd(
  tx: Tx,
  { workspaceId, workflowId, id, kind, state, done, leftOut }: Job,
  name: string,
  by: string | null,
  now: Date,
): Promise<void> {
  const left = Object.values(leftOut).reduce((sum, n) => sum + n, 0)
  const data = { name, job_id: id, kind, state, done, left_out: left }
  await append(tx, { type: 'workflow.job_ended', workspaceId, subjectId: workflowId, actor: by, data }, now)
}
