import { type Actor, actorReference } from '../../accounts/actor.ts'
import { nameActors } from '../../accounts/names.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { DAY } from '../../lib/clock.ts'
import { canPublish } from '../../workflows/definition/check.ts'
import { Graph } from '../../workflows/definition/graph.ts'
import { beginDraft, changeDraft, fileOf, findOrRefuse, orderWorkflows as order, publishDraft } from '../../workflows/drafts.ts'
import { importWorkflow as readImport } from '../../workflows/imports.ts'
import { startJob } from '../../workflows/jobs/jobs.ts'
import { MAX_WORKFLOWS } from '../../workflows/limits.ts'
import {
  findVersion,
  listWorkflows as list,
  listVersions,
  removeWorkflow as remove,
  rollBack,
  setEnabled,
  type Workflow,
} from '../../workflows/manage.ts'
import { checkDraft } from '../../workflows/reading/check-draft.ts'
import { countRuns } from '../../workflows/reading/counts.ts'
import { describeWorkflows } from '../../workflows/reading/list.ts'
import { findReferences, referencesIn } from '../../workflows/reading/references.ts'
import type { WorkflowId } from '../../workflows/steps/step.ts'
import {
  changeWorkflow,
  checkWorkflow,
  countWorkflow,
  createWorkflow,
  disableWorkflow,
  duplicateWorkflow,
  enableWorkflow,
  exportWorkflow,
  getWorkflow,
  getWorkflowVersion,
  importWorkflow,
  listWorkflows,
  listWorkflowVersions,
  orderWorkflows,
  publishWorkflow,
  removeWorkflow,
  rollBackWorkflow,
} from '../endpoints/workflows.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { asJson, objectOf, toProblem, toSummary, toVersion, toWorkflow } from '../wire/workflows.ts'

const COUNTED_DAYS = 7

export function workflowRoutes(): Route[] {
  return [
    route(listWorkflows, ({ tx, actor }) => all(tx, actor)),
    route(createWorkflow, async ({ tx, body: { name, draft, layout }, actor, now }) => {
      const wanted = { name, ...(draft && { draft: asJson(draft) }), ...(layout && { layout: asJson(layout) }) }
      return shownWorkflow(tx, actor, await beginDraft(tx, actor.workspaceId, wanted, actorReference(actor), now))
    }),
    route(orderWorkflows, async ({ tx, body, actor, now }) => {
      await order(tx, actor.workspaceId, body.ids, actorReference(actor), now)
      return all(tx, actor)
    }),
    route(importWorkflow, async ({ tx, body, actor, now }) => {
      const given = { file: asJson(body.file), name: body.name ?? null }
      const { workflow, report } = await readImport(tx, actor.workspaceId, given, actorReference(actor), now)
      const { problems } = await checkDraft(tx, actor.workspaceId, workflow, workflow.draft, now)
      const { format, remarks, activities } = report
      const said = { format, activities, remarks: [...remarks] }
      return { workflow: await shownWorkflow(tx, actor, workflow), problems: problems.map(toProblem), report: said }
    }),
    route(getWorkflow, ({ tx, params, actor }) => one(tx, actor, params.id)),
    route(changeWorkflow, async ({ tx, params, body: { draft, layout, name, revision }, actor, now }) => {
      const change = {
        ...(name !== undefined && { name }),
        ...(revision !== undefined && { revision }),
        ...(draft && { draft: asJson(draft) }),
        ...(layout && { layout: asJson(layout) }),
      }
      return shownWorkflow(tx, actor, await changeDraft(tx, actor.workspaceId, params.id, change, actorReference(actor), now))
    }),
    route(removeWorkflow, ({ tx, params, actor, now }) => remove(tx, actor.workspaceId, params.id, actorReference(actor), now)),
    route(checkWorkflow, async ({ tx, params, body, actor, now }) => {
      const workflow = await findOrRefuse(tx, actor.workspaceId, params.id)
      const draft = body.draft ? asJson(body.draft) : workflow.draft
      const { problems } = await checkDraft(tx, actor.workspaceId, workflow, draft, now)
      return { can_publish: canPublish(problems), problems: problems.map(toProblem) }
    }),
    route(publishWorkflow, async ({ tx, params, body: { enable, runs, mapping, ...wanted }, actor, now }) => {
      const publishing = { ...wanted, ...(enable !== undefined && { enable }) }
      await publishDraft(tx, actor.workspaceId, params.id, publishing, actorReference(actor), now)
      if (runs === 'move') await startJob(tx, actor, params.id, { kind: runs, ...(mapping && { mapping }) }, now)
      if (runs === 'cancel') await startJob(tx, actor, params.id, { kind: runs }, now)
      return one(tx, actor, params.id)
    }),
    ...(
      [
        [enableWorkflow, true],
        [disableWorkflow, false],
      ] as const
    ).map(([endpoint, isEnabled]) =>
      route(endpoint, async ({ tx, params, actor, now }) => {
        await setEnabled(tx, actor.workspaceId, params.id, isEnabled, actorReference(actor), now)
        return one(tx, actor, params.id)
      }),
    ),
    route(duplicateWorkflow, async ({ tx, params, body, actor, now }) => {
      const { draft, layout } = await findOrRefuse(tx, actor.workspaceId, params.id)
      const wanted = { name: body.name, draft, layout }
      return shownWorkflow(tx, actor, await beginDraft(tx, actor.workspaceId, wanted, actorReference(actor), now))
    }),
    route(countWorkflow, async ({ tx, params, actor, now }) => {
      await findOrRefuse(tx, actor.workspaceId, params.id)
      const since = params.since ?? new Date(now.getTime() - COUNTED_DAYS * DAY)
      const { isPartial, nodes, ...counts } = await countRuns(tx, actor.workspaceId, params.id, {
        since,
        tests: params.tests ?? false,
      })
      return { since, ...counts, is_partial: isPartial, nodes: [...nodes] }
    }),
    route(exportWorkflow, async ({ tx, params, actor }) => {
      const workflow = await findOrRefuse(tx, actor.workspaceId, params.id)
      const contentType = 'application/json; charset=utf-8'
      return { content: Buffer.from(fileOf(workflow)), filename: `${workflow.name}.workflow.json`, contentType }
    }),
    ...versionRoutes(),
  ]
}

function versionRoutes(): Route[] {
  return [
    route(listWorkflowVersions, async ({ tx, params, actor }) => {
      const { versionId } = await findOrRefuse(tx, actor.workspaceId, params.id)
      const page = pageById('workflow_versions', params)
      const found = await listVersions(tx, actor.workspaceId, params.id, page.query.limit, page.query.after)
      const name = await nameActors(
        tx,
        actor.workspaceId,
        found.map(({ publishedBy }) => publishedBy),
      )
      return page.of(found, (version) => toVersion(version, versionId, name))
    }),
    route(getWorkflowVersion, async ({ tx, params, actor }) => {
      const workflow = await findOrRefuse(tx, actor.workspaceId, params.id)
      const found = await findVersion(tx, actor.workspaceId, params.version_id)
      if (found?.workflowId !== workflow.id) throw new Refusal('not_found', { what: 'version' })
      const graph = Graph.safeParse(found.graph).data
      return {
        ...toVersion(found, workflow.versionId, await nameActors(tx, actor.workspaceId, [found.publishedBy])),
        definition: objectOf(found.graph),
        names: graph ? await findReferences(tx, actor.workspaceId, referencesIn([graph])) : [],
      }
    }),
    route(rollBackWorkflow, async ({ tx, params, actor, now }) => {
      await rollBack(tx, actor.workspaceId, params.id, params.version_id, actorReference(actor), now)
      return one(tx, actor, params.id)
    }),
  ]
}

async function all(tx: Tx, actor: Actor) {
  const workflows = await list(tx, actor.workspaceId, MAX_WORKFLOWS)
  const { items } = await describeWorkflows(tx, actor.workspaceId, workflows)
  const name = await nameActors(
    tx,
    actor.workspaceId,
    workflows.map(({ createdBy }) => createdBy),
  )
  return { items: items.map((item) => toSummary(item, name)), next: null }
}

async function one(tx: Tx, actor: Actor, id: WorkflowId) {
  return await shownWorkflow(tx, actor, await findOrRefuse(tx, actor.workspaceId, id))
}

export async function shownWorkflow(tx: Tx, actor: Actor, workflow: Workflow) {
  const { items, names } = await describeWorkflows(tx, actor.workspaceId, [workflow])
  const [described] = items
  if (!described) throw new Refusal('not_found', { what: 'workflow' })
  return toWorkflow(described, names, await nameActors(tx, actor.workspaceId, [workflow.createdBy]))
}
