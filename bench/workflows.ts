import { type Counts, LONG_STEPS, WAITING_STEPS } from './flows.ts'
import { type Driven, drive, type PeerName } from './flows-drive.ts'
import { type FlowsServer, startFlowsServer } from './flows-server.ts'
import type { BenchOptions, Measure } from './measure.ts'

const CONNECTIONS = 20
const AT_ONCE = 20
const WARM_UP = 100
const PEERS: readonly PeerName[] = ['dbos', 'graphile']
const NAMES: Readonly<Record<PeerName, string>> = { waybill: 'Waybill', dbos: 'DBOS', graphile: 'graphile-worker' }

interface Flowed {
  readonly perSecond: number
  /** Processor time of the process, and of PostgreSQL, for each flow, in microseconds; null where the system does not say. */
  readonly process: number
  readonly database: number | null
}

/**
 * Workflows beside DBOS and graphile-worker, on one database server in the same run, each asked over HTTP. `-short`: the same with a tenth of the flows.
 */
export async function* benchWorkflows({ only, note }: BenchOptions): AsyncGenerator<Measure> {
  const isShort = only?.endsWith('-short') ?? false
  const asked = only?.replace(/-short$/, '') ?? null
  const few = (many: number) => (isShort ? many / 10 : many)
  const wants = (name: string) => asked === null || asked === '' || asked === name
  const suffix = isShort ? '-short' : ''
  const server = await startFlowsServer()
  try {
    if (wants('flows-instant')) yield* flowsOf(server, `flows-instant${suffix}`, note, instant, few(5_000), 'at least 5 (DBOS)')
    if (wants('flows-waiting'))
      yield* flowsOf(server, `flows-waiting${suffix}`, note, waiting, isShort ? 300 : 1_000, 'at least 1 (DBOS)')
    if (wants('steps-instant')) yield await steps(server, `steps-instant${suffix}`, few(2_000), note)
    if (wants('first-step')) yield* firstStep(server, `first-step${suffix}`, isShort ? 5 : 20)
    if (wants('resumed')) yield await resumed(server, `resumed${suffix}`, few(5_000), note)
    if (wants('killed')) yield await killed(server, `killed${suffix}`)
  } finally {
    await server.stop()
  }
}

/** A database of its own for each measure: nobody is slowed by what was measured before. */
let databases = 0
async function begin(server: FlowsServer, peer: PeerName): Promise<Driven> {
  const url = await server.urlOf(`${peer}${databases++}`)
  return await drive(peer, { url, connections: CONNECTIONS })
}

/** Does so many flows, the names of whose keys begin with `prefix`; `passed` and `completed` were so many before. */
type Work = (driven: Driven, flows: number, prefix: string, before: Counts) => Promise<void>

function keysOf(flows: number, prefix = 'k'): string[] {
  return Array.from({ length: flows }, (_, nth) => `${prefix}${nth}`)
}

/** Each is begun by a request; all of them are through at the end. */
const instant: Work = async (driven, flows, prefix, before) => {
  await driven.tell('flow.instant', keysOf(flows, prefix), { atOnce: AT_ONCE })
  await driven.until(({ completed }) => completed >= before.completed + flows)
}

/** Begun by a request, and each step waits for one. */
const waiting: Work = async (driven, flows, prefix, before) => {
  const keys = keysOf(flows, prefix)
  await driven.tell('flow.waiting', keys, { atOnce: AT_ONCE })
  await driven.until((counts) => counts.waiting >= flows)
  for (let step = 0; step < WAITING_STEPS; step++) {
    await driven.tell(`flow.waiting.step${step}`, keys, { atOnce: AT_ONCE })
    await driven.until(({ passed }) => passed >= before.passed + flows * (step + 1))
  }
  await driven.until(({ completed }) => completed >= before.completed + flows)
}

/** Flows of forty instant steps that are all there at once. */
const filled: Work = async (driven, flows, _, before) => {
  await driven.ask({ ask: 'fill', flows, steps: LONG_STEPS })
  await driven.until(({ completed }) => completed >= before.completed + flows)
}

/** After some that are not counted: what is compiled, connected and planned once is paid for once. */
async function measured(server: FlowsServer, peer: PeerName, work: Work, flows: number): Promise<Flowed> {
  const driven = await begin(server, peer)
  try {
    await work(driven, WARM_UP, 'w', { passed: 0, waiting: 0, completed: 0 })
    const counts = await driven.ask<Counts>({ ask: 'counts' })
    const [cpuBefore, databaseBefore] = [await cpuOf(driven), await server.processorTime()]
    const startedMs = performance.now()
    await work(driven, flows, 'k', counts)
    const seconds = (performance.now() - startedMs) / 1_000
    const [cpu, database] = [(await cpuOf(driven)) - cpuBefore, await server.processorTime()]
    const time = database === null || databaseBefore === null ? null : (database - databaseBefore) / flows
    return { perSecond: flows / seconds, process: cpu / flows, database: time }
  } finally {
    await driven.stop()
  }
}

function cpuOfFlow({ process, database }: Flowed): number | null {
  return database === null ? null : process + database
}

async function cpuOf(driven: Driven): Promise<number> {
  return (await driven.ask<{ microseconds: number }>({ ask: 'cpu' })).microseconds
}

async function* flowsOf(
  server: FlowsServer,
  name: string,
  note: BenchOptions['note'],
  work: Work,
  flows: number,
  goal: string,
): AsyncGenerator<Measure> {
  const ours = await measured(server, 'waybill', work, flows)
  note(`${name}: Waybill ${JSON.stringify(ours)}`)
  for (const peer of PEERS) {
    const theirs = await measured(server, peer, work, flows)
    note(`${name}: ${NAMES[peer]} ${JSON.stringify(theirs)}`)
    const ratio = ours.perSecond / theirs.perSecond
    const of = { peer: NAMES[peer], goal: peer === 'dbos' ? goal : null }
    yield { name, value: ours.perSecond, unit: 'flows/s', peer_value: theirs.perSecond, ratio, ...of }
    const [value, peerValue] = [cpuOfFlow(ours), cpuOfFlow(theirs)]
    if (value === null || peerValue === null) continue
    const cpu = { name: `${name}-cpu`, value, unit: 'µs a flow', peer_value: peerValue, ratio: peerValue / value }
    yield { ...cpu, peer: NAMES[peer], goal: null }
  }
}

async function steps(server: FlowsServer, name: string, flows: number, note: BenchOptions['note']): Promise<Measure> {
  const ours = await measured(server, 'waybill', filled, flows)
  note(`${name}: Waybill ${JSON.stringify(ours)}`)
  const theirs = await measured(server, 'dbos', filled, flows / 10)
  note(`${name}: DBOS ${JSON.stringify(theirs)}`)
  const [value, peerValue] = [ours.perSecond * LONG_STEPS, theirs.perSecond * LONG_STEPS]
  return { name, value, unit: 'steps/s', peer: 'DBOS', peer_value: peerValue, ratio: value / peerValue, goal: null }
}

/** From an event's commit to that of its first step, a hundred a second. Of the peers: from the request to the step, without its commit. */
async function* firstStep(server: FlowsServer, name: string, seconds: number): AsyncGenerator<Measure> {
  const seen = new Map<PeerName, number[]>()
  const flows = seconds * 100
  for (const peer of ['waybill', ...PEERS] as const) {
    const driven = await begin(server, peer)
    try {
      await driven.tell('flow.instant', keysOf(flows), { perSecond: 100 })
      await driven.until(({ completed }) => completed >= flows)
      const { ms } = await driven.ask<{ ms: number[] }>({ ask: 'latencies' })
      seen.set(
        peer,
        ms.toSorted((a, b) => a - b),
      )
    } finally {
      await driven.stop()
    }
  }
  for (const [label, part] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    const of = (peer: PeerName) => seen.get(peer)?.[Math.floor((seen.get(peer)?.length ?? 0) * part)] ?? Number.NaN
    const [value, unit] = [of('waybill'), 'ms from event to first step']
    for (const peer of PEERS) {
      const goal = label === 'p50' ? 'under 30' : null
      yield { name: `${name}-${label}`, value, unit, peer: NAMES[peer], peer_value: of(peer), ratio: of(peer) / value, goal }
    }
  }
}

/** Runs that all wait, and the events that all come at once. */
async function resumed(server: FlowsServer, name: string, flows: number, note: BenchOptions['note']): Promise<Measure> {
  const perSecond = async (peer: PeerName, many: number) => {
    const driven = await begin(server, peer)
    try {
      await driven.ask({ ask: 'fill', flows: many, steps: 1 })
      await driven.until((counts) => counts.waiting >= many)
      const startedMs = performance.now()
      await driven.ask({ ask: 'resume', flows: many })
      await driven.until(({ completed }) => completed >= many)
      return many / ((performance.now() - startedMs) / 1_000)
    } finally {
      await driven.stop()
    }
  }
  const ours = await perSecond('waybill', flows)
  note(`${name}: Waybill ${ours}`)
  const theirs = await perSecond('dbos', flows / 5)
  return { name, value: ours, unit: 'runs/s', peer: 'DBOS', peer_value: theirs, ratio: ours / theirs, goal: null }
}

const ACKNOWLEDGED = 50

/** Fifty runs wait; half of what they wait for is promised when the process is killed. */
async function killed(server: FlowsServer, name: string): Promise<Measure> {
  const [keys, url] = [keysOf(ACKNOWLEDGED), await server.urlOf(`waybill${databases++}`)]
  const first = await drive('waybill', { url, connections: CONNECTIONS })
  await first.tell('flow.waiting', keys, { atOnce: AT_ONCE })
  await first.until((counts) => counts.waiting >= ACKNOWLEDGED)
  await first.tell('flow.waiting.step0', keys.slice(0, ACKNOWLEDGED / 2), { atOnce: AT_ONCE })
  await first.kill()
  const second = await drive('waybill', { url, connections: CONNECTIONS })
  try {
    await second.tell('flow.waiting.step0', keys.slice(ACKNOWLEDGED / 2), { atOnce: AT_ONCE })
    for (let step = 1; step < WAITING_STEPS; step++) await second.tell(`flow.waiting.step${step}`, keys, { atOnce: AT_ONCE })
    await second.until(({ completed }) => completed >= ACKNOWLEDGED)
    const { completed: value } = await second.ask<{ completed: number }>({ ask: 'counts' })
    return { name, value, unit: 'of 50 waiting runs, after kill -9', peer: null, peer_value: null, ratio: null, goal: '50' }
  } finally {
    await second.stop()
  }
}
