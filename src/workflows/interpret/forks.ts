/**
 * Branches of a run: how they come to be, and how they come together. Only what is nested well is brought together: a branch knows its innermost fork,
 * and a fork closes once, by the join, by the last round, by `break`, or when all its branches ran out.
 */
import { assert } from '../../lib/assert.ts'
import { type Graph, MAX_PORTS } from '../definition/graph.ts'
import { type Draft, drop, holdToken, take, tell } from './draft.ts'
import { arrivalOf, endBranch, enter, leave, runOut, varsAfter } from './leave.ts'
import { EACH_PORTS, JOIN_PORTS, type StepResult } from './result.ts'
import type { Fork, Frame, Token } from './state.ts'

/** Items that one loop goes through; more belongs into a campaign, or into pages. */
export const MAX_ITEMS = 1_000
export const MAX_AT_ONCE = 100

type Result<K extends StepResult['kind']> = Extract<StepResult, { kind: K }>

export function split(draft: Draft, graph: Graph, token: Token, { ports, need }: Result<'fork'>): void {
  const total = ports.length
  if (total < 1 || total > MAX_PORTS || need < 1 || need > total) {
    const sentence = `This step cannot split into ${total} branches of which ${need} must arrive.`
    holdToken(draft, token, { class: 'invalid', sentence })
    return
  }
  const node = graph.nodes[token.node]
  assert(node !== undefined, 'a token stands on a node of its workflow')
  const vars = varsAfter(draft, node, token, { output: null })
  if ('sentence' in vars) {
    holdToken(draft, token, vars)
    return
  }
  draft.vars = vars.vars
  const fork = openFork(draft, token, { kind: 'fork', total, need, items: [], atOnce: total, begun: total })
  tell(draft, token, 'forked', null, { branches: [...ports], need, ...vars.detail })
  for (const [branch, port] of ports.entries()) startBranch(draft, graph, fork, { fork: fork.id, branch }, node.next[port])
}

export function loop(draft: Draft, graph: Graph, token: Token, { items, atOnce }: Result<'each'>): void {
  if (items.length > MAX_ITEMS) {
    const sentence = `There are ${items.length} items to go through; ${MAX_ITEMS} is the limit.`
    holdToken(draft, token, { class: 'limit', sentence })
    return
  }
  const body = graph.nodes[token.node]?.next[EACH_PORTS.item]
  if (items.length === 0 || body === undefined) {
    leave(draft, graph, token, { port: EACH_PORTS.done, output: items.length, what: 'done' })
    return
  }
  const total = items.length
  const abreast = Math.max(1, Math.min(Math.trunc(atOnce), MAX_AT_ONCE, total))
  openFork(draft, token, { kind: 'each', total, need: total, items, atOnce: abreast, begun: 0 })
  tell(draft, token, 'forked', EACH_PORTS.item, { items: total, at_once: abreast })
}

/** The token has become branches, which are not there yet. */
function openFork(draft: Draft, token: Token, of: Pick<Fork, 'kind' | 'total' | 'need' | 'items' | 'atOnce' | 'begun'>): Fork {
  const fork = { ...of, id: draft.deps.newId(), node: token.node, arrived: 0, dead: 0, join: null, frames: token.frames }
  take(draft, token.id)
  draft.forks.push(fork)
  draft.touched.push(fork.id)
  return fork
}

function startBranch(draft: Draft, graph: Graph, fork: Fork, frame: Frame, to: string | undefined): void {
  const token = tokenAt(draft, fork.node, [...fork.frames, frame])
  if (to === undefined) endBranch(draft, token, 'dead')
  else enter(draft, graph, token, to)
}

/** A token that goes on where several ended, or begins where one did; it stands nowhere before it entered or was held. */
function tokenAt(draft: Draft, node: string, frames: readonly Frame[]): Token {
  return arrivalOf({ id: draft.deps.newId(), frames }, node, draft.visits[node] ?? 1, draft.deps.now)
}

export function join(draft: Draft, token: Token): void {
  const frame = token.frames.at(-1)
  const fork = draft.forks.find((one) => one.id === frame?.fork)
  if (fork?.kind !== 'fork') {
    const sentence = 'Here branches come together, but this path is not a branch of anything that was split.'
    holdToken(draft, token, { class: 'invalid', sentence })
    return
  }
  draft.forks = draft.forks.map((one) => (one.id === fork.id ? { ...one, join: token.node } : one))
  take(draft, token.id)
  tell(draft, token, 'joined', null, { arrived: fork.arrived + 1, need: fork.need, of: fork.total })
  endBranch(draft, token, 'arrived')
}

/** Leaves the innermost loop, whatever else goes on in it. */
export function leaveLoop(draft: Draft, graph: Graph, token: Token): void {
  const frame = token.frames.findLast((one) => draft.forks.find((fork) => fork.id === one.fork)?.kind === 'each')
  const fork = draft.forks.find((one) => one.id === frame?.fork)
  if (fork === undefined || frame === undefined) {
    holdToken(draft, token, { class: 'invalid', sentence: 'This step ends a loop, but it does not stand in one.' })
    return
  }
  take(draft, token.id)
  tell(draft, token, 'done', null)
  close(draft, fork)
  const after = tokenAt(draft, fork.node, fork.frames)
  leave(draft, graph, after, {
    port: EACH_PORTS.done,
    output: fork.arrived + fork.dead,
    what: 'done',
    detail: { broke: frame.branch },
  })
}

/** Looks at every fork of which a branch ended in this move, until nothing closes and nothing begins any more. */
export function settle(draft: Draft, graph: Graph): void {
  for (let id = draft.touched.shift(); id !== undefined; id = draft.touched.shift()) {
    const fork = draft.forks.find((one) => one.id === id)
    if (fork?.kind === 'each') goOn(draft, graph, fork)
    else if (fork !== undefined) bringTogether(draft, graph, fork)
  }
}

/** Begins as many rounds as may be under way; with the last one through, the loop is left. */
function goOn(draft: Draft, graph: Graph, fork: Fork): void {
  const over = fork.arrived + fork.dead
  if (over === fork.total) {
    close(draft, fork)
    const token = tokenAt(draft, fork.node, fork.frames)
    leave(draft, graph, token, { port: EACH_PORTS.done, output: fork.total, what: 'done' })
    return
  }
  const until = Math.min(fork.total, over + fork.atOnce)
  draft.forks = draft.forks.map((one) => (one.id === fork.id ? { ...one, begun: until } : one))
  const to = graph.nodes[fork.node]?.next[EACH_PORTS.item]
  for (let branch = fork.begun; branch < until; branch += 1) {
    startBranch(draft, graph, fork, { fork: fork.id, branch, item: fork.items[branch] ?? null }, to)
  }
}

function bringTogether(draft: Draft, graph: Graph, fork: Fork): void {
  const isOver = fork.arrived + fork.dead === fork.total
  if (fork.arrived < fork.need && !isOver) return
  close(draft, fork)
  const token = tokenAt(draft, fork.join ?? fork.node, fork.frames)
  // Nobody arrived: what was split has run out as one path would have.
  if (fork.arrived === 0) {
    runOut(draft, token)
    return
  }
  // "All" means all that still come: a branch that had nothing to do keeps nobody waiting. A number that was asked for and not reached is a failure.
  const isShort = fork.arrived < fork.need && fork.need < fork.total
  const detail = { arrived: fork.arrived, of: fork.total }
  leave(draft, graph, token, { port: isShort ? JOIN_PORTS.short : JOIN_PORTS.out, output: fork.arrived, what: 'done', detail })
}

/** The fork is gone, and all that is still under way in it. */
function close(draft: Draft, fork: Fork): void {
  const isWithin = (one: { readonly frames: readonly Frame[] }) => one.frames.some((frame) => frame.fork === fork.id)
  drop(draft, isWithin, { because: 'the others came together, or the loop was left' })
  draft.forks = draft.forks.filter((one) => one.id !== fork.id && !isWithin(one))
}
