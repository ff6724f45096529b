import { expect, test } from 'vitest'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import { advance, begin } from '../../../src/workflows/interpret/advance.ts'
import { blockersOf, carry, comparison } from '../../../src/workflows/interpret/carry.ts'
import { hit } from '../../../src/workflows/interpret/moves.ts'
import type { RunState } from '../../../src/workflows/interpret/state.ts'
import { aGraph } from '../../support/workflow.ts'

let ids = 0
const deps = { now: new Date('2026-11-22T10:00:00Z'), newId: () => `id-${++ids}`, evaluate: () => null }
const begins = { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'a' } }
const end = { type: 'end@1', config: {} }
const waitFor = (port: string, next: object) => ({
  type: 'wait.any@1',
  config: { arms: [{ port, event: 'event.received', of: 'value', value: "'name:paid'" }], after: { for: '3d' } },
  next,
})
const arm = (port: string) => ({ port, on: 'event.received', key: 'name:paid' })

function waiting(graph: Graph, node: string, port = 'came'): RunState {
  const { state } = begin(graph, 'begin', {}, deps)
  expect(state.tokens[0]?.node).toBe(node)
  const until = new Date('2026-11-25T10:00:00Z')
  return advance(graph, state, state.tokens[0]!.id, { kind: 'wait', arms: [arm(port)], until, timeoutPort: 'timeout' }, deps)
    .state
}

const before = aGraph({ begin: begins, a: waitFor('came', { came: 'end' }), end })

test('a waiting run goes on by another version with what it waits for, and until when', () => {
  const after = aGraph(
    { begin: begins, a: waitFor('came', { came: 'b' }), b: waitFor('more', {}), end },
    { vars: [{ key: 'n', type: 'number', default: 7 }] },
  )
  const state = waiting(before, 'a')
  expect(blockersOf(state, comparison(before, after, {}))).toEqual([])
  const moved = carry(after, state, { mapping: {}, from: 1, to: 2 }, deps)
  expect(moved.state.tokens).toEqual(state.tokens)
  expect(moved.state.tokens[0]).toBe(state.tokens[0])
  expect(moved.state.vars).toEqual({ n: 7 })
  expect(moved.lines).toMatchObject([{ node: 'a', what: 'moved', detail: { from: 1, to: 2 } }])
  const came = hit(after, moved.state, state.tokens[0]!.id, 'came', null, deps)
  expect(came.state.tokens).toMatchObject([{ node: 'b', state: 'ready' }])
})

test('a step that is gone, or another one, or has lost the way that is waited for, is in the way; a mapping may help', () => {
  const state = waiting(before, 'a')
  const renamed = aGraph({ begin: { ...begins, next: { out: 'z' } }, z: waitFor('came', { came: 'end' }), end })
  expect(blockersOf(state, comparison(before, renamed, {}))).toEqual([{ node: 'a', code: 'gone' }])
  expect(blockersOf(state, comparison(before, renamed, { a: 'z' }))).toEqual([])
  const moved = carry(renamed, state, { mapping: { a: 'z' }, from: 1, to: 2 }, deps).state
  expect(moved.tokens).toMatchObject([{ node: 'z', visit: 1, state: 'waiting', arms: [arm('came')] }])
  expect(moved.visits).toMatchObject({ a: 1, z: 1 })

  const other = aGraph({ begin: begins, a: { type: 'data.set@1', config: { values: {} }, next: { out: 'end' } }, end })
  expect(blockersOf(state, comparison(before, other, {}))).toEqual([{ node: 'a', code: 'kind' }])
  expect(blockersOf(state, comparison(before, other, { a: 'end' }))).toEqual([{ node: 'a', code: 'kind' }])
  const ways = aGraph({ begin: begins, a: waitFor('answered', { answered: 'end' }), end })
  expect(blockersOf(state, comparison(before, ways, {}))).toEqual([{ node: 'a', code: 'ways' }])
  const about = { ...before, subject: 'contact' as const }
  expect(blockersOf(state, comparison(before, about, {}))).toEqual([{ node: 'a', code: 'subject' }])
})

test('branches are carried with their split, and not into or out of one', () => {
  const branches = [
    { key: 'x', label: 'X' },
    { key: 'y', label: 'Y' },
  ]
  const forked = aGraph({
    begin: { ...begins, next: { out: 'split' } },
    split: { type: 'fork@1', config: { branches }, next: { x: 'a', y: 'b' } },
    a: waitFor('came', { came: 'join' }),
    b: waitFor('came', { came: 'join' }),
    join: { type: 'join@1', next: { out: 'end' } },
    end,
  })
  const { state } = begin(forked, 'begin', {}, deps)
  const split = advance(forked, state, state.tokens[0]!.id, { kind: 'fork', ports: ['x', 'y'], need: 2 }, deps).state
  expect(split.tokens).toHaveLength(2)
  expect(blockersOf(split, comparison(forked, forked, {}))).toEqual([])
  const again = aGraph({ ...forked.nodes, split2: forked.nodes.split, begin: { ...begins, next: { out: 'split2' } } })
  const { split: _, ...nodes } = again.nodes
  const renamed = { ...again, nodes }
  expect(blockersOf(split, comparison(forked, renamed, {})).map(({ code }) => code)).toEqual(['branches', 'branches'])
  expect(blockersOf(split, comparison(forked, renamed, { split: 'split2' }))).toEqual([])
  const moved = carry(renamed, split, { mapping: { split: 'split2' }, from: 1, to: 2 }, deps).state
  expect(moved.forks).toMatchObject([{ node: 'split2', total: 2 }])
  const flat = aGraph({ begin: begins, a: waitFor('came', { came: 'b' }), b: waitFor('came', { came: 'end' }), end })
  expect(blockersOf(split, comparison(forked, flat, {})).map(({ code }) => code)).toEqual(['branches', 'branches'])
  const one = waiting(flat, 'a')
  expect(blockersOf(one, comparison(flat, forked, {}))).toEqual([{ node: 'a', code: 'branches' }])
})
