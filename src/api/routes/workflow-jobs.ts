import { type Actor, actorReference } from '../../accounts/actor.ts'
import { nameActors } from '../../accounts/names.ts'
import { Refusal } from '../../errors.ts'
import { Graph, type Json } from '../../workflows/definition/graph.ts'
import { beginDraft, findOrRefuse } from '../../workflows/drafts.ts'
import { GALLERY } from '../../workflows/gallery/gallery.ts'
import { finishImport, type ImportReport, importReport } from '../../workflows/imports.ts'
import { previewApply, triggerOf } from '../../workflows/jobs/apply.ts'
import type { Job } from '../../workflows/jobs/job.ts'
import { findJobOrRefuse, listJobs, outcomesOf, scopeOf, startJob, stopJob } from '../../workflows/jobs/jobs.ts'
import { moveRun } from '../../workflows/jobs/move-run.ts'
import { planMove } from '../../workflows/jobs/plan.ts'
import { findVersion, type Workflow } from '../../workflows/manage.ts'
import { checkDraft } from '../../workflows/reading/check-draft.ts'
import type { VersionId } from '../../workflows/steps/step.ts'
import type { ServerDeps } from '../deps.ts'
import {
  createFromTemplate,
  finishWorkflowImport,
  getWorkflowImportReport,
  getWorkflowJob,
  listWorkflowJobs,
  listWorkflowTemplates,
  moveWorkflowRun,
  planWorkflowMove,
  previewWorkflowApply,
  startWorkflowJob,
  stopWorkflowJob,
} from '../endpoints/workflow-jobs.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { toBlocker, toJob, toTemplate, wishOf } from '../wire/workflow-jobs.ts'
import { toProblem } from '../wire/workflows.ts'
import { shownWorkflow } from './workflows.ts'

type Tx = Parameters<typeof findOrRefuse>[0]

async function oneJob(tx: Tx, job: Job) {
  const name = await nameActors(tx, job.workspaceId, [job.createdBy])
  return toJob(job, name, await outcomesOf(tx, job.workspaceId, [job]))
}

export function workflowJobRoutes({ workflows: tools, clock }: Pick<ServerDeps, 'workflows' | 'clock'>): Route[] {
  return [
    route(planWorkflowMove, async ({ tx, params, body, actor }) => {
      const workflow = await findOrRefuse(tx, actor.workspaceId, params.id)
      const versionId = body.version_id ?? null
      const wish = {
        ...{ workflowId: workflow.id, versionId, fromVersionId: body.from_version_id ?? null, mapping: body.mapping },
        after: await graphOf(tx, workflow, versionId),
      }
      const { isPartial, nodes, versions, ...counts } = await planMove(tx, actor.workspaceId, wish)
      return {
        ...{ ...counts, is_partial: isPartial, versions: [...versions] },
        nodes: nodes.map(({ blocker, ...node }) => ({ ...node, blocker: toBlocker(blocker) })),
      }
    }),
    route(previewWorkflowApply, async ({ tx, params, body, actor, now }) => {
      const workflow = await findOrRefuse(tx, actor.workspaceId, params.id)
      const isVersion = body.of === 'version'
      if (isVersion && workflow.versionId === null)
        throw new Refusal('wrong_state', { what: 'workflow', state: 'never published', action: 'applied' })
      const graph = await graphOf(tx, workflow, isVersion ? workflow.versionId : null)
      const { node, question } = triggerOf(graph, body.node ?? null, workflow.id)
      const scope = await scopeOf(tx, actor, graph, body.among ?? {}, now)
      const found = await previewApply(tx, tools, actor.workspaceId, { question, scope }, now, () => clock.monotonicMs())
      return { node, looked_at: found.lookedAt, matched: found.matched, has_more: found.hasMore, items: [...found.items] }
    }),
    route(listWorkflowJobs, async ({ tx, params, actor }) => {
      await findOrRefuse(tx, actor.workspaceId, params.id)
      const page = pageById('workflow_jobs', params)
      const jobs = await listJobs(tx, actor.workspaceId, params.id, page.query)
      const createdBy = jobs.map((job) => job.createdBy)
      const name = await nameActors(tx, actor.workspaceId, createdBy)
      const outcomes = await outcomesOf(tx, actor.workspaceId, jobs)
      return page.of(jobs, (job) => toJob(job, name, outcomes))
    }),
    route(startWorkflowJob, async ({ tx, params, body, actor, now }) => {
      const job = await startJob(tx, actor, params.id, wishOf(body), now)
      return oneJob(tx, job)
    }),
    route(getWorkflowJob, async ({ tx, params, actor }) => {
      const job = await findJobOrRefuse(tx, actor, params.id, params.job_id)
      return oneJob(tx, job)
    }),
    route(stopWorkflowJob, async ({ tx, params, actor, now }) => {
      const job = await stopJob(tx, actor, params.id, params.job_id, now)
      return oneJob(tx, job)
    }),
    route(moveWorkflowRun, ({ tx, params, body, actor, now }) =>
      moveRun(tx, actor, params.id, { versionId: body.version_id, mapping: body.mapping }, now),
    ),
    ...fileRoutes(),
  ]
}

function fileRoutes(): Route[] {
  return [
    route(listWorkflowTemplates, async ({ now }) => ({ items: GALLERY.map((one) => toTemplate(one, now)), next: null })),
    route(createFromTemplate, async ({ tx, body, actor, now }) => {
      const template = GALLERY.find(({ key }) => key === body.template)
      if (!template) throw new Refusal('not_found', { what: 'template', pointer: '/template' })
      const wanted = { name: body.name ?? template.title, draft: template.graph as unknown as Json }
      const made = await beginDraft(tx, actor.workspaceId, wanted, actorReference(actor), now)
      const { problems } = await checkDraft(tx, actor.workspaceId, made, made.draft, now)
      return { workflow: await shownWorkflow(tx, actor, made), problems: problems.map(toProblem) }
    }),
    route(getWorkflowImportReport, async ({ tx, params, actor }) => {
      await findOrRefuse(tx, actor.workspaceId, params.id)
      return shownReport(tx, actor, await importReport(tx, actor.workspaceId, params.id))
    }),
    route(finishWorkflowImport, async ({ tx, params, actor, now }) => {
      await findOrRefuse(tx, actor.workspaceId, params.id)
      return shownReport(tx, actor, await finishImport(tx, actor.workspaceId, params.id, now))
    }),
  ]
}

async function shownReport(tx: Tx, { workspaceId }: Actor, { createdAt, createdBy, doneAt, remarks, ...report }: ImportReport) {
  const name = await nameActors(tx, workspaceId, [createdBy])
  const by = createdBy === null ? null : name(createdBy).name
  return { ...report, remarks: [...remarks], created_at: createdAt, created_by: by, done_at: doneAt }
}

/** A version, or the draft as it would be published. */
async function graphOf(tx: Tx, workflow: Workflow, versionId: VersionId | null): Promise<Graph> {
  const version = versionId === null ? null : await findVersion(tx, workflow.workspaceId, versionId)
  if (versionId !== null && version?.workflowId !== workflow.id)
    throw new Refusal('not_found', { what: 'version', pointer: '/version_id' })
  const read = Graph.safeParse(version?.graph ?? workflow.draft)
  if (!read.success)
    throw new Refusal('wrong_state', { what: versionId === null ? 'draft' : 'version', state: 'not to be read', action: 'used' })
  return read.data
}
