/** A workflow in plain sentences, one a step, in the order in which they come: for reading, for the record, and for whoever cannot see the picture. */
import { configOf, portsOf, typeOf } from './catalogue.ts'
import type { Graph, Node } from './graph.ts'
import type { Names } from './node-type.ts'

export interface Told {
  readonly node: string
  /** From 1, in the order of the story. */
  readonly step: number
  readonly sentence: string
  /** Where it goes on, where that is not just the next step. */
  readonly ways: readonly Way[]
}

export interface Way {
  readonly port: string
  readonly label: string
  /** Step that follows; null: the path ends there, or, where it is a failure, a person is asked. */
  readonly step: number | null
  readonly isFailure: boolean
}

/** What a node does, in its own words; or its name, where its config is none yet. */
export function sentenceOf(node: Node, names: Names): string {
  const type = typeOf(node.type)
  const config = configOf(node)
  if (type === null) return `(unknown: ${node.type})`
  return config === null ? `${type.title} (not filled in yet)` : type.sentence(config, names)
}

export function story(graph: Graph, names: Names): Told[] {
  const order = orderOf(graph)
  const stepOf = new Map(order.map((id, at) => [id, at + 1]))
  return order.flatMap((id, at) => {
    const node = graph.nodes[id]
    if (node === undefined) return []
    const ways = portsOf(node).map(({ key, label, isFailure = false }) => {
      return { port: key, label, step: stepOf.get(node.next[key] ?? '') ?? null, isFailure }
    })
    const isPlain = ways.length === 1 && ways[0]?.step === at + 2
    return [{ node: id, step: at + 1, sentence: sentenceOf(node, names), ways: isPlain ? [] : ways }]
  })
}

/** The same as text. */
export function inSentences(graph: Graph, names: Names): string {
  return story(graph, names)
    .map(({ step, sentence, ways }) =>
      [`${step}. ${sentence}.`, ...ways.map((way) => `   ${way.label}: ${whereTo(way)}.`)].join('\n'),
    )
    .join('\n')
}

function whereTo({ step, isFailure }: Way): string {
  if (step !== null) return `step ${step}`
  return isFailure ? 'the run stops until a person looks at it' : 'the path ends'
}

/**
 * Triggers first, then what each way leads to before the next way is told; where ways come together, after all of them (the reverse of the order in which
 * a walk into the depth is done with nodes). What nothing leads to is last.
 */
export function orderOf(graph: Graph): string[] {
  const ids = Object.keys(graph.nodes)
  const isTrigger = (id: string) => typeOf(graph.nodes[id]?.type ?? '')?.kind === 'trigger'
  const done: string[] = []
  const seen = new Set<string>()
  const visit = (id: string): void => {
    const node = graph.nodes[id]
    if (node === undefined || seen.has(id)) return
    seen.add(id)
    const ports = portsOf(node).map((port) => port.key)
    const lines = Object.entries(node.next).sort(([a], [b]) => ports.indexOf(b) - ports.indexOf(a))
    for (const [, to] of lines) visit(to)
    done.push(id)
  }
  for (const id of ids.filter((one) => !isTrigger(one) && !isLedTo(graph, one)).reverse()) visit(id)
  const lost = done.splice(0).reverse()
  seen.clear()
  for (const id of ids.filter(isTrigger).reverse()) visit(id)
  const told = done.reverse()
  return [...told, ...[...lost, ...ids].filter((id, at, all) => !seen.has(id) && all.indexOf(id) === at)]
}

function isLedTo(graph: Graph, id: string): boolean {
  return Object.values(graph.nodes).some((node) => Object.values(node.next).includes(id))
}
