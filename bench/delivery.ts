import { asServer, inChild } from './child.ts'
import { type DelayLine, startDelayLine } from './delay-line.ts'
import type { DrainInput, DrainOutput } from './engine-drain.ts'
import type { BenchOptions, Measure } from './measure.ts'
import type { PoolInput, PoolOutput } from './nodemailer-pool.ts'
import { postfixDrain } from './postfix-drain.ts'
import { startSink } from './sink.ts'

interface Case {
  readonly name: string
  readonly sizeBytes: number
  readonly connections: number
  readonly roundTripMs: number
  readonly chunking: boolean
  readonly messages: number
  readonly peerMessages: number
  readonly goal: number | null
}

const K = 1024
const CASES: readonly Case[] = [
  {
    name: 'delivery-4k-10c-0ms',
    sizeBytes: 4 * K,
    connections: 10,
    roundTripMs: 0,
    chunking: false,
    messages: 60_000,
    peerMessages: 10_000,
    goal: 4,
  },
  {
    name: 'delivery-40k-10c-0ms',
    sizeBytes: 40 * K,
    connections: 10,
    roundTripMs: 0,
    chunking: false,
    messages: 10_000,
    peerMessages: 5_000,
    goal: null,
  },
  {
    name: 'delivery-4k-1c-0ms',
    sizeBytes: 4 * K,
    connections: 1,
    roundTripMs: 0,
    chunking: false,
    messages: 30_000,
    peerMessages: 5_000,
    goal: null,
  },
  {
    name: 'delivery-4k-10c-50ms',
    sizeBytes: 4 * K,
    connections: 10,
    roundTripMs: 50,
    chunking: false,
    messages: 3_000,
    peerMessages: 1_500,
    goal: 1.9,
  },
  {
    name: 'delivery-4k-10c-50ms-chunking',
    sizeBytes: 4 * K,
    connections: 10,
    roundTripMs: 50,
    chunking: true,
    messages: 20_000,
    peerMessages: 1_500,
    goal: 15,
  },
]

/** From the queue to a local SMTP sink in its own process, every message durable and accounted for, beside nodemailer's pool without a database. */
export async function* benchDelivery({ only, note }: BenchOptions): AsyncGenerator<Measure> {
  for (const one of CASES) {
    if (only !== null && only !== one.name) continue
    const { ours, peer } = await runBoth(one)
    note(
      `${one.name}: states ${JSON.stringify(ours.states)}, attempts ${JSON.stringify(ours.attempts)}, submitted ${Math.round(ours.submittedPerSecond)} a second`,
    )
    const goal = one.goal === null ? null : `at least ${one.goal} times`
    yield compared(
      one.name,
      ours.perSecond,
      'messages/s',
      "nodemailer's pool",
      peer.perSecond,
      ours.perSecond / peer.perSecond,
      goal,
    )
    yield compared(
      `${one.name}-cpu`,
      ours.cpuMicroseconds,
      'µs of CPU a message',
      "nodemailer's pool",
      peer.cpuMicroseconds,
      peer.cpuMicroseconds / ours.cpuMicroseconds,
      null,
    )
    if (one.name === 'delivery-4k-10c-0ms') {
      yield alone(`${one.name}-commits`, ours.commitsPerMessage, 'commits a message', 'at most 0.02')
      const postfix = await postfixDrain({ messages: 5_000, sizeBytes: one.sizeBytes, connections: one.connections, note })
      if (postfix)
        yield compared(
          `${one.name}-postfix`,
          ours.perSecond,
          'messages/s',
          "Postfix's queue drain",
          postfix,
          ours.perSecond / postfix,
          'at least 8 times',
        )
    }
  }
  if (only === 'delivery-1m-queued') yield* million(note)
}

/** Takes minutes to fill, so only on request. The queue is filled by one process and drained by another: its memory is the engine's alone. */
async function* million(note: (line: string) => void): AsyncGenerator<Measure> {
  const sink = await startSink()
  try {
    const queue = { port: sink.port, messages: 1_000_000, sizeBytes: 1 * K, connections: 10 }
    const filled = await drainWith({ ...queue, fillOnly: true })
    const ours = await drainWith({ ...queue, filled: filled.dataDir, sendOnly: 50_000 })
    note(
      `delivery-1m-queued: ${Math.round(filled.submittedPerSecond)} submitted a second; 50,000 of 1,000,000 drained at ${Math.round(ours.perSecond)} a second`,
    )
    yield alone('delivery-1m-queued-memory', ours.residentMegabytes, 'MB resident', 'under 300')
  } finally {
    sink.stop()
  }
}

async function runBoth(one: Case): Promise<{ ours: DrainOutput; peer: PoolOutput }> {
  const sink = await startSink({ chunking: one.chunking })
  const line: DelayLine | null =
    one.roundTripMs > 0 ? await startDelayLine({ port: sink.port, oneWayMs: one.roundTripMs / 2 }) : null
  const port = line?.port ?? sink.port
  try {
    const { sizeBytes, connections } = one
    const peer = await inChild<PoolInput, PoolOutput>(new URL('./nodemailer-pool.ts', import.meta.url), {
      port,
      messages: one.peerMessages,
      sizeBytes,
      connections,
    })
    const ours = await drainWith({ port, messages: one.messages, sizeBytes, connections })
    return { ours, peer }
  } finally {
    line?.stop()
    sink.stop()
  }
}

function drainWith(input: DrainInput): Promise<DrainOutput> {
  return asServer<DrainInput, DrainOutput>(new URL('./engine-drain.ts', import.meta.url), input)
}

function compared(
  name: string,
  value: number,
  unit: string,
  peer: string,
  peerValue: number,
  ratio: number,
  goal: string | null,
): Measure {
  return { name, value, unit, peer, peer_value: peerValue, ratio, goal }
}

function alone(name: string, value: number, unit: string, goal: string): Measure {
  return { name, value, unit, peer: null, peer_value: null, ratio: null, goal }
}
