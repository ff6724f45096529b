import { MAX_MAIL_BYTES } from '../src/inbound/mail-size.ts'
import { type Mutant, mutantOf, type Original } from './mutants.ts'
import { openPipeline, type Pipeline, type Taken } from './pipeline.ts'
import { peakRssMb } from './report.ts'

export interface Range {
  readonly seed: number
  readonly first: number
  readonly count: number
}

export interface Failure {
  readonly n: number
  readonly from: string
  readonly what: string
}

export interface Fuzzed {
  readonly mails: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly failures: readonly Failure[]
  /** Of batches: up to fifty side by side, a large one alone. */
  readonly slowestMs: number
  readonly peakRssMb: number
}

/** Taken side by side, with a good mail behind them. */
const BATCH = 50
const BATCH_BYTES = 16 * 1024 * 1024
/** Then a new database: what was taken in is kept there. */
const WORLD_MAILS = 20_000
/** Reading may take five seconds, and storing 50 MB its time. A batch that takes longer is looked at mail by mail. */
const LIMIT_MS = 15_000
/** Reasons for which a mail is put aside that are our fault, whatever the mail. */
const OURS: ReadonlySet<string> = new Set(['cannot_be_stored', 'fails_again_and_again', 'bytes_missing'])
const LIMIT_MB = 1_536
const MOST_FAILURES = 100
const TOLD_EVERY = 1_000

export async function fuzz(
  from: readonly Original[],
  { seed, first, count }: Range,
  note: (line: string) => void,
): Promise<Fuzzed> {
  const end = first + count
  const failures: Failure[] = []
  const outcomes: Record<string, number> = {}
  let slowestMs = 0
  let n = first
  while (n < end && failures.length < MOST_FAILURES) {
    const pipeline = await openPipeline()
    try {
      const worldEnd = Math.min(end, n + WORLD_MAILS)
      while (n < worldEnd && failures.length < MOST_FAILURES) {
        const batch = nextBatch(from, seed, n, worldEnd)
        const peakMb = peakRssMb()
        const { taken, ms } = await through(pipeline, batch)
        for (const { outcome } of taken.slice(0, batch.length)) if (outcome) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
        failures.push(...(await failuresOf(pipeline, batch, taken, ms)), ...memoryFailure(batch, peakMb))
        slowestMs = Math.max(slowestMs, ms)
        if (Math.floor((n + batch.length) / TOLD_EVERY) > Math.floor(n / TOLD_EVERY))
          note(`${n + batch.length - first} of ${count} …`)
        n += batch.length
      }
      const settled = await pipeline.settledTimes()
      if (settled.mails !== settled.outcomes)
        failures.push({ n: n - 1, from: 'all of them', what: `${settled.mails} mails were ended ${settled.outcomes} times` })
    } finally {
      await pipeline.close()
    }
  }
  return { mails: n - first, outcomes, failures, slowestMs: Math.round(slowestMs), peakRssMb: peakRssMb() }
}

/** As many as stand in memory together. */
function nextBatch(from: readonly Original[], seed: number, first: number, end: number): Mutant[] {
  const batch: Mutant[] = []
  let bytes = 0
  for (let n = first; n < end && batch.length < BATCH; n += 1) {
    const mutant = mutantOf(from, seed, n)
    if (batch.length > 0 && bytes + mutant.bytes.length > BATCH_BYTES) break
    batch.push(mutant)
    bytes += mutant.bytes.length
  }
  return batch
}

let goodMails = 0

function goodMail(): Buffer {
  goodMails += 1
  return Buffer.from(
    `From: good@customer.example\r\nTo: support@example.com\r\nSubject: Good mail ${goodMails}\r\nMessage-ID: <good-${goodMails}@customer.example>\r\n\r\nIs it here?\r\n`,
  )
}

async function through(pipeline: Pipeline, batch: readonly Mutant[]): Promise<{ taken: readonly Taken[]; ms: number }> {
  const startedMs = performance.now()
  const mails = batch.map(({ n, bytes }) => {
    const isCut = bytes.length > MAX_MAIL_BYTES
    const to = n % 10 === 9 ? ('answers' as const) : ('support' as const)
    return { content: isCut ? bytes.subarray(0, 256 * 1024) : bytes, isCut, to }
  })
  const taken = await pipeline.take([...mails, { content: goodMail() }])
  return { taken, ms: performance.now() - startedMs }
}

async function failuresOf(pipeline: Pipeline, batch: readonly Mutant[], taken: readonly Taken[], ms: number): Promise<Failure[]> {
  const last = batch.at(-1) as Mutant
  const found = batch.flatMap(({ n, from }, at) => {
    const { outcome = null, reason = null, detail, thrown = [] } = taken[at] ?? {}
    const all = [
      ...(outcome === null ? ['it has no outcome'] : []),
      ...(reason !== null && OURS.has(reason) ? [`${reason}: ${detail}`] : []),
      ...thrown.map((error) => `thrown: ${error}`),
    ]
    return all.map((what) => ({ n, from, what }))
  })
  if (taken[batch.length]?.outcome !== 'conversation_started')
    found.push({
      n: last.n,
      from: last.from,
      what: `the good mail behind it came to ${taken[batch.length]?.outcome ?? 'nothing'}`,
    })
  if (ms <= LIMIT_MS) return found
  if (batch.length === 1) return [...found, { n: last.n, from: last.from, what: `it took ${Math.round(ms)} ms` }]
  for (const one of batch) {
    const alone = await through(pipeline, [one])
    if (alone.ms > LIMIT_MS) found.push({ n: one.n, from: one.from, what: `it took ${Math.round(alone.ms)} ms` })
  }
  return found
}

/** The highest of the process never falls again: only the batch that raised it is to blame. */
function memoryFailure(batch: readonly Mutant[], beforeMb: number): Failure[] {
  const last = batch.at(-1) as Mutant
  const peakMb = peakRssMb()
  return peakMb > Math.max(LIMIT_MB, beforeMb) ? [{ n: last.n, from: last.from, what: `the memory is ${peakMb} MB` }] : []
}
