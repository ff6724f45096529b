/** A graph as a list within lists, in the order in which a run goes through it: what is heard, and what a narrow page shows. */
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import type { Place } from './graph-acts.ts'
import { shownPorts, triggersOf } from './ports.ts'

export interface Way {
  readonly port: string
  readonly label: string
  readonly isFailure: boolean
  readonly items: readonly Item[]
}

export type Item =
  | { readonly kind: 'step'; readonly id: string; readonly ways: readonly Way[] }
  /** Goes on at a step that stands elsewhere in the list. */
  | { readonly kind: 'jump'; readonly at: Place; readonly to: string }
  /** Goes on where the ways come together again. */
  | { readonly kind: 'meet'; readonly at: Place; readonly to: string }
  | { readonly kind: 'open'; readonly at: Place }

export interface Outline {
  readonly triggers: readonly string[]
  /** Of each group of triggers that lead to the same step. */
  readonly flows: readonly { readonly triggers: readonly string[]; readonly items: readonly Item[] }[]
  /** Steps no trigger leads to. */
  readonly loose: readonly string[]
}

export function outlineOf(graph: Graph): Outline {
  const seen = new Set<string>()
  const triggers = triggersOf(graph)
  const groups = new Map<string, string[]>()
  for (const id of triggers) {
    const first = graph.nodes[id]?.next.out ?? `none:${id}`
    groups.set(first, [...(groups.get(first) ?? []), id])
  }
  const flows = [...groups.values()].map((group) => {
    const from = group[0] as string
    return { triggers: group, items: itemsFrom(graph, { from, port: 'out' }, new Set(), seen) }
  })
  const loose = Object.keys(graph.nodes).filter((id) => !seen.has(id) && !triggers.includes(id))
  return { triggers, flows, loose }
}

function itemsFrom(graph: Graph, at: Place, stops: ReadonlySet<string>, seen: Set<string>): Item[] {
  const items: Item[] = []
  let place: Place | null = at
  while (place !== null) {
    const id: string | undefined = graph.nodes[place.from]?.next[place.port]
    const node = id === undefined ? undefined : graph.nodes[id]
    if (id === undefined || node === undefined) return [...items, { kind: 'open', at: place }]
    if (stops.has(id)) return [...items, { kind: 'meet', at: place, to: id }]
    if (seen.has(id)) return [...items, { kind: 'jump', at: place, to: id }]
    seen.add(id)
    const ports = shownPorts(node)
    const [only] = ports
    if (ports.length <= 1) {
      items.push({ kind: 'step', id, ways: [] })
      place = only === undefined ? null : { from: id, port: only.key }
      continue
    }
    const meeting = meetingOf(graph, id)
    const further = meeting === null || seen.has(meeting) || stops.has(meeting) ? stops : new Set([...stops, meeting])
    const ways = ports.map((port) => ({
      port: port.key,
      label: port.label || port.key,
      isFailure: port.isFailure === true,
      items: itemsFrom(graph, { from: id, port: port.key }, further, seen),
    }))
    items.push({ kind: 'step', id, ways })
    if (further === stops || meeting === null) return items
    const last = Object.entries(graph.nodes).find(([key, one]) => key !== id && Object.values(one.next).includes(meeting))
    const port = last && Object.entries(last[1].next).find(([, to]) => to === meeting)?.[0]
    const direct = Object.entries(node.next).find(([, to]) => to === meeting)?.[0]
    place = direct !== undefined ? { from: id, port: direct } : last && port !== undefined ? { from: last[0], port } : null
  }
  return items
}

/** The first step that two of the ways of a node lead to: there what comes behind belongs to all of them. */
function meetingOf(graph: Graph, id: string): string | null {
  const node = graph.nodes[id]
  if (node === undefined) return null
  const ways = Object.values(node.next).map((to) => inOrder(graph, to, id))
  const [first = [], ...rest] = ways
  const shared = first.filter((one) => rest.length > 0 && rest.every((way) => way.includes(one)))
  return shared[0] ?? null
}

function inOrder(graph: Graph, from: string, without: string): string[] {
  const order: string[] = []
  const seen = new Set([without])
  let front = [from]
  while (front.length > 0) {
    const next: string[] = []
    for (const id of front) {
      const node = graph.nodes[id]
      if (seen.has(id) || node === undefined) continue
      seen.add(id)
      order.push(id)
      next.push(...Object.values(node.next))
    }
    front = next
  }
  return order
}
