/** Ways out of a node as they are drawn: those of its type, even while its config is not filled in yet. */
import { configOf, typeOf } from '../../../src/workflows/definition/catalogue.ts'
import type { Graph, Json, Node } from '../../../src/workflows/definition/graph.ts'
import type { Names, NodeType, Port } from '../../../src/workflows/definition/node-type.ts'
import { t } from '../../texts/texts.ts'
import { blankOf, withDefaults } from '../form/schema.ts'
import { startOf } from '../form/starts.ts'

const OUT: Port = { key: 'out', label: '' }

export function drawnPorts(node: Node): readonly Port[] {
  const type = typeOf(node.type)
  if (type === null) return [OUT]
  try {
    return type.ports(readConfig(type, node))
  } catch {
    return Object.keys(node.next).map((key) => ({ key, label: key }))
  }
}

function readConfig(type: NodeType, node: Node): unknown {
  return configOf(node) ?? withDefaults(type, node.config)
}

/** The way that a run usually takes: what is put before another node leads to it by this one. */
export function mainPort(node: Node): string | null {
  const ports = drawnPorts(node)
  if (typeOf(node.type)?.kind === 'each') return 'done'
  return (ports.find((port) => !port.isFailure) ?? ports[0])?.key ?? null
}

/** Ways that a page shows without being asked: those that go well, and those that lead somewhere. */
export function shownPorts(node: Node): readonly Port[] {
  return drawnPorts(node).filter((port) => !port.isFailure || node.next[port.key] !== undefined)
}

export function unledPorts(node: Node): readonly Port[] {
  return drawnPorts(node).filter((port) => port.isFailure && node.next[port.key] === undefined)
}

export function sentenceOf(node: Node, names: Names): string {
  const type = typeOf(node.type)
  if (type === null) return node.type
  try {
    return type.sentence(readConfig(type, node), names)
  } catch {
    return type.about
  }
}

export function titleOf(node: Node): string {
  return node.name || (typeOf(node.type)?.title ?? t.workflows.step.unknown)
}

export function kindOf(graph: Graph, id: string) {
  return typeOf(graph.nodes[id]?.type ?? '')?.kind ?? null
}

export function isTrigger(graph: Graph, id: string): boolean {
  return kindOf(graph, id) === 'trigger'
}

export function triggersOf(graph: Graph): string[] {
  return Object.keys(graph.nodes).filter((id) => isTrigger(graph, id))
}

/** A node as it is when it is put in: what its type begins with, or what is there to be filled in. */
export function freshNode(type: NodeType): Node {
  const config = (type.start ?? startOf(type.type) ?? blankOf(type)) as Record<string, Json>
  return { type: type.type, config, next: {} }
}
