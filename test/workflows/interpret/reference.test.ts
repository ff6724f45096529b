import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Graph, Json } from '../../../src/workflows/definition/graph.ts'
import { regionsOf } from '../../../src/workflows/definition/regions.ts'
import { advance, begin, type Deps, type Turn } from '../../../src/workflows/interpret/advance.ts'
import { pathOf } from '../../../src/workflows/interpret/draft.ts'
import { cancel, hit, hold, retry, skip, timeOut } from '../../../src/workflows/interpret/moves.ts'
import type { StepResult } from '../../../src/workflows/interpret/result.ts'
import type { RunState, Token } from '../../../src/workflows/interpret/state.ts'
import { randomGraph } from '../../support/random-graph.ts'
import { ReferenceRun, type Seen } from '../../support/reference-run.ts'
import { brokenLaws } from '../../support/run-laws.ts'

const HOUR = 3_600_000

/** Three expressions are enough to tell what was seen when. */
function evaluate(expression: string, vars: { readonly [key: string]: Json }, result: Json): Json {
  if (expression === 'boom') throw new Error('divided by zero')
  return expression === 'result' ? result : Number(vars.n ?? 0) + 1
}

/** What happens next: to which token, what, and how it turns out. */
const scripts = fc.array(
  fc.record({
    whom: fc.nat({ max: 20 }),
    /** Mostly what is natural for it: ready tokens are done, waiting ones are hit or time out, held ones are tried again or skipped. */
    what: fc.oneof(
      { weight: 20, arbitrary: fc.constant('natural' as const) },
      ...(['advance', 'hit', 'timeOut', 'retry', 'skip', 'hold'] as const).map((act) => ({
        weight: 1,
        arbitrary: fc.constant(act),
      })),
    ),
    how: fc.nat({ max: 39 }),
    laterMs: fc.constantFrom(0, 0, 0, HOUR, 48 * HOUR),
  }),
  { minLength: 10, maxLength: 80, size: 'max' },
)

function resultOf(graph: Graph, token: Token, how: number, now: Date): StepResult {
  const node = graph.nodes[token.node]
  const until = new Date(now.getTime() + 24 * HOUR)
  const arm = (port: string) => ({ port, on: 'request.ended', key: 'request:1' })
  if (how === 39) return { kind: 'go', port: 'nowhere' }
  switch (node?.type) {
    case 'if@1':
      return { kind: 'go', port: how % 2 === 0 ? 'yes' : 'no' }
    case 'wait.reply@1':
      if (how === 0) return { kind: 'wait', arms: [], until: null, timeoutPort: null }
      return how < 4
        ? { kind: 'wait', arms: [arm('replied')], until: null, timeoutPort: null }
        : { kind: 'wait', arms: [arm('replied')], until, timeoutPort: 'timeout' }
    case 'fork@1': {
      const { branches, need } = node.config as { branches: { key: string }[]; need: number }
      return { kind: 'fork', ports: branches.map((branch) => branch.key), need: how === 38 ? 9 : need }
    }
    case 'each@1':
      return {
        kind: 'each',
        items: Array.from({ length: how === 38 ? 1_001 : how % 5 }, (_, at) => at),
        atOnce: Number(node.config.at_once),
      }
    case 'join@1':
      return { kind: 'join' }
    case 'break@1':
      return { kind: 'break' }
    case 'end@1':
      return { kind: 'end', outputs: { how } }
    default: {
      if (how < 20) return { kind: 'go', port: 'ok', output: { how }, ...(how === 0 ? { vars: { seen: how } } : {}) }
      if (how < 23) return { kind: 'fail', class: 'refused', sentence: 'No.', retryAt: null, port: how === 22 ? null : 'failed' }
      if (how < 25) return { kind: 'go', port: 'failed' }
      if (how < 29) return { kind: 'fail', class: 'busy', sentence: 'Later.', retryAt: now, port: 'failed' }
      return { kind: 'wait', arms: [arm('ok'), arm('failed')], until, timeoutPort: 'failed' }
    }
  }
}

function seenOf(state: RunState, now: Date): Seen[] {
  return state.tokens
    .map(({ frames, node, visit, state: is, dueAt, timeoutPort, arms, attempt, trouble }) => ({
      path: pathOf(frames),
      node,
      visit,
      state: is,
      due: dueAt === null ? ('never' as const) : dueAt <= now ? ('now' as const) : ('later' as const),
      timeoutPort,
      arms: arms.map((arm) => arm.port),
      attempt,
      trouble: trouble?.class ?? null,
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const one of Object.values(value)) frozen(one)
  }
  return value
}

class Both {
  readonly graph: Graph
  readonly reference: ReferenceRun
  state: RunState
  now = new Date('2026-03-02T09:00:00Z')
  private ids = 0

  constructor(graph: Graph) {
    this.graph = frozen(graph)
    const turn = begin(graph, 'begin', {}, this.deps())
    this.state = turn.state
    this.reference = new ReferenceRun(graph, 'begin', { n: 0 }, this.now, evaluate)
    this.compare()
  }

  deps(): Deps {
    const newId = () => `t${String(++this.ids).padStart(6, '0')}`
    return { now: this.now, newId, evaluate: (source, state, _, result) => evaluate(source, state.vars, result) }
  }

  advanceClock(ms: number): void {
    this.now = new Date(this.now.getTime() + ms)
    this.reference.now = this.now
  }

  take(turn: Turn, moved: Token | null): void {
    const after = turn.state.tokens
    const gone = this.state.tokens.filter((token) => token.id !== moved?.id && !after.some((one) => one.id === token.id))
    expect(new Set(turn.dropped.map((token) => token.id))).toEqual(new Set(gone.map((token) => token.id)))
    if (turn.state !== this.state) expect(turn.lines.length).toBeGreaterThan(0)
    this.state = turn.state
    this.compare()
  }

  private compare(): void {
    expect(brokenLaws(this.graph, this.state)).toEqual([])
    const { status, endReason, vars, outputs, steps, visits } = this.state
    const { reference } = this
    const wanted = { status: reference.status, endReason: reference.endReason, vars: reference.vars, outputs: reference.outputs }
    expect({ status, endReason, vars, outputs }).toEqual(wanted)
    expect(seenOf(this.state, this.now)).toEqual(reference.seen())
    expect({ steps, visits }).toEqual({ steps: reference.steps, visits: reference.visits })
  }
}

function naturalFor({ state, dueAt }: Token, how: number, now: Date): string {
  if (state === 'ready') return 'advance'
  if (state === 'held') return how % 2 === 0 ? 'retry' : 'skip'
  return dueAt !== null && dueAt <= now ? 'timeOut' : 'hit'
}

function play(both: Both, { whom, what, how, laterMs }: { whom: number; what: string; how: number; laterMs: number }): void {
  both.advanceClock(laterMs)
  const { graph, state, now, reference } = both
  const tokens = [...frozen(state).tokens].sort((a, b) => (pathOf(a.frames) < pathOf(b.frames) ? -1 : 1))
  const token = tokens[whom % Math.max(1, tokens.length)]
  if (token === undefined) return
  const path = pathOf(token.frames)
  const deps = both.deps()
  switch (what === 'natural' ? naturalFor(token, how, now) : what) {
    case 'advance': {
      if (token.state === 'held') return
      const result = resultOf(graph, token, how, now)
      reference.act(path, { do: 'advance', result })
      both.take(advance(graph, state, token.id, result, deps), token)
      return
    }
    case 'hit': {
      const port = token.arms[how % Math.max(1, token.arms.length)]?.port ?? 'replied'
      reference.act(path, { do: 'hit', port, output: how })
      both.take(hit(graph, state, token.id, port, how, deps), token)
      return
    }
    case 'timeOut':
      reference.act(path, { do: 'timeOut' })
      both.take(timeOut(graph, state, token.id, deps), token)
      return
    case 'retry':
      reference.act(path, { do: 'retry' })
      both.take(retry(state, token.id, deps), token)
      return
    case 'skip': {
      const ports = Object.keys(graph.nodes[token.node]?.next ?? {})
      const port = ports[how % Math.max(1, ports.length)] ?? 'failed'
      reference.act(path, { do: 'skip', port })
      both.take(skip(graph, state, token.id, port, deps), token)
      return
    }
    default:
      reference.act(path, { do: 'hold', trouble: 'poison' })
      both.take(hold(state, token.id, { class: 'poison', sentence: 'It broke three times.' }, deps), token)
  }
}

test('whatever happens to whatever workflow, the interpreter does what the reference does, and breaks no law', () => {
  fc.assert(
    fc.property(randomGraph, scripts, fc.nat({ max: 7 }), (graph, script, eighth) => {
      const both = new Both(graph)
      for (const act of script) play(both, act)
      if (eighth > 0 || both.state.status !== 'running') return
      both.reference.cancel('restarted')
      both.take(cancel(both.state, 'restarted', both.deps()), null)
    }),
    { numRuns: 300 },
  )
})

test('what the check finds well nested never goes wrong for its nesting', () => {
  let nested = 0
  fc.assert(
    fc.property(randomGraph, scripts, (graph, script) => {
      if (regionsOf(graph).faults.length > 0) return
      nested += 1
      const both = new Both(graph)
      for (const act of script) {
        const token = both.state.tokens[act.whom % Math.max(1, both.state.tokens.length)]
        // A person may lead a token past a split or out of a loop; nobody else can.
        const isPlain = token?.state !== 'held' && act.what !== 'skip'
        if (isPlain) play(both, { ...act, how: act.how % 38, what: 'natural' })
      }
      expect(both.state.tokens.map((token) => token.trouble?.sentence ?? '').filter((why) => NESTING.test(why))).toEqual([])
    }),
    { numRuns: 300 },
  )
  expect(nested).toBeGreaterThan(50)
})

const NESTING = /not a branch of anything|does not stand in one|came back to where it was split/
