import { expect, test } from 'vitest'
import { Graph, type Json } from '../../../src/workflows/definition/graph.ts'
import { advance, begin, type Deps, type Turn } from '../../../src/workflows/interpret/advance.ts'
import { cancel, edit, hit, hold, retry, skip, timeOut } from '../../../src/workflows/interpret/moves.ts'
import { dueAt, nextDue, nextReady } from '../../../src/workflows/interpret/next.ts'
import type { StepLine, StepResult } from '../../../src/workflows/interpret/result.ts'
import type { RunState, Token } from '../../../src/workflows/interpret/state.ts'
import { brokenLaws } from '../../support/run-laws.ts'

const START = new Date('2026-03-02T09:00:00Z')
const DAY = 86_400_000

/** A run that is moved by hand, node by node. */
class Run {
  readonly graph: Graph
  state: RunState
  now = START
  story: StepLine[] = []
  dropped: readonly Token[] = []
  private ids = 0

  constructor(graph: object) {
    const nodes = { begin: { type: 'trigger.called@1', next: { out: 'a' } } }
    const given = graph as { nodes: object }
    this.graph = Graph.parse({
      schema: 'workflow/1',
      name: 'Story',
      subject: 'none',
      ...graph,
      nodes: { ...nodes, ...given.nodes },
    })
    const turn = begin(this.graph, 'begin', {}, this.deps())
    this.state = turn.state
    this.take(turn)
  }

  deps(): Deps {
    return {
      now: this.now,
      newId: () => `t${String(++this.ids).padStart(4, '0')}`,
      evaluate: (source, state, _, result): Json => {
        if (source === 'result.class') return (result as { class: string }).class
        if (source === 'boom') throw new Error('it is divided by zero')
        if (source === 'long') return 'x'.repeat(70_000)
        return Number(state.vars[source.split(' ')[0]?.slice(5) ?? ''] ?? 0) + 1
      },
    }
  }

  take(turn: Turn): this {
    this.state = turn.state
    this.story.push(...turn.lines)
    this.dropped = turn.dropped
    expect(brokenLaws(this.graph, turn.state)).toEqual([])
    return this
  }

  /** The token on this node, the n-th where there are several. */
  on(node: string, at = 0): Token {
    const token = this.state.tokens.filter((one) => one.node === node)[at]
    if (token === undefined) throw new Error(`no token on ${node}; they are on ${this.where()}`)
    return token
  }

  do(node: string, result: StepResult, at = 0): this {
    return this.take(advance(this.graph, this.state, this.on(node, at).id, result, this.deps()))
  }

  go(node: string, port = 'ok', at = 0): this {
    return this.do(node, { kind: 'go', port }, at)
  }

  where(): string {
    return this.state.tokens.map((token) => token.node).join(' ')
  }

  told(): string[] {
    return this.story.map(({ node, what, port }) => [node, what, port].filter((word) => word !== null).join(' '))
  }
}

const request = (next: object, more: object = {}) => ({
  type: 'http.request@1',
  config: { url: 'https://example.com/' },
  next,
  ...more,
})
const fork = (need: 'all' | 'any' | number, next: Record<string, string>, of = 3) => ({
  type: 'fork@1',
  config: { branches: Array.from({ length: of }, (_, at) => ({ key: `b${at}`, label: `B${at}` })), need },
  next,
})
const FORK = (need: number, of = 3): StepResult => ({
  kind: 'fork',
  ports: Array.from({ length: of }, (_, at) => `b${at}`),
  need,
})
const reply = (until: Date | null): StepResult => ({
  kind: 'wait',
  arms: [{ port: 'replied', on: 'customer.replied', key: 'conversation:1' }],
  until,
  timeoutPort: until === null ? null : 'timeout',
})

test('a quote is chased twice, and closed when the customer writes', () => {
  const run = new Run({
    vars: [{ key: 'reminders', type: 'number', default: 0 }],
    nodes: {
      a: { type: 'wait.reply@1', config: { after: { for: '3d' } }, next: { replied: 'closed', timeout: 'again' } },
      again: { type: 'if@1', config: { when: { all: [] } }, next: { yes: 'remind', no: 'given_up' } },
      remind: request({ ok: 'a' }, { set: { reminders: 'vars.reminders + 1' } }),
      closed: { type: 'end@1' },
      given_up: { type: 'end@1' },
    },
  })
  for (const n of [1, 2]) {
    run.do('a', reply(new Date(run.now.getTime() + 3 * DAY)))
    expect(nextReady(run.state, run.now)).toBe(null)
    run.now = dueAt(run.state) as Date
    expect(nextDue(run.state, run.now)?.node).toBe('a')
    run
      .take(timeOut(run.graph, run.state, run.on('a').id, run.deps()))
      .go('again', 'yes')
      .go('remind')
    expect(run.state.vars.reminders).toBe(n)
  }
  run.do('a', reply(null))
  expect(dueAt(run.state)).toBe(null)
  run.take(hit(run.graph, run.state, run.on('a').id, 'replied', { from: 'ann@example.com' }, run.deps()))
  run.do('closed', { kind: 'end', outputs: { result: 'answered' } })
  expect(run.state).toMatchObject({ status: 'completed', endReason: 'end', outputs: { result: 'answered' }, visits: { a: 3 } })
  expect(run.told()).toEqual([
    'begin done out',
    ...['a waits', 'a timed_out timeout', 'again done yes', 'remind done ok'],
    ...['a waits', 'a timed_out timeout', 'again done yes', 'remind done ok'],
    ...['a waits', 'a hit replied', 'closed ended'],
  ])
})

test('what comes too late changes nothing', () => {
  const run = new Run({ nodes: { a: { type: 'wait.reply@1', config: {}, next: { replied: 'b' } }, b: request({}) } })
  run.do('a', reply(new Date(START.getTime() + DAY)))
  const { id } = run.on('a')
  expect(timeOut(run.graph, run.state, id, run.deps()).state).toBe(run.state)
  expect(hit(run.graph, run.state, id, 'clicked', null, run.deps()).state).toBe(run.state)
  run.take(hit(run.graph, run.state, id, 'replied', null, run.deps()))
  for (const turn of [hit(run.graph, run.state, id, 'replied', null, run.deps()), timeOut(run.graph, run.state, id, run.deps())])
    expect(turn).toEqual({ state: run.state, lines: [], dropped: [] })
})

test('a failure that leads nowhere holds the run; it is tried again, or skipped, and never passes for success', () => {
  const run = new Run({ nodes: { a: request({ ok: 'b' }), b: request({}) } })
  run.do('a', { kind: 'fail', class: 'relay_refused', sentence: 'The relay refused.', retryAt: null, port: 'failed' })
  expect(run.on('a')).toMatchObject({ state: 'held', trouble: { class: 'relay_refused', port: 'failed' } })
  expect([nextDue(run.state, run.now), dueAt(run.state)]).toEqual([null, null])

  run.take(retry(edit(run.state, { fixed: true }), run.on('a').id, run.deps()))
  expect(run.on('a')).toMatchObject({ state: 'ready', attempt: 0, visit: 1, trouble: null })
  run.go('a', 'failed')
  expect(run.on('a').trouble?.class).toBe('unhandled:failed')
  run.take(skip(run.graph, run.state, run.on('a').id, 'ok', run.deps())).go('b')
  expect(run.state).toMatchObject({ status: 'completed', endReason: 'ran_out', vars: { fixed: true } })
})

test('a step says why it failed to the way that was chosen for that', () => {
  const run = new Run({ nodes: { a: request({ failed: 'b' }, { set: { why: 'result.class' } }), b: request({}) } })
  run.do('a', { kind: 'fail', class: 'not_found', sentence: 'It is not there.', retryAt: null, port: 'failed' })
  expect([run.where(), run.state.vars.why]).toEqual(['b', 'not_found'])
})

test('a step that may work later is tried as often as it says, further and further apart, and then fails', () => {
  const patience = { max: 2, baseSeconds: 60, factor: 3, capSeconds: 100 }
  const run = new Run({ nodes: { a: request({ failed: 'b' }, { retry: patience }), b: request({}) } })
  const later: StepResult = { kind: 'fail', class: 'timeout', sentence: 'No answer.', retryAt: START, port: 'failed' }
  for (const seconds of [60, 100]) {
    run.do('a', later)
    const waits = (run.on('a').dueAt as Date).getTime() - run.now.getTime()
    expect(waits).toBeGreaterThanOrEqual(seconds * 1_000)
    expect(waits).toBeLessThanOrEqual(seconds * 1_100)
    expect(nextReady(run.state, run.now)).toBe(null)
    run.now = run.on('a').dueAt as Date
    expect(nextReady(run.state, run.now)?.attempt).toBe(run.on('a').attempt)
  }
  run.do('a', later)
  expect(run.where()).toBe('b')
})

test('all: the join waits for every branch, but not for one that had nothing to do', () => {
  const run = new Run({
    nodes: {
      a: fork('all', { b0: 'x', b1: 'y', b2: 'z' }),
      x: request({ ok: 'j' }),
      y: request({ ok: 'j' }),
      z: request({}),
      j: { type: 'join@1', next: { out: 'b' } },
      b: request({}),
    },
  })
  run.do('a', FORK(3)).go('x').do('j', { kind: 'join' }).go('z')
  expect(run.where()).toBe('y')
  run.go('y').do('j', { kind: 'join' })
  expect([run.where(), run.state.forks, run.on('b').frames]).toEqual(['b', [], []])
})

test('any: the first through calls the others off, with all that is nested in them', () => {
  const run = new Run({
    nodes: {
      a: fork('any', { b0: 'x', b1: 'w', b2: 'inner' }),
      x: request({ ok: 'j' }),
      w: { type: 'wait.reply@1', config: {}, next: { replied: 'j' } },
      inner: fork('all', { b0: 'w', b1: 'x' }, 2),
      j: { type: 'join@1', next: { out: 'b' } },
      b: request({}),
    },
  })
  run.do('a', FORK(1)).do('w', reply(null)).do('inner', FORK(2, 2)).do('w', reply(null), 1)
  run.go('x').do('j', { kind: 'join' })
  expect([run.where(), run.state.forks]).toEqual(['b', []])
  expect(run.dropped.map((token) => token.node).sort()).toEqual(['w', 'w', 'x'])
})

test('two of three: when too few arrive that is a failure, and not a success', () => {
  const run = new Run({
    nodes: {
      a: fork(2, { b0: 'x', b1: 'y', b2: 'z' }),
      x: request({ ok: 'j' }),
      y: request({}),
      z: request({}),
      j: { type: 'join@1', next: { out: 'b' } },
      b: request({}),
    },
  })
  run.do('a', FORK(2)).go('x').do('j', { kind: 'join' }).go('y').go('z')
  expect(run.on('j')).toMatchObject({ state: 'held', trouble: { class: 'unhandled:short' } })
  run.take(skip(run.graph, run.state, run.on('j').id, 'out', run.deps()))
  expect(run.where()).toBe('b')
})

test('a loop goes through its items, so many at a time, and says which is whose', () => {
  const run = new Run({
    nodes: {
      a: { type: 'each@1', config: { items: 'vars.items' }, next: { item: 'x', done: 'b' } },
      x: request({ ok: 'a' }),
      b: request({}),
    },
  })
  run.do('a', { kind: 'each', items: ['red', 'green', 'blue'], atOnce: 2 })
  const items = () => run.state.tokens.map((token) => token.frames.at(-1)?.item)
  expect(items()).toEqual(['red', 'green'])
  run.go('x', 'ok', 1)
  expect(items()).toEqual(['red', 'blue'])
  run.go('x').go('x')
  expect([run.where(), run.state.visits]).toEqual(['b', { begin: 1, a: 1, x: 3, b: 1 }])
})

test('who leaves a loop leaves all its rounds', () => {
  const run = new Run({
    nodes: {
      a: { type: 'each@1', config: { items: 'vars.items' }, next: { item: 'x', done: 'b' } },
      x: request({ ok: 'a', failed: 'stop' }),
      stop: { type: 'break@1' },
      b: request({}),
    },
  })
  run
    .do('a', { kind: 'each', items: [1, 2, 3], atOnce: 3 })
    .go('x', 'failed')
    .do('stop', { kind: 'break' })
  expect([run.where(), run.state.forks, run.dropped.length]).toEqual(['b', [], 2])
})

test('an end calls off whatever else is under way', () => {
  const run = new Run({
    nodes: { a: fork('all', { b0: 'w', b1: 'e' }, 2), w: { type: 'wait.reply@1', config: {} }, e: { type: 'end@1' } },
  })
  run.do('a', FORK(2, 2)).do('w', reply(null)).do('e', { kind: 'end', outputs: {} })
  expect([run.state.status, run.state.tokens, run.dropped.map((token) => token.node)]).toEqual(['completed', [], ['w']])
})

test('a run can be cancelled, once', () => {
  const run = new Run({ nodes: { a: request({}) } })
  run.take(cancel(run.state, 'deadline', run.deps()))
  expect(run.state).toMatchObject({ status: 'cancelled', endReason: 'deadline', tokens: [] })
  expect(cancel(run.state, 'cancelled', run.deps()).state).toBe(run.state)
})

test('a workflow without an end is done when its paths are', () => {
  expect(new Run({ nodes: { a: request({}) } }).go('a').state).toMatchObject({ status: 'completed', endReason: 'ran_out' })
})

test('a run that goes round and round is stopped, and goes on for as long again if a person says so', () => {
  const run = new Run({ limits: { steps: 5 }, nodes: { a: request({ ok: 'a' }) } })
  for (let round = 0; round < 4; round += 1) run.go('a')
  expect(run.on('a').trouble?.class).toBe('limit')
  run.take(retry(run.state, run.on('a').id, run.deps()))
  for (let round = 0; round < 5; round += 1) run.go('a')
  expect(run.on('a').state).toBe('ready')
  run.go('a')
  expect(run.on('a').trouble?.class).toBe('limit')
})

test('one step is passed a thousand times at most', () => {
  const run = new Run({ limits: { steps: 10_000 }, nodes: { a: request({ ok: 'a' }) } })
  for (let round = 0; round < 1_000; round += 1)
    run.state = advance(run.graph, run.state, run.on('a').id, { kind: 'go', port: 'ok' }, run.deps()).state
  expect(run.on('a')).toMatchObject({ visit: 1_001, state: 'held', trouble: { class: 'limit' } })
})

test.each([
  ['boom', 'invalid', 'it is divided by zero'],
  ['long', 'limit', '65536 characters'],
])(
  'a value that cannot be remembered (%s) holds the step, which is not done again when it is skipped',
  (source, failureClass, why) => {
    const run = new Run({ nodes: { a: request({ ok: 'b' }, { set: { total: source } }), b: request({}) } })
    run.go('a')
    expect(run.on('a').trouble).toMatchObject({ class: failureClass, sentence: expect.stringContaining(why) })
    run.take(skip(run.graph, run.state, run.on('a').id, 'ok', run.deps()))
    expect(run.where()).toBe('b')
    expect(run.story.at(-1)?.detail).toMatchObject({ not_set: ['total'] })
  },
)

test('what is nested wrongly is held where it goes wrong', () => {
  const join = new Run({ nodes: { a: { type: 'join@1', next: { out: 'b' } }, b: request({}) } }).do('a', { kind: 'join' })
  expect(join.on('a').trouble?.class).toBe('invalid')
  const stop = new Run({ nodes: { a: { type: 'break@1' } } }).do('a', { kind: 'break' })
  expect(stop.on('a').trouble?.class).toBe('invalid')
  const back = new Run({ nodes: { a: fork('all', { b0: 'a', b1: 'x' }, 2), x: request({}) } }).do('a', FORK(2, 2))
  expect(back.on('a').trouble?.class).toBe('invalid')
  const loop = { type: 'each@1', config: { items: 'vars.items' }, next: { item: 'f' } }
  const across = new Run({ nodes: { a: loop, f: fork('all', { b0: 'a', b1: 'x' }, 2), x: request({}) } })
  across.do('a', { kind: 'each', items: [1], atOnce: 1 }).do('f', FORK(2, 2))
  expect(across.on('a').trouble?.class).toBe('invalid')
})

test('a step whose transaction broke again and again is held, and keeps what it remembered', () => {
  const run = new Run({ nodes: { a: request({}) } })
  run.do('a', { ...(reply(null) as Extract<StepResult, { kind: 'wait' }>), memo: { message: 'm1' } })
  run.take(hold(run.state, run.on('a').id, { class: 'poison', sentence: 'It broke three times.' }, run.deps()))
  expect(run.on('a')).toMatchObject({ state: 'held', arms: [], memo: { message: 'm1' }, trouble: { class: 'poison' } })
})
