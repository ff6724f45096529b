import type { Handoff, Provider } from '../src/delivery/providers/provider.ts'
import { DEFAULT_LIMITS, RELAY_TIMEOUTS, type SmtpOptions, VERIFIED_TLS } from '../src/delivery/providers/smtp/options.ts'
import { createSmtpProvider } from '../src/delivery/providers/smtp/smtp-provider.ts'
import { createResolver } from '../src/dns/resolver.ts'
import { machineClock } from '../src/lib/clock.ts'
import { newId } from '../src/lib/ids.ts'
import { startSink } from './sink.ts'

/** The SMTP client alone, without a database: what the machine allows, to compare the whole engine with. */
interface Measure {
  readonly name: string
  readonly bytes: number
  readonly connections: number
  readonly messages: number
  readonly chunking: boolean
}

const MEASURES: readonly Measure[] = [
  { name: 'smtp-bare-4k-10c', bytes: 4_096, connections: 10, messages: 100_000, chunking: false },
  { name: 'smtp-bare-4k-1c', bytes: 4_096, connections: 1, messages: 30_000, chunking: false },
  { name: 'smtp-bare-40k-10c', bytes: 40_960, connections: 10, messages: 30_000, chunking: false },
  { name: 'smtp-bare-40k-1c', bytes: 40_960, connections: 1, messages: 10_000, chunking: false },
  { name: 'smtp-bare-4k-10c-chunking', bytes: 4_096, connections: 10, messages: 100_000, chunking: true },
  { name: 'smtp-bare-4k-1c-chunking', bytes: 4_096, connections: 1, messages: 30_000, chunking: true },
]

async function main(): Promise<void> {
  const only = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
  const json = process.argv.includes('--json')
  for (const measure of MEASURES) {
    if (only.length > 0 && !only.includes(measure.name)) continue
    const { perSecond, cpuMicros, sinkMicros, taken } = await run(measure)
    if (taken !== measure.messages) throw new Error(`${measure.name}: the sink took ${taken} of ${measure.messages} messages`)
    if (json)
      process.stdout.write(`${JSON.stringify({ name: measure.name, value: perSecond, unit: 'messages/s', cpu_us: cpuMicros })}\n`)
    else
      process.stdout.write(
        `${measure.name.padEnd(28)} ${perSecond} messages/s, ${cpuMicros} µs CPU each (sink ${sinkMicros} µs)\n`,
      )
  }
}

async function run({
  bytes,
  connections,
  messages,
  chunking,
}: Measure): Promise<{ perSecond: number; cpuMicros: number; sinkMicros: number; taken: number }> {
  const sink = await startSink({ chunking })
  const provider = createSmtpProvider(optionsFor(sink.port, connections), { resolver: createResolver(), clock: machineClock })
  try {
    const handoff = handoffOf(bytes)
    const warmUp = Math.min(messages, 5_000)
    await sendAll(provider, handoff, warmUp)
    const before = await sink.count()
    const cpu = process.cpuUsage()
    const startedAt = performance.now()
    await sendAll(provider, handoff, messages)
    const seconds = (performance.now() - startedAt) / 1_000
    const { user, system } = process.cpuUsage(cpu)
    const after = await sink.count()
    return {
      perSecond: Math.round(messages / seconds),
      cpuMicros: Math.round(((user + system) / messages) * 10) / 10,
      sinkMicros: Math.round(((after.cpuMs - before.cpuMs) * 10_000) / messages) / 10,
      taken: after.messages - before.messages,
    }
  } finally {
    await provider.close(1_000)
    sink.stop()
  }
}

/** As the dispatcher does it: never more in hand than the provider asks for, one more for each that ends. */
function sendAll(provider: Provider, handoff: Handoff, messages: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let started = 0
    let ended = 0
    const next = (): void => {
      started += 1
      provider.send(handoff).then(({ outcomes }) => {
        ended += 1
        const outcome = outcomes[0]
        if (outcome?.kind !== 'accepted') reject(new Error(JSON.stringify(outcome)))
        if (ended === messages) resolve()
        while (started < messages && started - ended < provider.capacity) next()
      }, reject)
    }
    while (started < messages && started < provider.capacity) next()
  })
}

function optionsFor(port: number, maxConnections: number): SmtpOptions {
  return {
    name: 'bench',
    mode: 'relay',
    host: '127.0.0.1',
    port,
    security: 'none',
    auth: null,
    heloName: 'bench.example.org',
    tls: VERIFIED_TLS,
    allowPrivate: true,
    limits: { ...DEFAULT_LIMITS, maxConnections },
    timeouts: RELAY_TIMEOUTS,
  }
}

function handoffOf(bytes: number): Handoff {
  const header = 'From: sender@example.org\r\nTo: recipient@example.net\r\nSubject: Hello\r\nMessage-ID: <1@example.org>\r\n\r\n'
  const line = `${'x'.repeat(70)}\r\n`
  const body = line.repeat(Math.ceil((bytes - header.length) / line.length))
  return {
    workspaceId: newId(),
    messageId: newId(),
    deliveryIds: [newId()],
    contentHash: '',
    attempt: 1,
    sender: 'sender@example.org',
    recipients: ['recipient@example.net'],
    // One piece, as it comes from a database.
    content: Buffer.from(header + body, 'latin1').toString('latin1'),
    eightBit: false,
    internationalized: false,
    mayLeave: () => true,
    bodyLeft: () => {},
  }
}

if (import.meta.main) await main()
