/**
 * A run in the middle of a move. Moves are functions from one state to the next; within a move this is what they write on, and nobody sees it before
 * it is a `Turn`.
 */
import type { Json } from '../definition/graph.ts'
import type { StepLine } from './result.ts'
import type { Fork, Frame, RunState, RunStatus, Token, Trouble, Values } from './state.ts'

export interface Deps {
  readonly now: Date
  newId(): string
  /** CEL, of `set` and of nothing else. Throws when the expression does not work out; the token is then held. */
  evaluate(expression: string, state: RunState, token: Token, result: Json): Json
}

/** What a move came to. `dropped` are tokens that it ended although they had not come to their own end: what they wait for is to be called off. */
export interface Turn {
  readonly state: RunState
  readonly lines: readonly StepLine[]
  readonly dropped: readonly Token[]
}

export interface Draft {
  status: RunStatus
  vars: Values
  outputs: Values
  tokens: Token[]
  forks: Fork[]
  steps: number
  visits: Record<string, number>
  endReason: string | null
  readonly lines: StepLine[]
  readonly dropped: Token[]
  /** Forks of which a branch came to its end in this move, in that order: whether they close is looked at when the move is done. */
  readonly touched: string[]
  readonly deps: Deps
}

export function toDraft(state: RunState, deps: Deps): Draft {
  return {
    ...state,
    tokens: [...state.tokens],
    forks: [...state.forks],
    visits: { ...state.visits },
    lines: [],
    dropped: [],
    touched: [],
    deps,
  }
}

export function toState(draft: Draft): RunState {
  const { status, vars, outputs, tokens, forks, steps, visits, endReason } = draft
  return { status, vars, outputs, tokens, forks, steps, visits, endReason }
}

export function toTurn(draft: Draft): Turn {
  return { state: toState(draft), lines: draft.lines, dropped: draft.dropped }
}

/** The turn of a move that came too late: somebody else was faster, and nothing changes. */
export function unmoved(state: RunState): Turn {
  return { state, lines: [], dropped: [] }
}

export function tell(draft: Draft, token: Token, what: StepLine['what'], port: string | null, detail: Values = {}): void {
  const path = token.frames.length > 0 ? { path: pathOf(token.frames) } : {}
  draft.lines.push({ node: token.node, visit: token.visit, what, port, at: draft.deps.now, detail: { ...path, ...detail } })
}

/** '0.2': the third round within the first branch. Tokens of a run differ in it. */
export function pathOf(frames: readonly Frame[]): string {
  return frames.map((frame) => frame.branch).join('.')
}

export function put(draft: Draft, token: Token): void {
  const at = draft.tokens.findIndex((other) => other.id === token.id)
  if (at < 0) draft.tokens.push(token)
  else draft.tokens[at] = token
}

export function take(draft: Draft, id: string): void {
  draft.tokens = draft.tokens.filter((token) => token.id !== id)
}

/** Ends every token for which `isOver` says so, and tells it. */
export function drop(draft: Draft, isOver: (token: Token) => boolean, detail: Values): void {
  for (const token of draft.tokens) {
    if (!isOver(token)) continue
    draft.dropped.push(token)
    tell(draft, token, 'cancelled', null, detail)
  }
  draft.tokens = draft.tokens.filter((token) => !isOver(token))
}

export function holdToken(draft: Draft, token: Token, trouble: Omit<Trouble, 'at'>, memo: Values = token.memo): void {
  const held = { ...trouble, at: draft.deps.now }
  put(draft, { ...token, state: 'held', dueAt: null, timeoutPort: null, arms: [], memo, trouble: held })
  tell(draft, token, 'held', trouble.port ?? null, { class: trouble.class, sentence: trouble.sentence })
}

/** Nothing of it goes on any more. */
export function finish(draft: Draft, status: RunStatus, reason: string): void {
  draft.status = status
  draft.endReason = reason
  draft.tokens = []
  draft.forks = []
}
