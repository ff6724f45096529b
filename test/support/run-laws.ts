/** What must be true of a run's state after every move; each law that is broken is a sentence. */
import type { Graph } from '../../src/workflows/definition/graph.ts'
import { pathOf } from '../../src/workflows/interpret/draft.ts'
import type { Fork, Frame, RunState, Token } from '../../src/workflows/interpret/state.ts'

export function brokenLaws(graph: Graph, state: RunState): string[] {
  return [
    ...ofTheRun(state),
    ...state.tokens.flatMap((token) => ofToken(graph, state, token)),
    ...state.forks.flatMap((fork) => ofFork(state, fork)),
    ...twice(
      state.tokens.map((token) => token.id),
      'id',
    ),
    ...twice(
      state.tokens.map((token) => pathOf(token.frames)),
      'path',
    ),
  ]
}

function ofTheRun({ status, tokens, forks, endReason }: RunState): string[] {
  const broken: string[] = []
  if (status === 'running' && tokens.length === 0) broken.push('a run goes on without a token')
  if (status === 'running' && endReason !== null) broken.push('a run goes on, and says why it ended')
  if (status !== 'running' && (tokens.length > 0 || forks.length > 0)) broken.push('a run has ended, and something is left of it')
  if (status !== 'running' && endReason === null) broken.push('a run has ended, and does not say why')
  return broken
}

function ofToken(graph: Graph, state: RunState, token: Token): string[] {
  const { id, node, state: is, dueAt, timeoutPort, arms, trouble, frames } = token
  const broken: string[] = []
  if (graph.nodes[node] === undefined) broken.push('stands on no node')
  if (is === 'ready' && (dueAt === null || arms.length > 0 || timeoutPort !== null)) broken.push('is ready, and not like it')
  if (is === 'waiting' && arms.length === 0 && dueAt === null) broken.push('waits for nothing')
  if (is === 'waiting' && (dueAt === null) !== (timeoutPort === null)) broken.push('has half a time-out')
  if ((is === 'held') !== (trouble !== null)) broken.push('is held without a trouble, or has one and is not')
  if (is === 'held' && dueAt !== null) broken.push('is held, and due')
  frames.forEach((frame, depth) => {
    const fork = state.forks.find((one) => one.id === frame.fork)
    if (fork === undefined) broken.push('is a branch of a fork that is gone')
    else if (pathOf(fork.frames) !== pathOf(frames.slice(0, depth))) broken.push('is not nested as its fork is')
  })
  return broken.map((what) => `token ${id} on ${node} ${what}`)
}

function ofFork(state: RunState, fork: Fork): string[] {
  const { id, node, kind, total, need, arrived, dead, begun, frames } = fork
  const others: readonly { readonly frames: readonly Frame[] }[] = [...state.tokens, ...state.forks]
  const live = new Set(others.flatMap((one) => one.frames.filter((frame) => frame.fork === id).map((frame) => frame.branch)))
  const broken: string[] = []
  if (arrived + dead + live.size !== begun)
    broken.push(`began ${begun}: ${arrived} arrived, ${dead} died, ${live.size} are under way`)
  if (begun > total || need > total || need < 1) broken.push('counts wrongly')
  if (live.size === 0) broken.push('is open, and nothing is under way in it')
  if (kind === 'fork' && arrived >= need) broken.push('is open, and enough arrived')
  if (frames.some((frame) => !state.forks.some((one) => one.id === frame.fork))) broken.push('is within a fork that is gone')
  return broken.map((what) => `fork ${id} on ${node} ${what}`)
}

function twice(keys: readonly string[], what: string): string[] {
  return new Set(keys).size === keys.length ? [] : [`two tokens have the same ${what}`]
}
