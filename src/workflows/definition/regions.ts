/**
 * In which branches and loops each node stands. What is split must come together again within the same branch, and a loop ends where it began: only then
 * can a run tell which of its tokens belong together.
 */

import { configOf, typeOf } from './catalogue.ts'
import type { Graph, Node } from './graph.ts'

export interface Region {
  /** Ids of the forks and loops around the node, outermost first. */
  readonly around: readonly string[]
}

export interface Fault {
  readonly code: 'not_nested' | 'join_outside_fork' | 'break_outside_loop' | 'several_joins'
  readonly node: string
}

export interface Regions {
  /** Of all nodes that are reached from a trigger. */
  readonly of: ReadonlyMap<string, Region>
  /** Fork → the join where its branches come together. */
  readonly joins: ReadonlyMap<string, string>
  readonly faults: readonly Fault[]
}

export function regionsOf(graph: Graph): Regions {
  const of = new Map<string, Region>()
  const joins = new Map<string, string>()
  const faults = new Map<string, Fault>()
  const fault = (code: Fault['code'], node: string) => faults.set(`${code} ${node}`, { code, node })
  const kindOf = (id: string) => typeOf(graph.nodes[id]?.type ?? '')?.kind
  const triggers = Object.keys(graph.nodes).filter((id) => kindOf(id) === 'trigger')
  const left: { id: string; around: readonly string[] }[] = triggers.map((id) => ({ id, around: [] }))
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { id, around } = next
    if (graph.nodes[id] === undefined) continue
    // The end of a round: the loop itself stands outside of it.
    if (around.at(-1) === id && kindOf(id) === 'each') continue
    if (around.includes(id)) {
      fault('not_nested', id)
      continue
    }
    // An end is the end of the run, from wherever it is reached.
    if (kindOf(id) === 'end') {
      of.set(id, { around: [] })
      continue
    }
    const known = of.get(id)
    if (known !== undefined) {
      if (known.around.join(' ') !== around.join(' ')) fault('not_nested', id)
      continue
    }
    of.set(id, { around })
    if (kindOf(id) === 'break' && !around.some((one) => kindOf(one) === 'each')) fault('break_outside_loop', id)
    if (kindOf(id) === 'join') noteJoin(id, around)
    for (const [port, to] of Object.entries(graph.nodes[id].next)) left.push({ id: to, around: behind(id, port, around) })
  }
  return { of, joins, faults: [...faults.values()] }

  function noteJoin(id: string, around: readonly string[]): void {
    const fork = around.at(-1)
    if (fork === undefined || kindOf(fork) !== 'fork') fault('join_outside_fork', id)
    else if (joins.has(fork)) fault('several_joins', id)
    else joins.set(fork, id)
  }

  function behind(id: string, port: string, around: readonly string[]): readonly string[] {
    const kind = kindOf(id)
    if (kind === 'fork' || (kind === 'each' && port === 'item')) return [...around, id]
    return kind === 'join' ? around.slice(0, -1) : around
  }
}

/** Nodes of a circle in which nothing is ever waited for; rounds of `each` come to an end, and do not count. */
export function spinning(graph: Graph): string[] {
  const kindOf = (id: string) => typeOf(graph.nodes[id]?.type ?? '')?.kind
  const color = new Map<string, 'open' | 'done'>()
  const path: string[] = []
  const visit = (id: string): string[] | null => {
    const node = graph.nodes[id]
    if (node === undefined || waits(node) || color.get(id) === 'done') return null
    if (color.get(id) === 'open') return path.slice(path.indexOf(id))
    color.set(id, 'open')
    path.push(id)
    for (const [port, to] of Object.entries(node.next)) {
      if (kindOf(id) === 'each' && port === 'item') continue
      const circle = visit(to)
      if (circle !== null) return circle
    }
    path.pop()
    color.set(id, 'done')
    return null
  }
  for (const id of Object.keys(graph.nodes)) {
    const circle = visit(id)
    if (circle !== null) return circle
  }
  return []
}

/** Mail that is only written down is not waited for. */
function waits(node: Node): boolean {
  const config = configOf(node) as { wait_for?: string } | null
  return typeOf(node.type)?.kind === 'wait' && config?.wait_for !== 'queued'
}
