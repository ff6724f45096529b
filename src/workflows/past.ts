/** What happened that a trigger would have begun by: one happening to try with, or all of the last 30 days. */
import type { Tx } from '../db/database.ts'
import { newestOfTypes, type PositionedEvent } from '../events/follow.ts'
import { DAY } from '../lib/clock.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { configOf } from './definition/catalogue.ts'
import { judge, type Trace } from './definition/condition.ts'
import type { Graph, Json } from './definition/graph.ts'
import { listenerOf } from './definition/nodes/triggers.ts'
import { subjectOf } from './engine/lane.ts'
import type { Tools } from './engine/tools.ts'
import type { Happening } from './happening.ts'
import type { Values } from './interpret/state.ts'
import { readField } from './steps/read-field.ts'
import type { WorkflowId } from './steps/step.ts'
import { eventTypesOf, happeningsOf, type Placed } from './triggers/happenings.ts'

export const LOOK_BACK_DAYS = 30
/** The newest: more are not looked at. */
const MAX_EVENTS = 2_000
const MAX_OF_ONE = 200

/** Begun by somebody who asks, not by what happens: there need be nothing to look for. */
const ASKED = new Set(['event.received', 'button.pressed', 'run.asked', 'webhook.received', 'schedule.due', 'answer.overdue'])

export interface Where {
  readonly workflowId: WorkflowId
  readonly graph: Graph
  readonly node: string
}

export interface About {
  readonly conversationId: string | null
  readonly contactId: string | null
  readonly payload: Values
}

/** The newest thing that happened there that the trigger listens for. Null: nothing of it did. */
export async function causeFor(
  tx: Tx,
  workspaceId: WorkspaceId,
  where: Where,
  about: About,
  now: Date,
): Promise<Happening | null> {
  const binding = listenerOf(where.graph.nodes[where.node] as Graph['nodes'][string], {
    workflowId: where.workflowId,
    nodeId: where.node,
  })?.binding
  if (!binding) return null
  const { conversationId, contactId, payload } = about
  if (ASKED.has(binding.happening)) {
    const { name = null } = (configOf(where.graph.nodes[where.node] as Graph['nodes'][string]) ?? {}) as { name?: Json }
    const facts = { type: binding.happening, at: now.toISOString(), ...(name !== null && { name }), payload }
    return { kind: binding.happening, keys: [binding.key ?? 'any'], conversationId, contactId, facts }
  }
  const ids = [conversationId, contactId].filter((id) => id !== null)
  const types = eventTypesOf(new Set([binding.happening]))
  const since = new Date(now.getTime() - 365 * DAY)
  const events = await newestOfTypes(tx, workspaceId, types, { since, about: ids }, MAX_OF_ONE)
  const met = await metBy(tx, where, events)
  return met.find((one) => conversationId === null || one.conversationId === conversationId) ?? null
}

/** Newest first. */
async function metBy(tx: Tx, { workflowId, graph, node }: Where, events: readonly PositionedEvent[]): Promise<Placed[]> {
  const binding = listenerOf(graph.nodes[node] as Graph['nodes'][string], { workflowId, nodeId: node })?.binding
  if (!binding || events.length === 0) return []
  const happened = await happeningsOf(tx, events)
  return happened.filter(
    ({ kind, keys, ...rest }) =>
      kind === binding.happening &&
      (binding.key === null || keys.includes(binding.key)) &&
      (graph.subject === 'none' || subjectOf(graph.subject, rest) !== null),
  )
}

export interface Simulated {
  /** Happenings that its triggers listen for. */
  readonly looked: number
  readonly wouldBegin: number
  readonly isPartial: boolean
  readonly first: readonly {
    readonly at: Date
    readonly node: string
    readonly subjectId: string | null
    readonly trace: Trace
    readonly holds: boolean
  }[]
}

export const SHOWN = 50
/** Conditions read what they ask about: as long as somebody looks at a page. */
const MAX_MS = 8_000

/**
 * How often it would have begun in the last 30 days. Conditions see what is true of a conversation or a contact today: what it was then is not kept.
 */
export async function simulate(
  tx: Tx,
  deps: { readonly tools: Tools; readonly monotonicMs: () => number },
  workspaceId: WorkspaceId,
  { workflowId, graph }: Omit<Where, 'node'>,
  now: Date,
): Promise<Simulated> {
  const ends = deps.monotonicMs() + MAX_MS
  const since = new Date(now.getTime() - LOOK_BACK_DAYS * DAY)
  let [looked, wouldBegin, isPartial] = [0, 0, false]
  const first: Simulated['first'][number][] = []
  for (const [node, one] of Object.entries(graph.nodes)) {
    const listener = listenerOf(one, { workflowId, nodeId: node })
    if (!listener || isPartial) continue
    const types = eventTypesOf(new Set([listener.binding.happening]))
    const events = await newestOfTypes(tx, workspaceId, types, { since, about: null }, MAX_EVENTS)
    if (events.length === MAX_EVENTS) isPartial = true
    for (const placed of await metBy(tx, { workflowId, graph, node }, events)) {
      if (deps.monotonicMs() > ends) {
        isPartial = true
        break
      }
      const trace = await judged(tx, deps.tools, workspaceId, graph, listener.condition, placed, now)
      looked += 1
      if (trace.holds) wouldBegin += 1
      if (first.length < SHOWN)
        first.push({ at: placed.event.at, node, subjectId: subjectOf(graph.subject, placed), trace, holds: trace.holds })
    }
  }
  return { looked, wouldBegin, isPartial, first: first.sort((a, b) => b.at.getTime() - a.at.getTime()) }
}

async function judged(
  tx: Tx,
  tools: Tools,
  workspaceId: WorkspaceId,
  graph: Graph,
  condition: Parameters<typeof judge>[0],
  cause: Placed,
  now: Date,
): Promise<Trace> {
  const subjectId = subjectOf(graph.subject, cause)
  const subject = graph.subject === 'none' || subjectId === null ? null : { kind: graph.subject, id: subjectId }
  const scope = { ...(await tools.readSubject(tx, { workspaceId, subject, cause })), event: cause.facts as Values }
  return judge(condition, (field) => readField(scope, field), now)
}
