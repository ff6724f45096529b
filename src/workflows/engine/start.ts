/** Whether a run begins, decided in the lane of its subject: nothing else about it is under way meanwhile. */
import type { Tx } from '../../db/database.ts'
import type { LogPosition } from '../../events/follow.ts'
import { DAY } from '../../lib/clock.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { type Condition, judge, rowsOf } from '../definition/condition.ts'
import type { Graph, Json, Node } from '../definition/graph.ts'
import { listenerOf } from '../definition/nodes/triggers.ts'
import { standingCondition } from '../definition/standing.ts'
import { begin } from '../interpret/advance.ts'
import { cancel } from '../interpret/moves.ts'
import type { RunState, Values } from '../interpret/state.ts'
import { readField } from '../steps/read-field.ts'
import type { RunId } from '../steps/step.ts'
import type { BoxRow, Start } from './box.ts'
import { interpretDeps, ownScope } from './context.ts'
import { subjectOf } from './lane.ts'
import { comparePlaces } from './letters.ts'
import { factsOf, type LiveRun, take } from './live-run.ts'
import { countOf, sameSubjects, stillRunning } from './one-at-a-time.ts'
import { isStillAwaited, type RunRow, selectObstacles } from './run-queries.ts'
import type { Tools } from './tools.ts'
import type { Verdict, VerdictCode } from './verdict.ts'
import type { Versions } from './versions.ts'

export type Started =
  | { readonly kind: 'began'; readonly run: LiveRun; readonly verdict: Verdict | null }
  | { readonly kind: 'refused'; readonly verdict: Verdict }
  /** Waits for the run before it to end. */
  | { readonly kind: 'queued' }
  /** What it has to do with goes on in the lane of whoever its subject was joined with: there it is decided. */
  | { readonly kind: 'elsewhere'; readonly laneId: string }

export interface StartDeps {
  readonly tx: Tx
  readonly tools: Tools
  readonly versions: Versions
  /** Runs of this lane, read when they are needed. */
  readonly runOf: (id: RunId) => Promise<LiveRun | null>
  readonly now: Date
}

/** Of a start that is looked at soon after it was asked for the switch need not be looked at again. */
const FRESH_MS = 5_000
export function isFresh({ at }: BoxRow, now: Date): boolean {
  return now.getTime() - at.getTime() <= FRESH_MS
}

const BLANK: RunState = {
  ...{ status: 'running', vars: {}, outputs: {}, tokens: [], forks: [], steps: 0, visits: {}, endReason: null },
}

export async function start(
  { tx, tools, versions, runOf, now }: StartDeps,
  workspaceId: WorkspaceId,
  laneId: string,
  letter: Start,
  row: BoxRow,
  begun: readonly LiveRun[],
): Promise<Started> {
  const { workflowId, versionId, happening, jobId } = letter
  const version = await versions.of(tx, workspaceId, versionId)
  const subject = version?.graph.subject ?? 'none'
  const subjectId = subjectOf(subject, happening)
  const refuse = (verdict: VerdictCode, trace: Json = []): Started => ({
    kind: 'refused',
    verdict: { workflowId, subjectId, runId: null, verdict, trace, jobId },
  })
  if (!version) return refuse('broken')
  const { graph } = version
  const { parentId, runId } = letter
  if (letter.isAwaited && parentId && runId && !(await isStillAwaited(tx, workspaceId, parentId, runId)))
    return refuse('not_awaited')
  const run = newRun(workspaceId, laneId, letter, row, graph, subjectId, now)

  const runsPerSubject = letter.isAgain ? null : graph.limits.runsPerSubject
  const isSole = subjectId !== null && graph.reentry !== 'allow'
  const isAsked = isSole || runsPerSubject !== null || !isFresh(row, now)
  const subjects = sameSubjects(subject, subjectId, happening)
  const obstacles = isAsked ? await selectObstacles(tx, workspaceId, workflowId, { subjects, laneId }) : NONE
  if (!obstacles.enabled && !letter.isTest) return refuse('switched_off')

  const judged = await judgeStart(tx, tools, run, graph, letter, now)
  if (judged === null) return refuse('broken')
  if (!judged.holds) return refuse('conditions', judged.trace)
  if (runsPerSubject !== null && subjectId !== null && obstacles.runs + countOf(begun, run, subjects) >= runsPerSubject)
    return refuse('enough', judged.trace)

  const running = isSole ? await stillRunning(obstacles.running, begun, run, subjects, runOf) : null
  if (running && graph.reentry === 'ignore') return refuse('already_running', judged.trace)
  if (running?.row.laneId && running.row.laneId !== laneId) return { kind: 'elsewhere', laneId: running.row.laneId }
  if (running && graph.reentry === 'queue') return { kind: 'queued' }
  if (running) take(running, cancel(running.state, 'restarted', interpretDeps(running, now)), row.place)

  const vars: Values = Object.fromEntries(
    graph.vars.filter(({ key }) => letter.inputs?.[key] !== undefined).map(({ key }) => [key, letter.inputs?.[key] as Json]),
  )
  take(run, begin(graph, letter.node, vars, interpretDeps(run, now)), earlier(letter.since, row.place))
  const hasSaid = judged.trace !== null || jobId !== undefined
  return {
    kind: 'began',
    run,
    verdict: hasSaid ? { workflowId, subjectId, runId: run.row.id, verdict: 'began', trace: judged.trace ?? [], jobId } : null,
  }
}

/** Of a letter from before a restore one place is of the old log; then that of its row counts, which was brought along. */
function earlier(since: LogPosition | undefined, place: LogPosition): LogPosition {
  return since && comparePlaces(since, place) < 0 ? since : place
}

const NONE = { enabled: true, running: null, runs: 0 }

function newRun(
  workspaceId: WorkspaceId,
  laneId: string,
  letter: Start,
  { place }: BoxRow,
  graph: Graph,
  subjectId: string | null,
  now: Date,
): LiveRun {
  const { workflowId, versionId, node, happening: cause, depth, parentId = null, inputs = {}, isTest = false } = letter
  const row: RunRow = {
    ...{
      workspaceId,
      workflowId,
      versionId,
      laneId,
      node,
      cause,
      parentId,
      depth,
      inputs,
      isTest,
      subjectId,
      ...(letter.applied ?? place),
    },
    id: letter.runId as RunId,
    subjectKind: graph.subject,
    sole: subjectId !== null && graph.reentry !== 'allow',
    ...{ status: 'running', vars: {}, outputs: {}, steps: 0, visits: {}, lines: 0, held: 0, endedAt: null, endReason: null },
    startedAt: now,
    deadlineAt: new Date(now.getTime() + graph.limits.days * DAY),
  }
  return {
    ...{ row, graph, saved: null, state: BLANK, waits: new Map(), lines: [], dropped: [], subject: null },
    facts: factsOf(row, graph),
    places: new Map(),
  }
}

/** `trace` is null where nothing was asked; null as a whole where it cannot be judged. */
async function judgeStart(
  tx: Tx,
  tools: Tools,
  run: LiveRun,
  graph: Graph,
  { node: nodeId, applied }: Start,
  now: Date,
): Promise<{ holds: boolean; trace: Json | null } | null> {
  const node = graph.nodes[nodeId]
  const condition = applied
    ? node && graph.subject !== 'none' && standingCondition(node, graph.subject)
    : conditionOf(node, { workflowId: run.row.workflowId, nodeId })
  if (!condition) return null
  if (rowsOf(condition).length === 0) return { holds: true, trace: null }
  run.subject ??= await tools.readSubject(tx, run.facts)
  const scope = { ...run.subject, ...ownScope(run.facts, run.state, null) }
  const trace = judge(condition, (field) => readField(scope, field), now)
  return { holds: trace.holds, trace: trace as unknown as Json }
}

const conditions = new WeakMap<Node, Condition | null>()

/** A version's nodes stay the same: each is read once. */
function conditionOf(node: Node | undefined, place: { readonly workflowId: string; readonly nodeId: string }): Condition | null {
  if (!node) return null
  const known = conditions.get(node)
  if (known !== undefined) return known
  const condition = listenerOf(node, place)?.condition ?? null
  conditions.set(node, condition)
  return condition
}
