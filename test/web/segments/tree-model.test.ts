import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Tree } from '../../../src/contacts/segments/segment.ts'
import {
  duplicate,
  type Group,
  leavesOf,
  move,
  type Node,
  negate,
  replace,
  toRoot,
  toTree,
} from '../../../web/segments/tree-model.ts'

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ minLength: 1, maxLength: 3 }).map((tag) => ({ kind: 'tag' as const, tag })),
    fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('tree'), { maxLength: 3 }) }),
    fc.record({ not: tie('tree') }),
  ),
})).tree

/** What a tree says of somebody with these tags. */
function holds(of: Tree, tags: readonly string[]): boolean {
  if ('all' in of) return of.all.every((one) => holds(one, tags))
  if ('any' in of) return of.any.some((one) => holds(one, tags))
  if ('not' in of) return !holds(of.not, tags)
  return of.kind === 'tag' && tags.includes(of.tag)
}
const keys = () => {
  let n = 0
  return () => `k${++n}`
}
const nodesOf = (node: Node): Node[] => [node, ...(node.kind === 'group' ? node.children.flatMap(nodesOf) : [])]

test('a tree that was taken apart for editing says the same when it is put together', () => {
  fc.assert(
    fc.property(tree, fc.array(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 4 }), (one, tags) => {
      const root = toRoot(one, keys())
      expect(holds(toTree(root), tags)).toBe(holds(one, tags))
      expect(holds(toTree(negate(root)), tags)).toBe(!holds(one, tags))
    }),
  )
})

test('what is moved is nowhere twice and never lost, and moving it back brings it back where it was among conditions', () => {
  fc.assert(
    fc.property(tree, fc.nat(), fc.array(fc.constantFrom(-1, 1), { maxLength: 8 }), (one, which, steps) => {
      const root = toRoot(one, keys())
      const nodes = nodesOf(root).slice(1)
      const moved = nodes[which % Math.max(1, nodes.length)]
      if (!moved) return
      const after = steps.reduce<Group>((of, by) => move(of, moved.key, by as 1 | -1), root)
      const sorted = (of: Group) =>
        nodesOf(of)
          .map(({ key }) => key)
          .sort()
      expect(sorted(after)).toEqual(sorted(root))
      const down = move(root, moved.key, 1)
      const back = down === root ? root : move(down, moved.key, -1)
      expect(leavesOf(back).map(({ key }) => key)).toEqual(leavesOf(root).map(({ key }) => key))
    }),
  )
})

test('moving leads past conditions, into groups and out of them', () => {
  const root = toRoot({ all: [{ kind: 'tag', tag: 'a' }, { any: [{ kind: 'tag', tag: 'b' }] }] }, keys())
  const a = leavesOf(root)[0] as Node
  const inside = move(root, a.key, 1)
  expect(toTree(inside)).toEqual({
    all: [
      {
        any: [
          { kind: 'tag', tag: 'a' },
          { kind: 'tag', tag: 'b' },
        ],
      },
    ],
  })
  expect(toTree(move(move(inside, a.key, 1), a.key, 1))).toEqual({
    all: [{ any: [{ kind: 'tag', tag: 'b' }] }, { kind: 'tag', tag: 'a' }],
  })
  expect(leavesOf(duplicate(root, a.key, keys())).length).toBe(3)
  expect(toTree(replace(root, a.key, () => null))).toEqual({ all: [{ any: [{ kind: 'tag', tag: 'b' }] }] })
})
