import PostalMime from 'postal-mime'
import { inChild } from './child.ts'
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
    const bare = await bareRate(kind)
    const input: TakeInput = { kind, mails, agents: AGENTS }
    const output = await inChild<TakeInput, TakeOutput>(new URL('./inbound-take.ts', import.meta.url), input)
    note(`${kind}: ${JSON.stringify(output)}`)
    yield {
      name: kind,
      value: Math.round(output.perSecond),
      unit: 'mails/s',
      peer: PEER,
      peer_value: Math.round(bare),
      ratio: Number((output.perSecond / bare).toFixed(3)),
      goal: 'at least 0.25',
    }
  }
}

async function bareRate(kind: InboundKind): Promise<number> {
  const mails = Array.from({ length: 500 }, (_, i) => customerMail(i, kind))
  for (const mail of mails.slice(0, 200)) await PostalMime.parse(mail)
  const startedMs = performance.now()
  let read = 0
  while (performance.now() - startedMs < 3_000) {
    for (const mail of mails) await PostalMime.parse(mail)
    read += mails.length
  }
  return read / ((performance.now() - startedMs) / 1_000)
}
