/** Which steps and ways of a graph a run went, and where it is. Pure. */
import type { Graph } from '../../../src/workflows/definition/graph.ts'

export interface Lit {
  /** Arrivals by node. */
  readonly visits: Readonly<Record<string, number>>
  readonly standing: ReadonlyMap<string, 'waiting' | 'held'>
  /** As `wayId` names them. */
  readonly ways: ReadonlySet<string>
}

/** A run, or what a trial says of one. */
interface Told {
  readonly visits: Readonly<Record<string, number>>
  readonly tokens: readonly { readonly node: string; readonly state: 'ready' | 'waiting' | 'held' }[]
  readonly lines: readonly { readonly node: string; readonly port: string | null }[]
  readonly trigger: string
}

export const wayId = (from: string, port: string): string => `${from} ${port}`

export function litOf(graph: Graph, { visits, tokens, lines, trigger }: Told): Lit {
  const standing = new Map<string, 'waiting' | 'held'>()
  for (const { node, state } of tokens)
    if (standing.get(node) !== 'held') standing.set(node, state === 'held' ? 'held' : 'waiting')
  const reached = (id: string) => id === trigger || (visits[id] ?? 0) > 0
  const told = new Set(lines.flatMap(({ node, port }) => (port === null ? [] : [wayId(node, port)])))
  const ways = Object.entries(graph.nodes).flatMap(([id, { next }]) =>
    Object.entries(next).flatMap(([port, to]) =>
      told.has(wayId(id, port)) || (reached(id) && reached(to) && isOnlyWay(graph, id, port, reached)) ? [wayId(id, port)] : [],
    ),
  )
  return { visits: { ...visits, [trigger]: Math.max(1, visits[trigger] ?? 0) }, standing, ways: new Set(ways) }
}

/** A fork goes all its ways and tells none by name: where nothing else leads to a step, it was this way that led there. */
function isOnlyWay(graph: Graph, from: string, port: string, reached: (id: string) => boolean): boolean {
  const to = graph.nodes[from]?.next[port]
  const leading = Object.entries(graph.nodes).flatMap(([id, { next }]) =>
    reached(id) ? Object.entries(next).flatMap(([key, target]) => (target === to ? [wayId(id, key)] : [])) : [],
  )
  return leading.length === 1 && leading[0] === wayId(from, port)
}
