/**
 * A run that goes on by another version of its workflow. What it waits for, and until when, stays as it was begun: only where it stands is looked up
 * anew. A run of which one token cannot stand anywhere in the other version is left where it is, as a whole.
 */
import { portOf, portsOf, typeOf } from '../definition/catalogue.ts'
import { incompatible } from '../definition/diff.ts'
import type { Graph, Json } from '../definition/graph.ts'
import { regionsOf } from '../definition/regions.ts'
import { type Deps, put, type Turn, tell, toDraft, toTurn } from './draft.ts'
import type { Arm, Fork, RunState, Token } from './state.ts'

/** Old node → the node that stands for it. What is not named stands for itself. */
export type Mapping = Readonly<Record<string, string>>

export const BLOCKERS = {
  gone: 'This step is not there in the other version.',
  kind: 'This step is of another kind in the other version.',
  ways: 'What it waits for here leads to ways that this step does not have in the other version.',
  branches: 'This step stands in other branches or loops in the other version.',
  subject: 'The other version is about something else.',
} as const satisfies Record<string, string>
export type BlockerCode = keyof typeof BLOCKERS

export interface Blocker {
  readonly node: string
  readonly code: BlockerCode
}

/** What of a token decides whether it can be carried. */
export interface Standing {
  readonly node: string
  readonly state: Token['state']
  /** Ways of its arms, and of its time-out. */
  readonly ports: readonly string[]
  /** Nodes of the forks and loops it is in, outermost first, … */
  readonly forks: readonly string[]
  /** … and where their branches come together, where one of them did already. */
  readonly joins: readonly string[]
}

/** Reads two versions once, for any number of runs. */
export function comparison(before: Graph, after: Graph, mapping: Mapping): (standing: Standing) => Blocker | null {
  const lost = new Set(incompatible(before, after))
  const { of } = regionsOf(after)
  const to = (node: string) => target(node, mapping)
  const isKept = (node: string) => {
    const [old, now] = [before.nodes[node], after.nodes[to(node)]]
    if (to(node) === node && old !== undefined) return !lost.has(node)
    // What was lost by an earlier version is no worse off where a person says what stands for it.
    return now !== undefined && typeOf(now.type) !== null && (old === undefined || old.type === now.type)
  }
  return ({ node, state, ports, forks, joins }) => {
    const blocked = (code: BlockerCode) => ({ node, code })
    if (before.subject !== after.subject) return blocked('subject')
    if (after.nodes[to(node)] === undefined) return blocked('gone')
    if (!isKept(node)) return blocked('kind')
    if (state === 'waiting' && !leadsOn(before, after, node, to(node), ports)) return blocked('ways')
    if ([...forks, ...joins].some((one) => after.nodes[to(one)] === undefined || !isKept(one))) return blocked('branches')
    const around = of.get(to(node))?.around
    // An end ends the run from wherever it is reached; what no path leads to has no branches either.
    const isEnd = typeOf(after.nodes[to(node)]?.type ?? '')?.kind === 'end'
    return isEnd || around?.join(' ') === forks.map(to).join(' ') ? null : blocked('branches')
  }
}

/** Ways that only the step itself knows are its own affair, as long as it keeps all that lead anywhere. */
function leadsOn(before: Graph, after: Graph, from: string, to: string, ports: readonly string[]): boolean {
  const [old, now] = [before.nodes[from], after.nodes[to]]
  if (old === undefined || now === undefined) return false
  const isOwn = ports.some((port) => portOf(old, port) === null)
  const needed = isOwn ? portsOf(old).map(({ key }) => key) : ports
  return needed.every((port) => portOf(now, port) !== null)
}

function target(node: string, mapping: Mapping): string {
  return mapping[node] ?? node
}

export function standingOf(token: Token, forks: readonly Fork[]): Standing {
  const own = token.frames.flatMap((frame) => forks.find(({ id }) => id === frame.fork) ?? [])
  const timeout = token.timeoutPort === null ? [] : [token.timeoutPort]
  return {
    ...{ node: token.node, state: token.state },
    ports: [...new Set([...token.arms.map(({ port }: Arm) => port), ...timeout])].sort(),
    forks: own.map(({ node }) => node),
    joins: own.flatMap(({ join }) => (join === null ? [] : [join])),
  }
}

/** What keeps a run from going on by the other version. */
export function blockersOf(state: RunState, compare: (standing: Standing) => Blocker | null): Blocker[] {
  return state.tokens.flatMap((token) => compare(standingOf(token, state.forks)) ?? [])
}

/** The run by the other version. New variables begin as that version says; those it does not know any more are kept. */
export function carry(
  after: Graph,
  state: RunState,
  { mapping, from, to }: { readonly mapping: Mapping; readonly from: number; readonly to: number },
  deps: Deps,
): Turn {
  const draft = toDraft(state, deps)
  const vars: Record<string, Json> = Object.fromEntries(after.vars.map(({ key, default: value }) => [key, value ?? null]))
  draft.vars = { ...vars, ...state.vars }
  draft.forks = state.forks.map((fork) => {
    const [node, join] = [target(fork.node, mapping), fork.join === null ? null : target(fork.join, mapping)]
    return node === fork.node && join === fork.join ? fork : { ...fork, node, join }
  })
  for (const token of state.tokens) {
    const node = target(token.node, mapping)
    tell(draft, token, 'moved', null, { from, to, ...(node !== token.node && { now: node }) })
    if (node === token.node) continue
    // Another node names its effects by itself: this passage is one more of its own.
    const visit = (draft.visits[node] ?? 0) + 1
    draft.visits[node] = visit
    put(draft, { ...token, node, visit })
  }
  return toTurn(draft)
}
