/** All kinds of nodes there are. Versions of a type stay here side by side, for as long as a run may stand on one. */
import type { Node } from './graph.ts'
import type { NodeType, Port } from './node-type.ts'
import { CONTACT } from './nodes/contact.ts'
import { DATA } from './nodes/data.ts'
import { FLOW } from './nodes/flow.ts'
import { LOGIC } from './nodes/logic.ts'
import { MAIL_NODES } from './nodes/mail.ts'
import { PEOPLE_NODES } from './nodes/people.ts'
import { TRIAGE } from './nodes/triage.ts'
import { TRIGGERS } from './nodes/triggers.ts'
import { WAIT } from './nodes/wait.ts'

export const NODE_TYPES: readonly NodeType[] = [
  ...TRIGGERS,
  ...LOGIC,
  ...TRIAGE,
  ...MAIL_NODES,
  ...CONTACT,
  ...WAIT,
  ...FLOW,
  ...DATA,
  ...PEOPLE_NODES,
]

const BY_TYPE: ReadonlyMap<string, NodeType> = new Map(NODE_TYPES.map((type) => [type.type, type]))

export function typeOf(type: string): NodeType | null {
  return BY_TYPE.get(type) ?? null
}

/** Nodes are values, and are asked for their config at every step of every run. */
const CONFIGS = new WeakMap<Node, { readonly config: unknown }>()

/** A node's config as its type reads it: with what was left out, and null where it is none. */
export function configOf(node: Node): unknown {
  const known = CONFIGS.get(node)
  if (known !== undefined) return known.config
  const read = typeOf(node.type)?.config.safeParse(node.config)
  const config = read?.success ? read.data : null
  CONFIGS.set(node, { config })
  return config
}

/** Where a node leads. None where its type or its config is unknown. */
export function portsOf(node: Node): readonly Port[] {
  const config = configOf(node)
  return config === null ? [] : (typeOf(node.type)?.ports(config) ?? [])
}

export function portOf(node: Node, key: string): Port | null {
  return portsOf(node).find((port) => port.key === key) ?? null
}
