/** What people do with runs from a page: one run, or all that one trouble stopped. */
import { type Actor, actorReference, can } from '../accounts/actor.ts'
import type { Database, Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import type { IncidentId } from '../incidents/incident.ts'
import { findIncident } from '../incidents/incidents.ts'
import { type ActDeps, cancelRun, retryStep, skipTo } from './engine/acts.ts'
import { selectTokens } from './engine/run-queries.ts'
import { RUNS_AT_ONCE } from './limits.ts'
import { type HeldToken, selectHeldAt } from './reading/runs-queries.ts'
import type { RunId, WorkflowId } from './steps/step.ts'

/** Ends the waiting of a step as if its time had come. */
export async function continueNow(tx: Tx, deps: ActDeps, actor: Actor, runId: RunId, tokenId: string, now: Date): Promise<void> {
  const { workspaceId } = actor
  const tokens = await selectTokens(tx, workspaceId, [runId])
  const token = tokens.find((one) => one.token.id === tokenId)?.token
  if (!token) throw new Refusal('not_found', { what: 'step' })
  const by = actorReference(actor)
  if (token.state === 'ready') return await retryStep(tx, deps, { workspaceId, runId, tokenId }, by, now)
  if (token.state !== 'waiting' || token.timeoutPort === null)
    throw new Refusal('wrong_state', { what: 'step', state: 'without a time that it waits for', action: 'continued; skip it' })
  await skipTo(tx, deps, { workspaceId, runId, tokenId, port: token.timeoutPort }, by, now)
}

export type BulkAct = { readonly act: 'retry' } | { readonly act: 'skip'; readonly port: string } | { readonly act: 'cancel' }

export interface BulkDone {
  readonly done: number
  readonly refused: readonly { readonly runId: RunId; readonly sentence: string }[]
  /** So many of them are left: ask again. */
  readonly hasMore: boolean
}

/** Each run in a transaction of its own: a transaction locks one lane. */
export async function actOnIncident(
  database: Database,
  deps: ActDeps,
  actor: Actor,
  incidentId: IncidentId,
  act: BulkAct,
  now: () => Date,
): Promise<BulkDone> {
  const { workspaceId } = actor
  const scope = { as: 'api', workspaceId } as const
  const held = await database.transaction(scope, (tx) => heldBy(tx, actor, incidentId), { readOnly: true })
  const chosen = held.slice(0, RUNS_AT_ONCE)
  const done = await eachRun(
    chosen.map(({ runId }) => runId),
    (_, nth) => database.transaction(scope, (tx) => doOne(tx, deps, actor, chosen[nth] as HeldToken, act, now())),
  )
  return { ...done, hasMore: held.length > RUNS_AT_ONCE }
}

/** Of those that are chosen in a list. What came to its end meanwhile is told. */
export async function cancelChosen(
  database: Database,
  deps: ActDeps,
  actor: Actor,
  runIds: readonly RunId[],
  now: () => Date,
): Promise<Omit<BulkDone, 'hasMore'>> {
  const { workspaceId } = actor
  return await eachRun(runIds, (runId) =>
    database.transaction({ as: 'api', workspaceId }, (tx) =>
      cancelRun(tx, deps, { workspaceId, runId }, actorReference(actor), now()),
    ),
  )
}

async function eachRun(
  runIds: readonly RunId[],
  work: (id: RunId, nth: number) => Promise<void>,
): Promise<Omit<BulkDone, 'hasMore'>> {
  const refused: { runId: RunId; sentence: string }[] = []
  let done = 0
  for (const [nth, runId] of runIds.entries()) {
    try {
      await work(runId, nth)
      done += 1
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refused.push({ runId, sentence: error.message })
    }
  }
  return { done, refused }
}

async function heldBy(tx: Tx, actor: Actor, incidentId: IncidentId): Promise<HeldToken[]> {
  const incident = can(actor, 'workflows.manage') ? await findIncident(tx, actor.workspaceId, incidentId) : null
  if (!incident) throw new Refusal('not_found', { what: 'incident', pointer: '/incident_id' })
  const { kind, subject, evidence } = incident
  if (kind !== 'workflow.held' || !subject)
    throw new Refusal('wrong_state', { what: 'incident', state: 'not about runs of a workflow', action: 'acted on this way' })
  const at = { workflowId: subject.id as WorkflowId, node: String(evidence.node), class: String(evidence.class) }
  return await selectHeldAt(tx, actor.workspaceId, at, RUNS_AT_ONCE + 1)
}

async function doOne(tx: Tx, deps: ActDeps, actor: Actor, { runId, tokenId }: HeldToken, act: BulkAct, now: Date): Promise<void> {
  const of = { workspaceId: actor.workspaceId, runId, tokenId }
  const by = actorReference(actor)
  if (act.act === 'retry') await retryStep(tx, deps, of, by, now)
  else if (act.act === 'skip') await skipTo(tx, deps, { ...of, port: act.port }, by, now)
  else await cancelRun(tx, deps, of, by, now)
}
