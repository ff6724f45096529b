import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { hashOf } from '../../gateway/request-hash.ts'
import { underKey } from '../../gateway/under-key.ts'
import type { ContactId, ConversationId, InboxId } from '../../lib/ids.ts'
import { findOrRefuse } from '../../workflows/drafts.ts'
import { cancelRun, retryStep, skipTo } from '../../workflows/engine/acts.ts'
import type { Values } from '../../workflows/interpret/state.ts'
import { createEventTaker, tellEvent } from '../../workflows/named-events.ts'
import { automationsOf, buttonsFor } from '../../workflows/reading/automations.ts'
import { listRuns, readRun } from '../../workflows/reading/runs.ts'
import { sameSubjects } from '../../workflows/reading/subjects.ts'
import { verdictsOf } from '../../workflows/reading/verdicts.ts'
import { actOnIncident, cancelChosen, continueNow } from '../../workflows/run-acts.ts'
import { askAgain } from '../../workflows/start-again.ts'
import { askForRun, askForRuns } from '../../workflows/start-run.ts'
import type { RunId } from '../../workflows/steps/step.ts'
import type { ServerDeps } from '../deps.ts'
import {
  actOnHeldRuns,
  cancelWorkflowRun,
  cancelWorkflowRuns,
  continueWorkflowRun,
  getConversationAutomations,
  getWorkflowRun,
  listWorkflowButtons,
  listWorkflowRuns,
  listWorkflowVerdicts,
  retryWorkflowRun,
  skipWorkflowRun,
  startRunAgain,
  startWorkflowRun,
  startWorkflowRuns,
  tellNamedEvent,
} from '../endpoints/workflow-runs.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { toButton, toRun, toRunSummary, toVerdict } from '../wire/workflow-runs.ts'
import { toWaitingStart } from '../wire/workflow-waiting.ts'

export function workflowRunRoutes({
  workflows: tools,
  database,
  clock,
  wake,
}: Pick<ServerDeps, 'workflows' | 'database' | 'clock' | 'wake'>): Route[] {
  const acting = { tools, random: Math.random }
  const of = ({ workspaceId }: Actor, { id: runId }: { id: RunId }) => ({ workspaceId, runId })
  return [
    route(listWorkflowRuns, async ({ tx, params, actor }) => {
      const { workflow_id: workflowId, subject_id: subjectId, status, held, node, passed, since } = params
      const page = pageById('workflow_runs', params)
      const filter = {
        ...(workflowId !== undefined && { workflowId }),
        ...(subjectId !== undefined && { subjectIds: await sameSubjects(tx, actor.workspaceId, subjectId) }),
        ...(status !== undefined && { status }),
        ...(held === true && { held }),
        ...(node !== undefined && { node }),
        ...(passed !== undefined && { passed }),
        ...(since !== undefined && { since }),
      }
      const found = await listRuns(tx, actor.workspaceId, filter, page.query)
      return page.of(
        found.map((run) => ({ id: run.row.id, run })),
        ({ run }) => toRunSummary(run),
      )
    }),
    route(getWorkflowRun, async ({ tx, params, actor, now }) =>
      toRun(await readRun(tx, actor, params.id, params.after ?? 0, now)),
    ),
    route(retryWorkflowRun, async ({ tx, params, body, actor, now }) => {
      const wanted = { ...of(actor, params), tokenId: body.token_id, ...(body.vars && { vars: body.vars as Values }) }
      await retryStep(tx, acting, wanted, actorReference(actor), now)
      return shown(tx, actor, params.id, now)
    }),
    route(skipWorkflowRun, async ({ tx, params, body, actor, now }) => {
      await skipTo(tx, acting, { ...of(actor, params), tokenId: body.token_id, port: body.port }, actorReference(actor), now)
      return shown(tx, actor, params.id, now)
    }),
    route(continueWorkflowRun, async ({ tx, params, body, actor, now }) => {
      await continueNow(tx, acting, actor, params.id, body.token_id, now)
      return shown(tx, actor, params.id, now)
    }),
    route(cancelWorkflowRun, async ({ tx, params, actor, now }) => {
      await cancelRun(tx, acting, of(actor, params), actorReference(actor), now)
      return shown(tx, actor, params.id, now)
    }),
    route(actOnHeldRuns, async ({ body, actor }) => {
      const { done, refused, hasMore } = await actOnIncident(database, acting, actor, body.incident_id, body.act, () =>
        clock.now(),
      )
      return { done, refused: refused.map(({ runId, sentence }) => ({ run_id: runId, sentence })), has_more: hasMore }
    }),
    route(cancelWorkflowRuns, async ({ body, actor }) => {
      const { done, refused } = await cancelChosen(database, acting, actor, body.run_ids, () => clock.now())
      return { done, refused: refused.map(({ runId, sentence }) => ({ run_id: runId, sentence })) }
    }),
    ...beginningRoutes(),
    eventRoute(database, wake),
    ...tellingRoutes(),
  ]
}

function beginningRoutes(): Route[] {
  return [
    route(startWorkflowRun, async ({ tx, params, body, actor, now }) => {
      const { by, conversation_id: conversationId, contact_id: contactId, inputs, is_test: isTest } = body
      const wish = { by, inputs: inputs as Values, isTest, ...placeOf(conversationId, contactId) }
      return { run_id: await askForRun(tx, actor, params.id, wish, now) }
    }),
    route(startWorkflowRuns, async ({ tx, params, body, actor, now }) => {
      const wish = { conversationIds: body.conversation_ids, inputs: body.inputs as Values }
      const { done, refused } = await askForRuns(tx, actor, params.id, wish, now)
      return {
        done,
        refused: refused.map(({ conversationId, sentence }) => ({ conversation_id: conversationId as ConversationId, sentence })),
      }
    }),
    route(startRunAgain, async ({ tx, params, actor, now }) => ({ run_id: await askAgain(tx, actor, params.id, now) })),
  ]
}

function eventRoute(database: ServerDeps['database'], wake: ServerDeps['wake']): Route {
  const take = createEventTaker(database, () => wake('log'))
  return route(tellNamedEvent, async ({ body, actor, now, idempotencyKey: key }) => {
    const { name, key: of, payload, conversation_id: conversationId, contact_id: contactId } = body
    const about = placeOf(conversationId, contactId)
    const event = { name, payload: payload as Values, ...(of !== undefined && { key: of }), ...about }
    if (key === null && Object.keys(about).length === 0) await take(actor, event, now)
    else {
      const { workspaceId } = actor
      await database.transaction({ as: 'api', workspaceId }, async (tx) => {
        const tell = async () => {
          await tellEvent(tx, actor, event, now)
          return {}
        }
        await underKey(tx, { workspaceId, key, requestHash: hashOf({ event: body }) }, tell, now)
      })
      wake('log')
    }
    return { accepted: true as const }
  })
}

function placeOf(conversationId: string | undefined, contactId: ContactId | undefined) {
  return { ...(conversationId !== undefined && { conversationId }), ...(contactId !== undefined && { contactId }) }
}

function tellingRoutes(): Route[] {
  return [
    route(getConversationAutomations, async ({ tx, params, actor }) => {
      const page = pageById('workflow_verdicts', params)
      const { runs, verdicts, waiting, buttons } = await automationsOf(tx, actor, params.id, page.query)
      return {
        runs: runs.map(toRunSummary),
        verdicts: page.of(verdicts, toVerdict),
        waiting: waiting.map(toWaitingStart),
        buttons: buttons.map(toButton),
      }
    }),
    route(listWorkflowButtons, async ({ tx, actor }) => ({
      items: (await buttonsFor(tx, actor, null)).map((one) => ({ ...toButton(one), inboxes: one.inboxes as InboxId[] })),
      next: null,
    })),
    route(listWorkflowVerdicts, async ({ tx, params, actor }) => {
      await findOrRefuse(tx, actor.workspaceId, params.id)
      const page = pageById('workflow_verdicts', params)
      return page.of(await verdictsOf(tx, actor.workspaceId, params.id, page.query), toVerdict)
    }),
  ]
}

async function shown(tx: Tx, actor: Actor, id: RunId, now: Date) {
  return toRun(await readRun(tx, actor, id, 0, now))
}
