/** Random workflows of parts that fit into one another; now and then with one line that leads somewhere it should not. */
import fc from 'fast-check'
import { Graph } from '../../src/workflows/definition/graph.ts'

type Part =
  | { is: 'request'; handled: boolean; set: string | null; retry: number | null }
  | { is: 'if'; yes: Part[]; no: Part[] }
  | { is: 'loop'; body: Part[] }
  | { is: 'fork'; branches: { parts: Part[]; arrives: boolean }[]; need: number; short: boolean }
  | { is: 'each'; body: Part[]; breaks: boolean; returns: boolean; atOnce: number }
  | { is: 'wait'; late: Part[] }
  | { is: 'break' }
  | { is: 'end' }

const { parts } = fc.letrec<{ part: Part; parts: Part[] }>((tie) => ({
  parts: fc.array(tie('part'), { maxLength: 5, size: 'max', depthIdentifier: 'parts' }),
  part: fc.oneof(
    { depthSize: 'small', maxDepth: 4, withCrossShrink: true, depthIdentifier: 'parts' },
    {
      weight: 8,
      arbitrary: fc.record({
        is: fc.constant('request' as const),
        handled: fc.nat({ max: 3 }).map((at) => at > 0),
        set: fc.option(fc.constantFrom('add', 'add', 'result', 'result', 'boom'), { nil: null, freq: 1 }),
        retry: fc.option(fc.integer({ min: 0, max: 2 }), { nil: null }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ is: fc.constant('if' as const), yes: tie('parts'), no: tie('parts') }) },
    { weight: 1, arbitrary: fc.record({ is: fc.constant('loop' as const), body: tie('parts') }) },
    {
      weight: 3,
      arbitrary: fc.record({
        is: fc.constant('fork' as const),
        branches: fc.array(fc.record({ parts: tie('parts'), arrives: fc.nat({ max: 4 }).map((at) => at > 0) }), {
          minLength: 2,
          maxLength: 3,
        }),
        need: fc.integer({ min: 1, max: 3 }),
        short: fc.boolean(),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        is: fc.constant('each' as const),
        body: tie('parts'),
        breaks: fc.boolean(),
        returns: fc.boolean(),
        atOnce: fc.integer({ min: 1, max: 3 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ is: fc.constant('wait' as const), late: tie('parts') }) },
    { weight: 1, arbitrary: fc.constantFrom<Part>({ is: 'break' }, { is: 'break' }, { is: 'break' }, { is: 'end' }) },
  ) as fc.Arbitrary<Part>,
}))

type Draft = Record<
  string,
  { type: string; config: object; next: Record<string, string>; set?: Record<string, string>; retry?: object }
>

/** Writes the parts down from last to first; `then` is where they lead. */
function write(nodes: Draft, list: readonly Part[], then: string | null): string | null {
  return list.reduceRight<string | null>((next, part) => writePart(nodes, part, next), then)
}

function writePart(nodes: Draft, part: Part, then: string | null): string {
  const id = `n${Object.keys(nodes).length}`
  const add = (type: string, config: object, next: Record<string, string | null>): Draft[string] => {
    const kept = Object.fromEntries(Object.entries(next).filter((one): one is [string, string] => one[1] !== null))
    nodes[id] = { type, config, next: kept }
    return nodes[id]
  }
  nodes[id] = { type: 'end@1', config: {}, next: {} }
  switch (part.is) {
    case 'request': {
      const node = add('http.request@1', { url: 'https://example.com/' }, { ok: then, failed: part.handled ? then : null })
      if (part.set !== null) node.set = { n: part.set }
      if (part.retry !== null) node.retry = { max: part.retry, baseSeconds: 60, factor: 2, capSeconds: 3_600 }
      break
    }
    case 'if':
      add('if@1', { when: { all: [] } }, { yes: write(nodes, part.yes, then), no: write(nodes, part.no, then) })
      break
    case 'loop':
      add('if@1', { when: { all: [] } }, { yes: write(nodes, part.body, id), no: then })
      break
    case 'fork': {
      const join = `n${Object.keys(nodes).length}`
      nodes[join] = { type: 'join@1', config: {}, next: {} }
      if (then !== null) nodes[join].next = { out: then, ...(part.short ? { short: then } : {}) }
      const branches = part.branches.map((_, at) => ({ key: `b${at}`, label: `B${at}` }))
      const next = Object.fromEntries(
        part.branches.map((branch, at) => [`b${at}`, write(nodes, branch.parts, branch.arrives ? join : null)]),
      )
      add('fork@1', { branches, need: Math.min(part.need, branches.length) }, next)
      break
    }
    case 'each': {
      const body: Part[] = part.breaks ? [{ is: 'if', yes: [{ is: 'break' }], no: [] }, ...part.body] : part.body
      const item = write(nodes, body, part.returns ? id : null)
      add('each@1', { items: 'vars.items', at_once: part.atOnce }, { item, done: then })
      break
    }
    case 'wait':
      add('wait.reply@1', { after: { for: '1d' } }, { replied: then, timeout: write(nodes, part.late, then) })
      break
    case 'break':
      add('break@1', {}, {})
      break
    case 'end':
      add('end@1', {}, {})
  }
  return id
}

/** `wrong`: which line is led where, out of all lines and nodes. */
export const randomGraph: fc.Arbitrary<Graph> = fc
  .tuple(parts, fc.option(fc.tuple(fc.nat(), fc.nat()), { nil: null, freq: 1 }), fc.constantFrom(20, 60, 200, 200))
  .map(([list, wrong, steps]) => {
    const nodes: Draft = {}
    const first = write(nodes, list, null)
    if (wrong !== null) lead(nodes, wrong)
    nodes.begin = { type: 'trigger.called@1', config: {}, next: first === null ? {} : { out: first } }
    const vars = [{ key: 'n', type: 'number', default: 0 }]
    return Graph.parse({ schema: 'workflow/1', name: 'Random', subject: 'none', limits: { steps }, vars, nodes })
  })

function lead(nodes: Draft, [line, to]: readonly [number, number]): void {
  const ids = Object.keys(nodes)
  const lines = ids.flatMap((id) => Object.keys(nodes[id]?.next ?? {}).map((port) => [id, port] as const))
  const [id, port] = lines[line % Math.max(1, lines.length)] ?? []
  const target = ids[to % Math.max(1, ids.length)]
  const node = id === undefined ? undefined : nodes[id]
  if (node !== undefined && port !== undefined && target !== undefined) node.next[port] = target
}
