/**
 * Writes the tables of README.md and docs/*.md that follow from the code, between `<!-- table: name -->` and `<!-- /table -->`. Part of
 * `npm run codegen`; alone: `node bin/doc-tables.ts`. test/docs.test.ts says when it was forgotten.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CONFIG_DOCS } from '../src/config.ts'
import { RELAY_TIMEOUTS } from '../src/delivery/providers/smtp/options.ts'
import { nextProbeAt, nextRetryAt } from '../src/delivery/retry.ts'
import { MAGIC_RECIPIENTS } from '../src/delivery/sandbox/magic.ts'
import { STREAM_RULES, STREAMS, type UnknownPolicy } from '../src/delivery/stream.ts'
import { EVENT_TYPES } from '../src/events/event.ts'
import { EVENT_EXAMPLES } from '../src/events/examples.ts'
import { sentenceOf } from '../src/events/sentence.ts'
import { invariantsAt } from '../src/insight/invariants/catalogue.ts'
import { messagesToLookAt } from '../src/insight/invariants/queries.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../src/lib/clock.ts'
import { classify, FAILURE_CLASSES, type Failure, type RetryLadder } from '../src/mail/failure.ts'
import { CLASS_FACTS } from '../src/mail/failure-classes.ts'
import { RETRY_DELAYS_MS } from '../src/webhooks/ladder.ts'
import { nodeTables, operatorTable } from './workflow-tables.ts'

const ROOT = join(import.meta.dirname, '..')
export const FILES_WITH_TABLES = [
  'README.md',
  'docs/delivery.md',
  'docs/operations.md',
  'docs/webhooks.md',
  'docs/workflows.md',
] as const

/** The text with every table in it as the code has it now. A name that nobody makes is a mistake in the document. */
export async function withTables(text: string): Promise<string> {
  const metrics = await readFile(join(ROOT, 'src/insight/metrics.ts'), 'utf8')
  return text.replace(
    /(<!-- table: ([a-z-]+) -->\n)[\s\S]*?(<!-- \/table -->)/g,
    (_, begin: string, name: string, end: string) => {
      const make = TABLES[name]
      if (!make) throw new Error(`No table is called ${name}.`)
      return `${begin}\n${make({ metrics })}\n\n${end}`
    },
  )
}

type Sources = { readonly metrics: string }

const TABLES: Readonly<Record<string, (sources: Sources) => string>> = {
  configuration: () =>
    table(
      ['variable', 'default', 'meaning'],
      CONFIG_DOCS.map((doc) => [`\`${doc.name}\``, doc.default, doc.meaning]),
    ),
  streams: () =>
    table(
      ['stream', 'given up after', 'waits between tries', 'an answer that was not heard'],
      STREAMS.map((stream) => {
        const { lifetimeMs, retryDelaysMs, whenUnknown } = STREAM_RULES[stream]
        return [`\`${stream}\``, inWords(lifetimeMs), ladder(retryDelaysMs), WHEN_UNKNOWN[whenUnknown]]
      }),
    ),
  'message-waits': () =>
    table(
      ['ladder', 'what was said', 'waits between tries'],
      [
        ['`greylist`', 'come back in a few minutes', ladder(retryWaits('greylist'))],
        ['`deferral`', 'not now', ladder(retryWaits('deferral'))],
        ['`mailbox`', 'the mailbox is full', ladder(retryWaits('mailbox'))],
        ['`stream`', 'anything else that may pass', 'those of the stream, above'],
      ],
    ),
  'route-waits': () =>
    table(
      ['ladder', 'why the route stopped', 'a probe after'],
      [
        ['`network`', 'the network, or the other machine', ladder(probeWaits('network'))],
        ['`deferral`', 'the server is busy, or slows us down', ladder(probeWaits('deferral'))],
        ['`quota`', 'a limit of the account is used up', ladder(probeWaits('quota'))],
        ['`login`', 'something that a person has to change: log-in, certificate, settings', ladder(probeWaits('login'))],
      ],
    ),
  'magic-recipients': () =>
    table(
      ['recipient', 'what happens'],
      MAGIC_RECIPIENTS.map(({ name, does }) => [`\`${name}@…\``, does]),
    ),
  'failure-classes': () =>
    table(
      ['class', 'in words', 'who waits', 'when it is tried again', 'the address'],
      FAILURE_CLASSES.map((name) => {
        const { sentence, scope, permanent, ladder, suppress = false, hard = false } = CLASS_FACTS[name]
        const address = [...(hard ? ['dead'] : []), ...(suppress ? ['suppressed'] : [])].join(', ')
        return [`\`${name}\``, inGeneral(sentence), scope.relay, retryOf(scope.relay, permanent, ladder), address]
      }),
    ),
  timeouts: () =>
    table(
      ['stage', 'time-out'],
      Object.entries(RELAY_TIMEOUTS).map(([stage, ms]) => [
        stage === 'transaction' ? 'a whole transaction' : `\`${stage}\``,
        inWords(ms),
      ]),
    ),
  'workflow-nodes': () => nodeTables(table),
  'workflow-operators': () => operatorTable(table),
  'webhook-waits': () =>
    table(
      ['after failure', 'the next try comes after'],
      RETRY_DELAYS_MS.map((ms, i) => [String(i + 1), inWords(ms)]),
    ),
  'event-types': () =>
    table(
      ['type', 'says, for example', '`details`'],
      EVENT_TYPES.map((type) => [
        `\`${type}\``,
        sentenceOf(type, EVENT_EXAMPLES[type], null),
        Object.keys(EVENT_EXAMPLES[type])
          .map((name) => `\`${name}\``)
          .join(', '),
      ]),
    ),
  invariants: () =>
    table(
      ['invariant', 'what is said when it is broken'],
      invariantsAt({ messages: messagesToLookAt(false, EPOCH), everyCount: false, now: EPOCH }).map(({ name, one }) => [
        `\`${name}\``,
        one,
      ]),
    ),
  metrics: ({ metrics }) =>
    table(
      ['name', 'kind', 'meaning'],
      [...metrics.matchAll(/(gauge|counter)\(\s*'([a-z_]+)',\s*'((?:[^'\\]|\\.)*)'/g)].map(
        ([, kind = '', name = '', help = '']) => [`\`${name}\``, kind, help],
      ),
    ),
}

const WHEN_UNKNOWN: Readonly<Record<UnknownPolicy, string>> = {
  resend: 'sent once more with the same Message-ID; should that answer be lost too, a person decides',
  leave: 'left as it is',
  ask: 'a person decides',
}
const EPOCH = new Date(0)
const FAR = new Date(1_000 * DAY)
const MAX_STEPS = 20

function inGeneral(sentence: string): string {
  return sentence
    .replace(/: \{place\}$/, '')
    .replaceAll('{place}', 'the server')
    .replaceAll('{stage}', 'some stage')
}

function retryOf(scope: string, permanent: 'by_digit' | 'yes' | 'relay' | 'no', waits: RetryLadder): string {
  const isOfRoute = scope === 'route' || scope === 'system'
  if (waits === 'none') return permanent === 'yes' ? 'never' : isOfRoute ? 'nothing to try again' : 'see "Unheard answers"'
  if (isOfRoute) return `probe: \`${waits}\``
  const again = `\`${waits === 'network' || waits === 'login' ? 'stream' : waits}\``
  const refusedForGood = scope === 'identity' ? 'held for a person' : 'never'
  return permanent === 'yes' ? refusedForGood : permanent === 'no' ? again : `4xx: ${again}; 5xx: ${refusedForGood}`
}

/** A failure that nothing but its ladder is known of. */
function failureOn(waits: RetryLadder): Failure {
  const answer = {
    kind: 'lost',
    code: 'TIMEOUT',
    message: '',
    bodySent: false,
    mode: 'relay',
    stage: 'tcp',
    host: '',
    address: null,
    port: null,
    recipient: null,
  } as const
  return { ...classify(answer), ladder: waits, retryAfterSeconds: null }
}

function retryWaits(waits: RetryLadder): number[] {
  return steps((failures) => nextRetryAt(failures, failureOn(waits), STREAM_RULES.bulk, FAR, 0, EPOCH)?.getTime() ?? 0)
}

function probeWaits(waits: RetryLadder): number[] {
  return steps((failures) => nextProbeAt(failures, failureOn(waits), 0, EPOCH).getTime())
}

/** Until the last one repeats. */
function steps(waitAfter: (failures: number) => number): number[] {
  const waits: number[] = []
  for (let failures = 1; failures <= MAX_STEPS && waits.at(-1) !== waitAfter(failures); failures++)
    waits.push(waitAfter(failures))
  return waits
}

function ladder(waitsMs: readonly number[]): string {
  return `${waitsMs.map(inWords).join(', ')}, and so on`
}

function inWords(ms: number): string {
  const units = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'min'],
    [SECOND, 's'],
  ] as const
  let left = ms
  const parts = units.flatMap(([size, name]) => {
    const n = Math.floor(left / size)
    left -= n * size
    return n === 0 ? [] : [`${n} ${name}`]
  })
  return parts.join(' ')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

export async function writeDocTables(): Promise<void> {
  for (const file of FILES_WITH_TABLES) {
    const path = join(ROOT, file)
    await writeFile(path, await withTables(await readFile(path, 'utf8')))
  }
}

if (process.argv[1] === import.meta.filename) await writeDocTables()
