import PostalMime from 'postal-mime'
import { asServer } from './child.ts'
import { customerMail, type InboundKind } from './inbound-mails.ts'
import type { TakeInput, TakeOutput } from './inbound-take.ts'
import type { BenchOptions, Measure } from './measure.ts'

const PEER = 'bare parser'
const CASES: readonly { readonly kind: InboundKind; readonly mails: number }[] = [
  { kind: 'inbound-4k', mails: 8_000 },
  { kind: 'inbound-40k', mails: 3_000 },
]
const AGENTS = 20

/** Mail that comes in: raw bytes to a committed conversation, beside a parser that is given the same bytes and throws away what it read. */
export async function* benchInbound({ only, note }: BenchOptions): AsyncGenerator<Measure> {
  for (const { kind, mails } of CASES) {
    if (only !== null && only !== kind) continue
    const bare = await bareParser(kind)
    const input: TakeInput = { kind, mails, agents: AGENTS }
    const output = await asServer<TakeInput, TakeOutput>(new URL('./inbound-take.ts', import.meta.url), input)
    note(`${kind}: ${JSON.stringify(output)}`)
    yield beside(kind, 'mails/s', output.perSecond, bare.perSecond, output.perSecond / bare.perSecond, 'at least 0.25')
    // A parser alone has one processor, and on a busy machine a smaller part of it than the two processes that we are: this tells them apart.
    const time = output.cpuMicroseconds + (output.databaseMicroseconds ?? 0)
    if (output.databaseMicroseconds !== null)
      yield beside(`${kind}-cpu`, 'µs a mail', time, bare.cpuMicroseconds, bare.cpuMicroseconds / time, null)
    yield alone(`${kind}-commits`, output.commitsPerMail, 'commits a mail')
    yield alone(`${kind}-wal`, output.walBytesPerMail, 'bytes a mail')
  }
}

function beside(name: string, unit: string, value: number, peerValue: number, ratio: number, goal: string | null): Measure {
  const [ours, theirs] = [Math.round(value), Math.round(peerValue)]
  return { name, value: ours, unit, peer: PEER, peer_value: theirs, ratio: Number(ratio.toFixed(3)), goal }
}

function alone(name: string, value: number, unit: string): Measure {
  return { name, value: Number(value.toPrecision(3)), unit, peer: null, peer_value: null, ratio: null, goal: null }
}

async function bareParser(kind: InboundKind): Promise<{ perSecond: number; cpuMicroseconds: number }> {
  const mails = Array.from({ length: 500 }, (_, i) => customerMail(i, kind))
  for (const mail of mails.slice(0, 200)) await PostalMime.parse(mail)
  const [startedMs, cpuBefore] = [performance.now(), process.cpuUsage()]
  let read = 0
  while (performance.now() - startedMs < 3_000) {
    for (const mail of mails) await PostalMime.parse(mail)
    read += mails.length
  }
  const { user, system } = process.cpuUsage(cpuBefore)
  return { perSecond: read / ((performance.now() - startedMs) / 1_000), cpuMicroseconds: (user + system) / read }
}
