/** All kinds of nodes there are. Versions of a type stay here side by side, for as long as a run may stand on one. */
import type { Node } from './graph.ts'
import type { NodeType, Port } from './node-type.ts'
import { FLOW } from './nodes/flow.ts'
import { LOGIC } from './nodes/logic.ts'
import { TRIGGERS } from './nodes/triggers.ts'

export const NODE_TYPES: readonly NodeType[] = [...TRIGGERS, ...LOGIC, ...FLOW]

const BY_TYPE: ReadonlyMap<string, NodeType> = new Map(NODE_TYPES.map((type) => [type.type, type]))

export function typeOf(type: string): NodeType | null {
  return BY_TYPE.get(type) ?? null
}

/** A node's config as its type reads it: with what was left out, and null where it is none. */
export function configOf(node: Node): unknown {
  const read = typeOf(node.type)?.config.safeParse(node.config)
  return read?.success ? read.data : null
}

/** Where a node leads. None where its type or its config is unknown. */
export function portsOf(node: Node): readonly Port[] {
  const config = configOf(node)
  return config === null ? [] : (typeOf(node.type)?.ports(config) ?? [])
}

export function portOf(node: Node, key: string): Port | null {
  return portsOf(node).find((port) => port.key === key) ?? null
}
