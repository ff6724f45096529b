/**
 * What happens to a run from outside: what it waited for, the time, and people. Whoever comes too late (the token moved on, or is gone) changes nothing.
 */
import type { Graph, Json } from '../definition/graph.ts'
import { type Deps, drop, finish, holdToken, put, type Turn, tell, toDraft, toTurn, unmoved } from './draft.ts'
import { settle } from './forks.ts'
import { LEFT_OVER, type Leaving, leave } from './leave.ts'
import type { RunState, Token, TokenState, Trouble, Values } from './state.ts'

/** One of the arms of a waiting token was hit. The first decides; the others go with it. */
export function hit(graph: Graph, state: RunState, tokenId: string, port: string, output: Json, deps: Deps): Turn {
  const token = find(state, tokenId, ['waiting'])
  if (!token?.arms.some((arm) => arm.port === port)) return unmoved(state)
  return leaveBy(graph, state, token, { port, output, what: 'hit' }, deps)
}

/** Its time has come, by `deps.now`. */
export function timeOut(graph: Graph, state: RunState, tokenId: string, deps: Deps): Turn {
  const token = find(state, tokenId, ['waiting'])
  if (!token?.dueAt || token.timeoutPort === null || token.dueAt > deps.now) return unmoved(state)
  return leaveBy(graph, state, token, { port: token.timeoutPort, output: null, what: 'timed_out' }, deps)
}

/** A person says: now. A held step is done anew with all its tries; one that waits for its next try does not wait any longer. */
export function retry(state: RunState, tokenId: string, deps: Deps): Turn {
  const token = find(state, tokenId, ['held', 'ready'])
  if (token === undefined) return unmoved(state)
  const draft = toDraft(state, deps)
  const { [LEFT_OVER]: _, ...memo } = token.memo
  // A run that was stopped by its limit may go on for as long again.
  if (token.trouble?.class === 'limit') draft.steps = 0
  const attempt = token.state === 'held' ? 0 : token.attempt
  put(draft, { ...token, state: 'ready', dueAt: deps.now, attempt, memo, trouble: null })
  tell(draft, token, 'retries', null, { by_hand: true })
  return toTurn(draft)
}

/** A person says: as if it had come to this. */
export function skip(graph: Graph, state: RunState, tokenId: string, port: string, deps: Deps): Turn {
  const token = find(state, tokenId, ['held', 'waiting', 'ready'])
  if (token === undefined) return unmoved(state)
  const output = token.memo[LEFT_OVER] ?? null
  return leaveBy(graph, state, token, { port, output, what: 'skipped', isChosen: true }, deps)
}

/** The token needs a person: for reasons that are not its node's, as a transaction that broke again and again. */
export function hold(state: RunState, tokenId: string, trouble: Omit<Trouble, 'at'>, deps: Deps): Turn {
  const token = find(state, tokenId, ['ready', 'waiting'])
  if (token === undefined) return unmoved(state)
  const draft = toDraft(state, deps)
  holdToken(draft, token, trouble)
  return toTurn(draft)
}

/** `reason` is a word: `cancelled`, `deadline`, `restarted`, … */
export function cancel(state: RunState, reason: string, deps: Deps): Turn {
  if (state.status !== 'running') return unmoved(state)
  const draft = toDraft(state, deps)
  const last = state.tokens[0]
  drop(draft, () => true, { because: reason })
  finish(draft, 'cancelled', reason)
  if (last !== undefined) tell(draft, { ...last, frames: [] }, 'ended', null, { reason })
  return toTurn(draft)
}

/** The run's variables with some of them changed by a person. */
export function edit(state: RunState, vars: Values): RunState {
  return { ...state, vars: { ...state.vars, ...vars } }
}

function find(state: RunState, tokenId: string, states: readonly TokenState[]): Token | undefined {
  return state.tokens.find((token) => token.id === tokenId && states.includes(token.state))
}

function leaveBy(graph: Graph, state: RunState, token: Token, leaving: Leaving, deps: Deps): Turn {
  const draft = toDraft(state, deps)
  leave(draft, graph, token, leaving)
  settle(draft, graph)
  return toTurn(draft)
}
