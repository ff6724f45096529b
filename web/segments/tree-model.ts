/** A segment's tree as it is edited: every group and condition has a key of its own, and "not" belongs to it instead of standing around it. */
import type { Condition, Tree } from '../../src/contacts/segments/segment.ts'

export const GROUP_OPS = ['all', 'any', 'none', 'not_all'] as const
export type GroupOp = (typeof GROUP_OPS)[number]

export interface Group {
  readonly key: string
  readonly kind: 'group'
  readonly op: GroupOp
  readonly children: readonly Node[]
}
export interface Leaf {
  readonly key: string
  readonly kind: 'condition'
  readonly not: boolean
  readonly condition: Condition
}
export type Node = Group | Leaf

type NewKey = () => string

export function toNode(tree: Tree, newKey: NewKey): Node {
  if ('all' in tree) return group('all', tree.all, newKey)
  if ('any' in tree) return group('any', tree.any, newKey)
  if (!('not' in tree)) return { key: newKey(), kind: 'condition', not: false, condition: tree }
  const inner = tree.not
  if ('not' in inner) return toNode(inner.not, newKey)
  if ('all' in inner) return group('not_all', inner.all, newKey)
  if ('any' in inner) return group('none', inner.any, newKey)
  return { key: newKey(), kind: 'condition', not: true, condition: inner }
}

function group(op: GroupOp, children: readonly Tree[], newKey: NewKey): Group {
  return { key: newKey(), kind: 'group', op, children: children.map((child) => toNode(child, newKey)) }
}

/** The whole tree is always a group, so that there is somewhere to add to. */
export function toRoot(tree: Tree, newKey: NewKey): Group {
  const node = toNode(tree, newKey)
  return node.kind === 'group' ? node : { key: newKey(), kind: 'group', op: 'all', children: [node] }
}

export function toTree(node: Node): Tree {
  if (node.kind === 'condition') return node.not ? { not: node.condition } : node.condition
  const below = node.children.map(toTree)
  switch (node.op) {
    case 'all':
      return { all: below }
    case 'any':
      return { any: below }
    case 'none':
      return { not: { any: below } }
    case 'not_all':
      return { not: { all: below } }
  }
}

/** With one node replaced, or taken out where nothing is put in its place. */
export function replace(root: Group, key: string, change: (node: Node) => Node | null): Group {
  const within = (of: Group): Group => ({
    ...of,
    children: of.children.flatMap((child): Node[] => {
      if (child.key === key) return [change(child)].flatMap((one) => one ?? [])
      return [child.kind === 'group' ? within(child) : child]
    }),
  })
  if (root.key !== key) return within(root)
  const changed = change(root)
  return changed?.kind === 'group' ? changed : root
}

export function insert(root: Group, into: string, at: number, node: Node): Group {
  return replace(root, into, (found) =>
    found.kind === 'group' ? { ...found, children: found.children.toSpliced(at, 0, node) } : found,
  )
}

interface Place {
  /** From the root down to the one it is in. */
  readonly parents: readonly Group[]
  readonly index: number
  readonly node: Node
}

function locate(of: Group, key: string, above: readonly Group[] = []): Place | null {
  const parents = [...above, of]
  for (const [index, node] of of.children.entries()) {
    if (node.key === key) return { parents, index, node }
    const below = node.kind === 'group' ? locate(node, key, parents) : null
    if (below) return below
  }
  return null
}

/** One step up or down as it is read: past a condition, into a group, out of it at its end. */
export function move(root: Group, key: string, by: -1 | 1): Group {
  const place = locate(root, key)
  const parent = place?.parents.at(-1)
  if (!place || !parent) return root
  const next = parent.children[place.index + by]
  const without = replace(root, key, () => null)
  if (next?.kind === 'group') return insert(without, next.key, by > 0 ? 0 : next.children.length, place.node)
  if (next) return insert(without, parent.key, place.index + by, place.node)
  const grand = place.parents.at(-2)
  if (!grand) return root
  const at = grand.children.findIndex((child) => child.key === parent.key)
  return insert(without, grand.key, by > 0 ? at + 1 : at, place.node)
}

export function duplicate(root: Group, key: string, newKey: NewKey): Group {
  const place = locate(root, key)
  const parent = place?.parents.at(-1)
  if (!place || !parent) return root
  return insert(root, parent.key, place.index + 1, toNode(toTree(place.node), newKey))
}

/** Its opposite: who was in is out. */
export function negate(node: Node): Node {
  if (node.kind === 'condition') return { ...node, not: !node.not }
  const opposite = { all: 'not_all', not_all: 'all', any: 'none', none: 'any' } as const
  return { ...node, op: opposite[node.op] }
}

export function leavesOf(node: Node): Leaf[] {
  return node.kind === 'condition' ? [node] : node.children.flatMap(leavesOf)
}

/** Whether everything is said that it needs to be asked. */
export function isFinished({ condition }: Leaf): boolean {
  switch (condition.kind) {
    case 'field':
      return condition.op === 'is_empty' || condition.op === 'is_not_empty' || condition.value !== ''
    case 'data':
      return condition.op === 'is_empty' || condition.op === 'is_not_empty' || condition.value !== ''
    case 'address':
      return condition.op === 'none' || condition.value !== ''
    case 'tag':
      return condition.tag !== ''
    case 'list':
      return condition.list !== '' && isMoment(condition.since ?? null)
    case 'import':
      return condition.import !== ''
    case 'created':
      return isMoment(condition.since)
    case 'activity':
      return isMoment(condition.since)
  }
}

function isMoment(since: { readonly days: number } | { readonly at: string } | null): boolean {
  return since === null || 'days' in since || !Number.isNaN(Date.parse(since.at))
}
