/** What is done to a graph while it is drawn. Each gives a new graph; the given one stays as it is. */
import { typeOf } from '../../../src/workflows/definition/catalogue.ts'
import type { Graph, Node } from '../../../src/workflows/definition/graph.ts'
import type { NodeType } from '../../../src/workflows/definition/node-type.ts'
import { drawnPorts, freshNode, isTrigger, mainPort, triggersOf } from './ports.ts'

/** A way out of a node, whether it leads somewhere or not. */
export interface Place {
  readonly from: string
  readonly port: string
}

/** Gives an id that was never used: `base` is what it begins with. */
export type NewId = (base: string) => string

export interface Done {
  readonly graph: Graph
  /** What is looked at then. */
  readonly focus: string | null
}

/** Puts a node on a line, or behind a way that leads nowhere: what came behind comes behind it. */
export function insertNode(graph: Graph, at: Place, type: NodeType, newId: NewId): Done {
  const from = graph.nodes[at.from]
  if (from === undefined) return { graph, focus: null }
  const behind = from.next[at.port]
  const id = newId(baseOf(type))
  const made = freshNode(type)
  const nodes = { ...graph.nodes, [at.from]: withNext(from, at.port, id) }
  if (type.kind === 'fork') return splitAt({ ...graph, nodes }, id, made, behind, newId)
  const main = mainPort(made)
  nodes[id] = behind !== undefined && main !== null ? withNext(made, main, behind) : made
  return { graph: { ...graph, nodes }, focus: id }
}

/** A split comes with the step that brings its branches together. */
function splitAt(graph: Graph, id: string, made: Node, behind: string | undefined, newId: NewId): Done {
  const joinType = typeOf('join@1')
  if (joinType === null) return { graph: { ...graph, nodes: { ...graph.nodes, [id]: made } }, focus: id }
  const joinId = newId('join')
  const join = freshNode(joinType)
  const fork = drawnPorts(made).reduce((node, port) => withNext(node, port.key, joinId), made)
  const nodes = { ...graph.nodes, [id]: fork, [joinId]: behind === undefined ? join : withNext(join, 'out', behind) }
  return { graph: { ...graph, nodes }, focus: id }
}

/** A further beginning, which leads where the others lead. */
export function addTrigger(graph: Graph, type: NodeType, newId: NewId): Done {
  const id = newId(baseOf(type))
  const first = triggersOf(graph)
    .map((one) => graph.nodes[one]?.next.out)
    .find((to) => to !== undefined)
  const made = freshNode(type)
  const node = first === undefined ? made : withNext(made, 'out', first)
  return { graph: { ...graph, nodes: { [id]: node, ...graph.nodes } }, focus: id }
}

/**
 * Takes a node out: what led to it leads to what came behind it. What was reached through it alone, by its other ways, goes with it.
 */
export function removeNode(graph: Graph, id: string): Done & { readonly removed: readonly string[] } {
  const node = graph.nodes[id]
  if (node === undefined) return { graph, focus: null, removed: [] }
  const before = reachable(graph)
  const to = bridgeOf(graph, id)
  let focus: string | null = to
  const nodes: Record<string, Node> = {}
  for (const [key, one] of Object.entries(graph.nodes)) {
    if (key === id) continue
    const leads = Object.entries(one.next).filter(([, target]) => target === id)
    if (leads.length > 0) focus = key
    nodes[key] = leads.reduce((led, [port]) => withNext(led, port, to === key && !mayTurn(graph, key) ? null : to), one)
  }
  if (isTrigger(graph, id)) return { graph: { ...graph, nodes }, focus, removed: [id] }
  const after = reachable({ ...graph, nodes })
  const lost = Object.keys(nodes).filter((key) => before.has(key) && !after.has(key))
  for (const key of lost) delete nodes[key]
  return { graph: { ...graph, nodes }, focus: focus !== null && nodes[focus] ? focus : null, removed: [id, ...lost] }
}

/** Only a loop leads to itself. */
function mayTurn(graph: Graph, id: string): boolean {
  return typeOf(graph.nodes[id]?.type ?? '')?.kind === 'each'
}

function bridgeOf(graph: Graph, id: string): string | null {
  const node = graph.nodes[id]
  if (node === undefined) return null
  const main = mainPort(node)
  const targets = [main === null ? undefined : node.next[main], ...drawnPorts(node).map((port) => node.next[port.key])]
  return targets.find((to) => to !== undefined && to !== id && graph.nodes[to] !== undefined) ?? null
}

/** Leads a way to another node, or nowhere. */
export function leadTo(graph: Graph, { from, port }: Place, to: string | null): Graph {
  const node = graph.nodes[from]
  if (node === undefined || (to !== null && (graph.nodes[to] === undefined || isTrigger(graph, to)))) return graph
  return { ...graph, nodes: { ...graph.nodes, [from]: withNext(node, port, to) } }
}

/** A step changes places with the one before it, or behind it, where both stand on one line; else nothing happens. */
export function moveNode(graph: Graph, id: string, by: -1 | 1): Graph {
  const first = by === 1 ? id : soleBefore(graph, id)
  const second = first === null ? null : soleBehind(graph, first)
  if (first === null || second === null || (by === -1 && second !== id)) return graph
  const [a, b] = [graph.nodes[first], graph.nodes[second]]
  const [way, further] = [a && mainPort(a), b && mainPort(b)]
  if (!a || !b || !way || !further) return graph
  const nodes: Record<string, Node> = { ...graph.nodes }
  for (const [key, one] of Object.entries(graph.nodes))
    for (const [port, to] of Object.entries(one.next)) if (to === first) nodes[key] = withNext(nodes[key] as Node, port, second)
  nodes[first] = withNext(nodes[first] as Node, way, b.next[further] === first ? second : (b.next[further] ?? null))
  nodes[second] = withNext(nodes[second] as Node, further, first)
  return { ...graph, nodes }
}

/** What comes behind by the usual way, and is reached by it alone. */
function soleBehind(graph: Graph, id: string): string | null {
  const node = graph.nodes[id]
  const port = node && isOnLine(graph, id) ? mainPort(node) : null
  const to = port ? node?.next[port] : undefined
  return to !== undefined && isOnLine(graph, to) && leadingTo(graph, to).length === 1 ? to : null
}

function soleBefore(graph: Graph, id: string): string | null {
  const [from, ...others] = leadingTo(graph, id)
  return from !== undefined && others.length === 0 && soleBehind(graph, from) === id ? from : null
}

function leadingTo(graph: Graph, id: string): string[] {
  return Object.entries(graph.nodes).flatMap(([key, { next }]) =>
    Object.values(next)
      .filter((to) => to === id)
      .map(() => key),
  )
}

/** Beginnings, splits, meetings and loops stay where they are, and so does what leads to several steps where all goes well. */
function isOnLine(graph: Graph, id: string): boolean {
  const node = graph.nodes[id]
  const kind = typeOf(node?.type ?? '')?.kind
  if (node === undefined || (kind !== 'instant' && kind !== 'wait')) return false
  const main = mainPort(node)
  return drawnPorts(node).every(({ key, isFailure }) => key === main || isFailure || node.next[key] === undefined)
}

/** What else of a node changed: its config, its name. Ways that its new config no longer has are let go. */
export function changeNode(graph: Graph, id: string, change: Partial<Omit<Node, 'next'>>): Graph {
  const before = graph.nodes[id]
  if (before === undefined) return graph
  const node: Node = { ...before, ...change }
  const ports = new Set(drawnPorts(node).map((port) => port.key))
  const had = new Set(drawnPorts(before).map((port) => port.key))
  const next = Object.fromEntries(Object.entries(node.next).filter(([port]) => ports.has(port) || !had.has(port)))
  return { ...graph, nodes: { ...graph.nodes, [id]: { ...node, next } } }
}

/** The same node once more, right behind. */
export function duplicateNode(graph: Graph, id: string, newId: NewId): Done {
  const node = graph.nodes[id]
  const type = typeOf(node?.type ?? '')
  const port = node === undefined ? null : mainPort(node)
  if (node === undefined || type === null || port === null || type.kind === 'trigger') return { graph, focus: id }
  const copy = newId(baseOf(type))
  const behind = node.next[port]
  const next: Record<string, string> = behind === undefined ? {} : { [port]: behind }
  const nodes = { ...graph.nodes, [id]: withNext(node, port, copy), [copy]: { ...node, next } }
  return { graph: { ...graph, nodes }, focus: copy }
}

export function withNext(node: Node, port: string, to: string | null): Node {
  const { [port]: _, ...rest } = node.next
  return { ...node, next: to === null ? rest : { ...rest, [port]: to } }
}

/** All that a run may come to. */
export function reachable(graph: Graph): ReadonlySet<string> {
  return reachedFrom(graph, triggersOf(graph))
}

export function reachedFrom(graph: Graph, from: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>()
  const left = [...from]
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    const node = graph.nodes[id]
    if (seen.has(id) || node === undefined) continue
    seen.add(id)
    left.push(...Object.values(node.next))
  }
  return seen
}

/** `reply` of `conversation.reply@1`. */
function baseOf(type: NodeType): string {
  return type.type.replace(/@.*$/, '').replace(/^.*\./, '')
}
