/** What people do with runs: at once, in the lane of the run, and told in the log. Whoever comes too late is told so. */
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { EventType } from '../../events/event.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { portOf } from '../definition/catalogue.ts'
import type { Turn } from '../interpret/advance.ts'
import { cancel, edit, retry, skip } from '../interpret/moves.ts'
import { dueAt } from '../interpret/next.ts'
import type { Token, Values } from '../interpret/state.ts'
import type { RunId } from '../steps/step.ts'
import { callOff } from './attempt.ts'
import { interpretDeps, prepareToLeave } from './context.ts'
import { hasLetters, placeNow, waitForLane } from './lane-queries.ts'
import { type LiveRun, loadRuns, take } from './live-run.ts'
import { ROUTER } from './router.ts'
import { selectRuns } from './run-queries.ts'
import type { Tools } from './tools.ts'
import { createVersions } from './versions.ts'
import { writeBack } from './write-back.ts'

export interface ActDeps {
  readonly tools: Tools
  readonly random: () => number
}

/** Tries the step of a token anew; with `vars`, after they were put right. What waits for its next try does not wait any longer. */
export async function retryStep(
  tx: Tx,
  deps: ActDeps,
  of: OfRun & { readonly tokenId: string; readonly vars?: Values },
  by: string | null,
  now: Date,
): Promise<void> {
  await act(tx, deps, of, by, now, 'workflow.retried', async (run) => {
    const token = tokenOf(run, of.tokenId, ['held', 'ready'], 'tried again')
    if (of.vars) run.state = edit(run.state, knownVars(run, of.vars))
    return {
      turn: retry(run.state, token.id, interpretDeps(run, now)),
      token,
      data: { ...(of.vars && { vars: Object.keys(of.vars) }) },
    }
  })
}

/** Goes on as if the step had come to this. Of what waits it ends the waiting: 'continue now' is the port of its time-out. */
export async function skipTo(
  tx: Tx,
  deps: ActDeps,
  of: OfRun & { readonly tokenId: string; readonly port: string },
  by: string | null,
  now: Date,
): Promise<void> {
  await act(tx, deps, of, by, now, 'workflow.skipped', async (run) => {
    const token = tokenOf(run, of.tokenId, ['held', 'ready', 'waiting'], 'skipped')
    const node = run.graph.nodes[token.node]
    if (!node || portOf(node, of.port) === null) throw new Refusal('not_found', { what: 'port', pointer: '/port' })
    await prepareToLeave(tx, deps.tools, run, node)
    if (token.state === 'waiting') await callOff({ tx, deps, now }, run, [token])
    return { turn: skip(run.graph, run.state, token.id, of.port, interpretDeps(run, now)), token, data: { port: of.port } }
  })
}

/** Ends a run, with everything that is under way in it. */
export async function cancelRun(tx: Tx, deps: ActDeps, of: OfRun, by: string | null, now: Date): Promise<void> {
  await act(tx, deps, of, by, now, 'workflow.cancelled', async (run) => ({
    turn: cancel(run.state, 'cancelled', interpretDeps(run, now)),
    token: null,
    data: {},
  }))
}

export interface OfRun {
  readonly workspaceId: WorkspaceId
  readonly runId: RunId
}

interface Done {
  readonly turn: Turn
  readonly token: Token | null
  readonly data: Readonly<Record<string, unknown>>
}

async function act(
  tx: Tx,
  deps: ActDeps,
  { workspaceId, runId }: OfRun,
  by: string | null,
  now: Date,
  type: EventType,
  work: (run: LiveRun) => Promise<Done>,
): Promise<void> {
  const [row] = await selectRuns(tx, workspaceId, [runId])
  if (!row) throw new Refusal('not_found', { what: 'run' })
  const { laneId } = row
  if (row.status !== 'running' || laneId === null) throw overAlready(row.status)
  // Whoever works in it is waited for; then it is read, not before.
  await waitForLane(tx, workspaceId, laneId)
  const run = (await loadRuns(tx, createVersions(), workspaceId, [runId])).get(runId)
  if (!run) throw overAlready('over')
  const saved = run.state
  const { turn, token, data } = await work(run)
  if (turn.state === saved) throw new Refusal('wrong_state', { what: 'step', state: 'somewhere else by now', action: 'moved' })
  // What waited goes on from here; what was held, from where it stood: whatever it waits for next may have happened since.
  const place =
    token && token.state !== 'waiting' ? (run.places.get(token.id) ?? (await placeNow(tx, ROUTER))) : await placeNow(tx, ROUTER)
  take(run, turn, place)
  await callOff({ tx, deps, now }, run, run.dropped)
  const { workflowId } = row
  await writeBack(
    tx,
    {
      runs: [run],
      verdicts: [],
      end: {
        lane: { workspaceId, id: laneId },
        ...{ taken: [], isLeft: false, parked: [], runs: [runId], isOver: false },
        // What has come for the lane and was seen waits for its time, and for nothing else.
        due: (await hasLetters(tx, workspaceId, laneId)) ? now : dueAt(run.state),
        unpark: run.state.status !== 'running' && row.sole,
        crashes: 0,
      },
    },
    now,
  )
  const told = { name: run.graph.name, workflow_id: workflowId, run_id: runId, ...(token && { node: token.node }), ...data }
  await append(tx, { type, workspaceId, subjectId: runId, actor: by, data: told }, now)
}

function tokenOf(run: LiveRun, id: string, states: readonly Token['state'][], action: string): Token {
  const token = run.state.tokens.find((one) => one.id === id)
  if (!token) throw new Refusal('not_found', { what: 'step' })
  if (!states.includes(token.state)) throw new Refusal('wrong_state', { what: 'step', state: token.state, action })
  return token
}

function knownVars(run: LiveRun, vars: Values): Values {
  for (const key of Object.keys(vars)) {
    if (run.graph.vars.some((variable) => variable.key === key)) continue
    throw new Refusal('invalid_request', { why: `The workflow has no variable “${key}”.`, pointer: `/vars/${key}` })
  }
  return vars
}

function overAlready(state: string): Refusal {
  return new Refusal('wrong_state', { what: 'run', state, action: 'changed' })
}
