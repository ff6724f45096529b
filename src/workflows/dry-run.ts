/**
 * Trying a draft with what really happened: its trigger and its conditions are judged, and its steps done, in a transaction that is rolled back. Nothing
 * leaves, nothing stays. Where a step waits, the path ends, unless it is said which way to go on by.
 */
import type { Actor } from '../accounts/actor.ts'
import { type Database, ENGINE, type Tx } from '../db/database.ts'
import { savepoint } from '../db/savepoint.ts'
import { Refusal } from '../errors.ts'
import { DAY } from '../lib/clock.ts'
import { newId, type WorkspaceId } from '../lib/ids.ts'
import { configOf, portOf } from './definition/catalogue.ts'
import { judge, type Trace } from './definition/condition.ts'
import type { Graph } from './definition/graph.ts'
import { listenerOf } from './definition/nodes/triggers.ts'
import type { ActDeps } from './engine/acts.ts'
import { contextOf, interpretDeps, ownScope, prepareToLeave } from './engine/context.ts'
import { subjectOf } from './engine/lane.ts'
import { factsOf, type LiveRun, take } from './engine/live-run.ts'
import type { Happening } from './happening.ts'
import { advance, begin } from './interpret/advance.ts'
import { skip } from './interpret/moves.ts'
import { nextReady } from './interpret/next.ts'
import type { StepLine, StepResult } from './interpret/result.ts'
import type { RunState, Token, Values } from './interpret/state.ts'
import { findReferences, namesFrom, referencesIn } from './reading/references.ts'
import { lineInWords } from './reading/run-words.ts'
import { type ShownToken, showToken } from './reading/runs.ts'
import { readField } from './steps/read-field.ts'
import type { RunId, VersionId, WorkflowId } from './steps/step.ts'

export interface Trial {
  readonly graph: Graph
  /** Where it begins. */
  readonly node: string
  readonly happening: Happening
  readonly inputs: Values
  /** Node → port: on which way to go on where it waits. */
  readonly ways: Readonly<Record<string, string>>
}

export interface Tried {
  readonly holds: boolean
  /** Null: nothing was asked. */
  readonly trace: Trace | null
  readonly state: RunState
  readonly lines: readonly (StepLine & { readonly sentence: string })[]
  readonly tokens: readonly Omit<ShownToken, 'inTheWay'>[]
  /** It did not come to its end within what a trial may do. */
  readonly isCut: boolean
}

const MAX_NODES = 200
const MAX_MS = 5_000
const BLANK: RunState = {
  ...{ status: 'running', vars: {}, outputs: {}, tokens: [], forks: [], steps: 0, visits: {}, endReason: null },
}

/** Carries what came of it out of the transaction, which ends with it. */
class RolledBack extends Error {
  readonly tried: Tried
  constructor(tried: Tried) {
    super('rolled back, as it was meant')
    this.tried = tried
  }
}

export async function tryRun(
  database: Database,
  deps: ActDeps & { readonly monotonicMs: () => number },
  actor: Actor,
  workflowId: WorkflowId,
  trial: Trial,
  now: Date,
): Promise<Tried> {
  try {
    await database.transaction(
      ENGINE,
      async (tx) => {
        throw new RolledBack(await attempt(tx, deps, actor.workspaceId, workflowId, trial, now))
      },
      { statementTimeoutMs: MAX_MS },
    )
  } catch (error) {
    if (error instanceof RolledBack) return error.tried
    throw error
  }
  throw new Error('a trial ends by being rolled back')
}

async function attempt(
  tx: Tx,
  deps: ActDeps & { readonly monotonicMs: () => number },
  workspaceId: WorkspaceId,
  workflowId: WorkflowId,
  trial: Trial,
  now: Date,
): Promise<Tried> {
  const { graph, node } = trial
  const run = aRun(workspaceId, workflowId, trial, now)
  const condition = listenerOf(graph.nodes[node] as Graph['nodes'][string], { workflowId, nodeId: node })?.condition
  run.subject = await deps.tools.readSubject(tx, run.facts)
  const scope = { ...run.subject, ...ownScope(run.facts, run.state, null) }
  const trace = condition ? judge(condition, (field) => readField(scope, field), now) : null
  const names = namesFrom(await findReferences(tx, workspaceId, referencesIn([graph])))
  if (trace && !trace.holds) return { holds: false, trace, state: run.state, lines: [], tokens: [], isCut: false }
  const isCut = await walk(tx, deps, run, trial, now)
  return {
    ...{ holds: true, trace, isCut, state: run.state },
    lines: run.lines.map((line) => ({ ...line, sentence: lineInWords(line, graph, names) })),
    tokens: run.state.tokens.map((token) => showToken(token, graph, names)),
  }
}

function aRun(workspaceId: WorkspaceId, workflowId: WorkflowId, trial: Trial, now: Date): LiveRun {
  const { graph, node, happening: cause, inputs } = trial
  const subjectId = subjectOf(graph.subject, cause)
  const row = {
    ...{ workspaceId, workflowId, id: newId<RunId>(now.getTime()), versionId: newId<VersionId>(now.getTime()), laneId: null },
    ...({ status: 'running', subjectKind: subjectId === null ? 'none' : graph.subject, subjectId, node, cause, inputs } as const),
    ...{ txid: '0', seq: '0', parentId: null, depth: 0, sole: false, isTest: true, vars: {}, outputs: {}, steps: 0, visits: {} },
    ...{ lines: 0, held: 0, startedAt: now, deadlineAt: new Date(now.getTime() + graph.limits.days * DAY), endedAt: null },
    endReason: null,
  }
  return {
    ...{ row, graph, saved: null, state: BLANK, waits: new Map(), lines: [], dropped: [], subject: null, places: new Map() },
    facts: factsOf(row, graph),
  }
}

/** True: it was cut short. */
async function walk(
  tx: Tx,
  deps: ActDeps & { readonly monotonicMs: () => number },
  run: LiveRun,
  { graph, node, inputs, ways }: Trial,
  now: Date,
): Promise<boolean> {
  const place = { txid: '0', seq: '0' }
  const ends = deps.monotonicMs() + MAX_MS
  const vars = Object.fromEntries(Object.entries(inputs).filter(([key]) => graph.vars.some((one) => one.key === key)))
  take(run, begin(graph, node, vars, interpretDeps(run, now)), place)
  for (let nodes = 0; run.state.status === 'running'; nodes++) {
    if (nodes >= MAX_NODES || deps.monotonicMs() > ends) return true
    const chosen = run.state.tokens.find(
      (token) =>
        token.state !== 'ready' && portOf(graph.nodes[token.node] as Graph['nodes'][string], ways[token.node] ?? '') !== null,
    )
    const token = nextReady(run.state, now)
    if (token) {
      const result = await doStep(tx, deps, run, token, now)
      await prepareToLeave(tx, deps.tools, run, graph.nodes[token.node])
      take(run, advance(graph, run.state, token.id, result, interpretDeps(run, now)), place)
    } else if (chosen) {
      await prepareToLeave(tx, deps.tools, run, graph.nodes[chosen.node])
      take(run, skip(graph, run.state, chosen.id, ways[chosen.node] ?? '', interpretDeps(run, now)), place)
    } else return false
  }
  return false
}

async function doStep(tx: Tx, deps: ActDeps, run: LiveRun, token: Token, now: Date): Promise<StepResult> {
  const node = run.graph.nodes[token.node]
  const step = node && deps.tools.steps.get(node.type)
  const config = node ? configOf(node) : null
  const failed = (sentence: string): StepResult => ({ kind: 'fail', class: 'invalid', sentence, retryAt: null, port: null })
  if (!node || !step) return failed(`This version of Waybill does not know the step “${node?.type ?? token.node}”.`)
  if (config === null) return failed('The settings of this step cannot be read.')
  try {
    const context = contextOf(tx, run, token, node, deps, now)
    const result = await savepoint(tx, async () => await step.run(context, config))
    // A trial is not tried again later.
    return result.kind === 'fail' ? { ...result, retryAt: null } : result
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error)
    return error instanceof Refusal ? ({ ...failed(sentence), class: 'refused', port: 'failed' } as StepResult) : failed(sentence)
  } finally {
    run.subject = null
  }
}
