/** How a run begins, and what it does with what a node came to. */
import { assert } from '../../lib/assert.ts'
import type { Graph, Json } from '../definition/graph.ts'
import { type Deps, type Draft, drop, finish, holdToken, put, type Turn, tell, toDraft, toTurn } from './draft.ts'
import { join, leaveLoop, loop, settle, split } from './forks.ts'
import { arrivalOf, leave } from './leave.ts'
import type { StepResult } from './result.ts'
import { nextTryAt } from './retry.ts'
import type { RunState, Token, Values } from './state.ts'

export type { Deps, Turn } from './draft.ts'

/** A run that stands behind its trigger. `vars` come on top of what the workflow begins its variables with. */
export function begin(graph: Graph, triggerNode: string, vars: Values, deps: Deps): Turn {
  const defaults: Record<string, Json> = {}
  for (const variable of graph.vars) defaults[variable.key] = variable.default ?? null
  const draft = toDraft({ ...NOT_BEGUN, vars: { ...defaults, ...vars } }, deps)
  const token = arrivalOf({ id: deps.newId(), frames: [] }, triggerNode, 1, deps.now)
  draft.visits[triggerNode] = 1
  draft.steps = 1
  put(draft, token)
  leave(draft, graph, token, { port: 'out', output: null, what: 'done' })
  settle(draft, graph)
  return toTurn(draft)
}

const NOT_BEGUN: RunState = {
  status: 'running',
  vars: {},
  outputs: {},
  tokens: [],
  forks: [],
  steps: 0,
  visits: {},
  endReason: null,
}

/** What the node of this token came to. The token is ready, or has been waiting and its node said what is to come of what it waited for. */
export function advance(graph: Graph, state: RunState, tokenId: string, result: StepResult, deps: Deps): Turn {
  const token = state.tokens.find((one) => one.id === tokenId)
  assert(token !== undefined && token.state !== 'held', 'only a token that is not held can be advanced')
  const draft = toDraft(state, deps)
  apply(draft, graph, token, result)
  settle(draft, graph)
  return toTurn(draft)
}

function apply(draft: Draft, graph: Graph, token: Token, result: StepResult): void {
  switch (result.kind) {
    case 'go': {
      const { port, output = null, vars } = result
      const what = token.state === 'waiting' ? 'hit' : 'done'
      leave(draft, graph, token, { port, output, what, ...(vars === undefined ? {} : { vars }) })
      return
    }
    case 'wait':
      wait(draft, token, result)
      return
    case 'fork':
      split(draft, graph, token, result)
      return
    case 'each':
      loop(draft, graph, token, result)
      return
    case 'join':
      join(draft, token)
      return
    case 'break':
      leaveLoop(draft, graph, token)
      return
    case 'end':
      end(draft, token, result.outputs)
      return
    case 'fail':
      fail(draft, graph, token, result)
      return
  }
}

function wait(draft: Draft, token: Token, result: Extract<StepResult, { kind: 'wait' }>): void {
  const { arms, until, timeoutPort, memo = token.memo } = result
  if ((arms.length === 0 && until === null) || (until === null) !== (timeoutPort === null)) {
    const sentence = 'This step waits for nothing that could happen.'
    holdToken(draft, token, { class: 'invalid', sentence })
    return
  }
  if (result.vars !== undefined) draft.vars = { ...draft.vars, ...result.vars }
  put(draft, { ...token, state: 'waiting', dueAt: until, timeoutPort, arms, memo })
  const named = arms.map(({ port, on, key }) => ({ port, on, key }))
  tell(draft, token, 'waits', null, { for: named, until: until?.toISOString() ?? null })
}

/** The run is over, and with it whatever else was under way. */
function end(draft: Draft, token: Token, outputs: Values): void {
  drop(draft, (other) => other.id !== token.id, { because: 'the run came to its end' })
  draft.outputs = outputs
  finish(draft, 'completed', 'end')
  tell(draft, token, 'ended', null, { reason: 'end', outputs })
}

function fail(draft: Draft, graph: Graph, token: Token, result: Extract<StepResult, { kind: 'fail' }>): void {
  const node = graph.nodes[token.node]
  const { class: failureClass, sentence, retryAt, port } = result
  const failed = { class: failureClass, attempt: token.attempt, tokenId: token.id }
  const at = retryAt === null ? null : nextTryAt(node?.retry, { ...failed, retryAt }, draft.deps.now)
  const detail = { class: failureClass, sentence, tries: token.attempt + 1 }
  if (at !== null) {
    const again = { state: 'ready', dueAt: at, timeoutPort: null, arms: [], attempt: token.attempt + 1 } as const
    put(draft, { ...token, ...again })
    tell(draft, token, 'retries', null, { ...detail, at: at.toISOString() })
    return
  }
  if (port !== null && node?.next[port] !== undefined) {
    const output = result.output ?? { class: failureClass, sentence }
    leave(draft, graph, token, { port, output, what: 'done', detail })
    return
  }
  holdToken(draft, token, { class: failureClass, sentence, ...(port === null ? {} : { port }) })
}
