import { asServer } from './child.ts'
import type { BacklogInput, BacklogOutput } from './dispatch-backlog.ts'
import type { DrainInput, DrainOutput } from './engine-drain.ts'
import type { BenchOptions, Measure } from './measure.ts'
import { startSink } from './sink.ts'

const BACKLOG = { queued: 1_000_000, routes: 20, receivers: 200, codes: 200 }
const SIGNED = { messages: 10_000, sizeBytes: 20 * 1_024, connections: 10 }

/** Dispatching: what a claim costs beside a million, how long a code waits behind them, and mail that is signed and encrypted. */
export async function* benchDispatch({ only, note }: BenchOptions): AsyncGenerator<Measure> {
  if (only === null || only.startsWith('dispatch-backlog')) yield* backlog(note)
  if (only === null || only === 'dispatch-signed-20k') yield* signed(note)
}

async function* backlog(note: BenchOptions['note']): AsyncGenerator<Measure> {
  const sink = await startSink()
  try {
    const input: BacklogInput = { port: sink.port, ...BACKLOG }
    const output = await asServer<BacklogInput, BacklogOutput>(new URL('./dispatch-backlog.ts', import.meta.url), input)
    note(`dispatch-backlog: ${JSON.stringify(output)}`)
    yield alone('dispatch-backlog-claim-p50', output.claimMs.p50, 'ms a claim of 100', 'under 5')
    yield alone('dispatch-backlog-claim-p99', output.claimMs.p99, 'ms a claim of 100', null)
    yield alone('dispatch-backlog-look-p50', output.lookMs.p50, 'ms to look at every lane and rule', null)
    yield alone('dispatch-backlog-code-p50', output.codeMs.p50, 'ms from posting to taken', null)
    yield alone('dispatch-backlog-code-p99', output.codeMs.p99, 'ms from posting to taken', 'under 1000')
    yield alone('dispatch-backlog-bulk', output.bulkPerSecond, 'newsletters/s meanwhile', null)
  } finally {
    sink.stop()
  }
}

async function* signed(note: BenchOptions['note']): AsyncGenerator<Measure> {
  const sink = await startSink({ tls: true })
  try {
    const input: DrainInput = {
      port: sink.port,
      ...SIGNED,
      signed: true,
      ...(sink.fingerprint && { fingerprint: sink.fingerprint }),
    }
    const output = await asServer<DrainInput, DrainOutput>(new URL('./engine-drain.ts', import.meta.url), input)
    note(`dispatch-signed-20k: ${JSON.stringify(output)}`)
    yield alone('dispatch-signed-20k', output.perSecond, 'messages/s, DKIM by RSA-2048 and Ed25519, TLS', null)
    yield alone('dispatch-signed-20k-cpu', output.cpuMicroseconds, 'µs of CPU a message', null)
  } finally {
    sink.stop()
  }
}

function alone(name: string, value: number, unit: string, goal: string | null): Measure {
  return { name, value, unit, peer: null, peer_value: null, ratio: null, goal }
}
