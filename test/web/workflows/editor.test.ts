import { expect, test } from 'vitest'
import { NODE_TYPES } from '../../../src/workflows/definition/catalogue.ts'
import type { Graph } from '../../../src/workflows/definition/graph.ts'
import { type Act, type Editor, editorOf, reduce } from '../../../web/workflows/edit/editor.ts'
import { layoutOf, neighbourOf } from '../../../web/workflows/edit/layout.ts'
import { type Item, outlineOf } from '../../../web/workflows/edit/outline.ts'
import { drawnPorts, freshNode, sentenceOf } from '../../../web/workflows/edit/ports.ts'
import { isRule, ruleOf } from '../../../web/workflows/edit/rule.ts'

const NAMES = { of: (_: string, id: string) => id }

function graph(nodes: Graph['nodes']): Graph {
  const limits = { steps: 2_000, days: 365, runsPerSubject: null }
  return {
    schema: 'workflow/1',
    name: 'Chase',
    description: '',
    subject: 'conversation',
    reentry: 'ignore',
    limits,
    vars: [],
    inputs: [],
    outputs: [],
    nodes,
  }
}

const LINE = graph({
  t: { type: 'trigger.customer_replied@1', config: {}, next: { out: 'a' } },
  a: { type: 'conversation.priority@1', config: { priority: 'high' }, next: { out: 'b' } },
  b: { type: 'conversation.status@1', config: { status: 'open' }, next: {} },
})

const BRANCHED = graph({
  t: { type: 'trigger.customer_replied@1', config: {}, next: { out: 'q' } },
  q: { type: 'if@1', config: { when: { all: [] } }, next: { yes: 'a', no: 'n' } },
  a: { type: 'conversation.priority@1', config: { priority: 'high' }, next: { out: 'b' } },
  n: { type: 'conversation.priority@1', config: { priority: 'low' }, next: { out: 'b' } },
  b: { type: 'conversation.status@1', config: { status: 'open' }, next: {} },
})

function after(start: Graph, ...acts: Act[]): Editor {
  return acts.reduce(reduce, editorOf(start))
}

test('a step put on a line stands between the two', () => {
  const { graph: drawn, selected } = after(LINE, {
    kind: 'insert',
    at: { from: 'a', port: 'out' },
    type: 'wait.time@1',
    seed: 'x',
  })
  expect(selected).toBe('time_x')
  expect(drawn.nodes.a?.next).toEqual({ out: 'time_x' })
  expect(drawn.nodes.time_x?.next).toEqual({ out: 'b' })
})

test('what comes behind a loop is what came behind before, not a part of its rounds', () => {
  const { graph: drawn } = after(LINE, { kind: 'insert', at: { from: 'a', port: 'out' }, type: 'each@1', seed: 'x' })
  expect(drawn.nodes.each_x?.next).toEqual({ done: 'b' })
})

test('a split comes with the step that brings its branches together', () => {
  const { graph: drawn } = after(LINE, { kind: 'insert', at: { from: 'a', port: 'out' }, type: 'fork@1', seed: 'x' })
  expect(drawn.nodes.fork_x?.next).toEqual({ a: 'join_x', b: 'join_x' })
  expect(drawn.nodes.join_x?.next).toEqual({ out: 'b' })
})

test('a step that is taken out leaves no gap', () => {
  const { graph: drawn } = after(LINE, { kind: 'remove', id: 'a' })
  expect(drawn.nodes.t?.next).toEqual({ out: 'b' })
  expect(Object.keys(drawn.nodes)).toEqual(['t', 'b'])
})

test('with a question go the steps that only its other answer led to', () => {
  const { graph: drawn } = after(BRANCHED, { kind: 'remove', id: 'q' })
  expect(Object.keys(drawn.nodes).sort()).toEqual(['a', 'b', 't'])
  expect(drawn.nodes.t?.next).toEqual({ out: 'a' })
})

test('a trigger that is taken out takes nothing along', () => {
  const { graph: drawn } = after(LINE, { kind: 'remove', id: 't' })
  expect(Object.keys(drawn.nodes)).toEqual(['a', 'b'])
})

test('a step that leads back to the one that is taken out does not lead to itself', () => {
  const circle = graph({ ...LINE.nodes, b: { type: 'wait.time@1', config: { for: { for: '1d' } }, next: { out: 'a' } } })
  const { graph: drawn } = after(circle, { kind: 'remove', id: 'a' })
  expect(drawn.nodes.b?.next).toEqual({})
})

test('every act can be taken back, and done again', () => {
  const acts: Act[] = [
    { kind: 'insert', at: { from: 'a', port: 'out' }, type: 'wait.reply@1', seed: 'x' },
    { kind: 'remove', id: 'a' },
    { kind: 'lead', at: { from: 'reply_x', port: 'timeout' }, to: 'reply_x' },
    { kind: 'change_node', id: 'b', change: { config: { status: 'closed' } } },
    { kind: 'add_trigger', type: 'trigger.button@1', seed: 'y' },
    { kind: 'change', change: { name: 'Other' } },
  ]
  const done = after(LINE, ...acts)
  const undone = acts.reduce((editor) => reduce(editor, { kind: 'undo' }), done)
  expect(undone.graph).toEqual(LINE)
  expect(reduce(undone, { kind: 'undo' })).toBe(undone)
  const again = acts.reduce((editor) => reduce(editor, { kind: 'redo' }), undone)
  expect(again.graph).toEqual(done.graph)
})

test('what was typed letter by letter is taken back at once', () => {
  const typed = ['P', 'Pa', 'Pay'].map((name): Act => ({ kind: 'change_node', id: 'a', change: { name }, merge: 'name' }))
  const editor = after(LINE, ...typed)
  expect(editor.graph.nodes.a?.name).toBe('Pay')
  expect(reduce(editor, { kind: 'undo' }).graph).toEqual(LINE)
})

test('an id is not used again, not even after its step was taken back', () => {
  const insert: Act = { kind: 'insert', at: { from: 'b', port: 'out' }, type: 'wait.time@1', seed: 'x' }
  const editor = after(LINE, insert, { kind: 'undo' }, insert)
  expect(editor.graph.nodes.b?.next.out).toBe('time_x_2')
})

test('a further trigger leads where the first leads', () => {
  const { graph: drawn } = after(LINE, { kind: 'add_trigger', type: 'trigger.button@1', seed: 'x' })
  expect(drawn.nodes.button_x?.next).toEqual({ out: 'a' })
})

test('the first trigger says what the workflow is about', () => {
  const { graph: drawn } = after(graph({}), { kind: 'add_trigger', type: 'trigger.schedule@1', seed: 'x' })
  expect(drawn.subject).toBe('none')
})

test('ways that a step no longer has are let go with what it was told', () => {
  const start = graph({
    ...LINE.nodes,
    a: { type: 'wait.reply@1', config: { from: 'customer', after: { for: '3d' } }, next: { replied: 'b', timeout: 'b' } },
  })
  const { graph: drawn } = after(start, { kind: 'change_node', id: 'a', change: { config: { from: 'customer', after: null } } })
  expect(drawn.nodes.a?.next).toEqual({ replied: 'b' })
})

test('every kind of step can be put in, has ways that are drawn, and says something of itself', () => {
  for (const type of NODE_TYPES) {
    const node = freshNode(type)
    expect(sentenceOf(node, NAMES), type.type).not.toBe('')
    const isLast = type.kind === 'end' || type.kind === 'break'
    expect(drawnPorts(node).length > 0, type.type).toBe(!isLast)
  }
})

test('a line reads as when, if and then, and a branched flow does not', () => {
  expect(ruleOf(LINE)).toEqual({ triggers: ['t'], question: null, actions: ['a', 'b'], end: { from: 'b', port: 'out' } })
  expect(ruleOf(BRANCHED)).toBe('several_ways')
})

test('rows are asked, moved and asked no more', () => {
  const when = { all: [{ field: 'conversation.subject', op: 'contains' as const, value: 'quote' }] }
  const asked = after(LINE, { kind: 'rule_condition', when, seed: 'x' })
  expect(asked.graph.nodes.t?.next).toEqual({ out: 'if_x' })
  const rule = ruleOf(asked.graph)
  expect(isRule(rule) && [rule.question?.when, rule.actions]).toEqual([when, ['a', 'b']])
  const moved = reduce(asked, { kind: 'move_action', id: 'b', by: -1 })
  expect(moved.graph.nodes.if_x?.next).toEqual({ yes: 'b' })
  expect([moved.graph.nodes.b?.next, moved.graph.nodes.a?.next]).toEqual([{ out: 'a' }, {}])
  const free = reduce(moved, { kind: 'rule_condition', when: null, seed: 'y' })
  expect(free.graph.nodes.t?.next).toEqual({ out: 'b' })
})

test('the list names every step once, and says where ways come together', () => {
  const { flows, loose } = outlineOf(BRANCHED)
  const named: string[] = []
  const visit = (items: readonly Item[]) => {
    for (const item of items) {
      if (item.kind !== 'step') continue
      named.push(item.id)
      for (const way of item.ways) visit(way.items)
    }
  }
  visit(flows[0]?.items ?? [])
  expect(named).toEqual(['q', 'a', 'n', 'b'])
  expect(loose).toEqual([])
  const [question] = flows[0]?.items ?? []
  expect(question?.kind === 'step' && question.ways.map((way) => way.items.at(-1)?.kind)).toEqual(['meet', 'meet'])
})

test('everything has its place, one below the other, and arrows walk along the lines', () => {
  const layout = layoutOf(BRANCHED)
  const y = (id: string) => layout.spots.find((spot) => spot.id === id)?.y ?? 0
  expect(y('t') < y('q') && y('q') < y('a') && y('a') < y('b')).toBe(true)
  expect(layout.opens).toHaveLength(1)
  expect(layout.lines.every((line) => line.points.length > 1)).toBe(true)
  expect(neighbourOf(BRANCHED, layout, 'q', 'down')).toBe('a')
  expect(neighbourOf(BRANCHED, layout, 'b', 'up')).toMatch(/^[an]$/)
  const aside = ['left', 'right'].map((side) => neighbourOf(BRANCHED, layout, 'a', side as 'left' | 'right'))
  expect(aside).toContain('n')
})

test('a step changes places with its neighbour on the line, and with nothing else', () => {
  const { a, b } = reduce(editorOf(LINE), { kind: 'move_node', id: 'b', by: -1 }).graph.nodes
  expect([a?.next, b?.next]).toEqual([{}, { out: 'a' }])
  const down = reduce(editorOf(LINE), { kind: 'move_node', id: 'a', by: 1 })
  expect(down.graph.nodes.t?.next).toEqual({ out: 'b' })
  expect(down.selected).toBe('a')
  expect(reduce(down, { kind: 'undo' }).graph).toBe(LINE)
  // Past a beginning, past the end, and where two ways meet, nothing is moved.
  for (const [of, id, by] of [
    [LINE, 'a', -1],
    [LINE, 'b', 1],
    [BRANCHED, 'b', -1],
    [BRANCHED, 'a', 1],
    [BRANCHED, 'q', 1],
  ] as const)
    expect(reduce(editorOf(of), { kind: 'move_node', id, by }).graph, `${id} by ${by}`).toBe(of)
})
