/**
 * How a token leaves a node and comes to the next. A port that leads nowhere ends the path where it says that all went well; where it says that
 * something went wrong, the token is held: people are told, and the run does not pass for one that succeeded.
 */
import { assert } from '../../lib/assert.ts'
import { portOf } from '../definition/catalogue.ts'
import type { Graph, Json, Node } from '../definition/graph.ts'
import { type Draft, finish, holdToken, put, take, tell, toState } from './draft.ts'
import type { StepLine } from './result.ts'
import type { Frame, Token, Trouble, Values } from './state.ts'

/** Arrivals at one node, and so the rounds of a loop, before a person is asked. */
export const MAX_VISITS = 1_000
/** What all variables of a run may weigh, as JSON. What is bigger belongs into a row of its own. */
export const MAX_VARS_CHARACTERS = 65_536
/** What a line of the story keeps of what a node gave. */
const MAX_TOLD_CHARACTERS = 4_000

export interface Leaving {
  readonly port: string
  readonly output: Json
  readonly vars?: Values
  readonly what: StepLine['what']
  readonly detail?: Values
  /** A person chose the port: where it leads nowhere, that was meant. */
  readonly isChosen?: boolean
}

export function leave(draft: Draft, graph: Graph, token: Token, leaving: Leaving): void {
  const node = graph.nodes[token.node]
  if (node === undefined) {
    holdToken(draft, token, { class: 'invalid', sentence: `The workflow has no node “${token.node}”.` })
    return
  }
  const next = node.next[leaving.port]
  if (next === undefined) {
    const trouble = troubleOfEnd(node, leaving)
    if (trouble !== null) {
      holdToken(draft, token, trouble, keeping(token, leaving.output))
      return
    }
  }
  const vars = varsAfter(draft, node, token, leaving)
  if ('sentence' in vars) {
    holdToken(draft, token, { ...vars, port: leaving.port }, keeping(token, leaving.output))
    return
  }
  draft.vars = vars.vars
  tell(draft, token, leaving.what, leaving.port, { ...told(leaving.output), ...vars.detail, ...leaving.detail })
  if (next === undefined) runOut(draft, token)
  else enter(draft, graph, token, next)
}

/** Whoever skips a step that was done, and could not be left, still has what it gave. */
export const LEFT_OVER = '$result'

function keeping(token: Token, output: Json): Values {
  return output === null ? token.memo : { ...token.memo, [LEFT_OVER]: output }
}

function troubleOfEnd(node: Node, leaving: Leaving): { class: string; sentence: string; port: string } | null {
  const port = portOf(node, leaving.port)
  const ends = { port: leaving.port }
  if (port === null)
    return { class: 'invalid', sentence: `This step ended by “${leaving.port}”, a way it does not have.`, ...ends }
  if (!port.isFailure || leaving.isChosen) return null
  return {
    class: `unhandled:${leaving.port}`,
    sentence: `This step ended by “${port.label}”, and the workflow does not say what happens then.`,
    ...ends,
  }
}

type Vars = { readonly vars: Values; readonly detail: Values } | { readonly class: string; readonly sentence: string }

/** All expressions see the variables as they were before: the order in which they are written down means nothing. */
export function varsAfter(draft: Draft, node: Node, token: Token, leaving: Pick<Leaving, 'output' | 'vars' | 'isChosen'>): Vars {
  const before = leaving.vars === undefined ? draft.vars : { ...draft.vars, ...leaving.vars }
  if (leaving.vars === undefined && node.set === undefined) return { vars: before, detail: {} }
  const state = { ...toState(draft), vars: before }
  const set: Record<string, Json> = {}
  const unset: string[] = []
  for (const [key, expression] of Object.entries(node.set ?? {})) {
    try {
      set[key] = draft.deps.evaluate(expression, state, token, leaving.output)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      // Who skips a step wants to get on: what cannot be worked out stays as it was, and the story says so.
      if (leaving.isChosen) unset.push(key)
      else return { class: 'invalid', sentence: `The new value of “${key}” could not be worked out: ${why}` }
    }
  }
  const vars = { ...before, ...set }
  if (JSON.stringify(vars).length > MAX_VARS_CHARACTERS) {
    if (leaving.isChosen) return { vars: draft.vars, detail: { not_set: Object.keys(set) } }
    return { class: 'limit', sentence: `The variables of this run would be longer than ${MAX_VARS_CHARACTERS} characters.` }
  }
  return { vars, detail: { ...(node.set === undefined ? {} : { set }), ...(unset.length > 0 ? { not_set: unset } : {}) } }
}

function told(output: Json): Values {
  if (output === null) return {}
  const length = JSON.stringify(output).length
  return length > MAX_TOLD_CHARACTERS ? { result_characters: length } : { result: output }
}

/** The token stands before the node, within the run's limits. A round of a loop that is back where it began ends there. */
export function enter(draft: Draft, graph: Graph, token: Token, to: string): void {
  const rounds = token.frames.findLastIndex((frame) => draft.forks.find((fork) => fork.id === frame.fork)?.node === to)
  if (rounds >= 0 && rounds === token.frames.length - 1 && isEach(draft, token.frames[rounds])) {
    take(draft, token.id)
    endBranch(draft, token, 'arrived')
    return
  }
  const visit = (draft.visits[to] ?? 0) + 1
  draft.visits[to] = visit
  draft.steps += 1
  const arrived = arrivalOf(token, to, visit, draft.deps.now)
  const trouble = troubleOfArrival(draft, graph, arrived, rounds >= 0)
  if (trouble === null) put(draft, arrived)
  else holdToken(draft, arrived, trouble)
}

function troubleOfArrival(draft: Draft, graph: Graph, { node, visit }: Token, isBack: boolean): Omit<Trouble, 'at'> | null {
  if (graph.nodes[node] === undefined) return { class: 'invalid', sentence: `The workflow has no node “${node}”.` }
  if (isBack) {
    const sentence = 'A branch came back to where it was split off, without having been brought together with the others.'
    return { class: 'invalid', sentence }
  }
  const { steps } = graph.limits
  if (draft.steps > steps) return { class: 'limit', sentence: `This run has done ${steps} steps, which is its limit.` }
  // A person who lets it go on gives it as many again.
  if (visit === 1 || (visit - 1) % MAX_VISITS !== 0) return null
  return { class: 'limit', sentence: `This run has been at this step ${visit - 1} times, which is the limit.` }
}

function isEach(draft: Draft, frame: Frame | undefined): boolean {
  return draft.forks.find((fork) => fork.id === frame?.fork)?.kind === 'each'
}

export function arrivalOf(token: Pick<Token, 'id' | 'frames'>, node: string, visit: number, now: Date): Token {
  const at = { id: token.id, node, visit, state: 'ready', dueAt: now, timeoutPort: null } as const
  return { ...at, arms: [], attempt: 0, frames: token.frames, memo: {}, arrivedAt: now, trouble: null }
}

/** The path is at its end. With the last one the run is, too. */
export function runOut(draft: Draft, token: Token): void {
  take(draft, token.id)
  if (token.frames.length > 0) {
    endBranch(draft, token, 'dead')
    return
  }
  assert(draft.tokens.length === 0, 'a path outside of all branches is the only one')
  finish(draft, 'completed', 'ran_out')
  tell(draft, token, 'ended', null, { reason: 'ran_out' })
}

/** The innermost branch of the token has come to its end. Whether its fork closes by that is looked at when the move is done. */
export function endBranch(draft: Draft, token: Token, how: 'arrived' | 'dead'): void {
  const frame = token.frames.at(-1)
  if (how === 'dead') tell(draft, token, 'branch_ended', null)
  draft.forks = draft.forks.map((fork) => (fork.id === frame?.fork ? { ...fork, [how]: fork[how] + 1 } : fork))
  if (frame !== undefined && !draft.touched.includes(frame.fork)) draft.touched.push(frame.fork)
}
