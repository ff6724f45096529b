import { expect, test } from 'vitest'
import type { DispatcherDeps } from '../../src/delivery/dispatch/dispatcher.ts'
import { directWorld } from '../support/direct-world.ts'
import { type Judgement, type Promised, SPOTLESS } from '../support/ledgers.ts'
import { type SmtpSink, smtpSink, WITHOUT_SMTP_SINK } from '../support/smtp-sink.ts'
import { aMessage, type World, world } from '../support/world.ts'
import { drain, judgeWorld, submitEach } from './support.ts'

/** What one command that goes wrong has to come to: its class, who waits, and whether it is the end. */
interface Expected {
  readonly command: string
  /** Null: the mail is sent all the same. */
  readonly class: string | null
  readonly relay?: string
  readonly mx?: string
  /** Beside it, so that the command is said at all. */
  readonly with?: readonly string[]
  readonly outcome?: 'bounced' | 'unknown'
}

const MESSAGE = { relay: 'message', mx: 'message' } as const
const PLACE = { relay: 'route', mx: 'domain' } as const
const FAR_END = { relay: 'route', mx: 'receiver' } as const
const THEIRS = { relay: 'message', mx: 'domain' } as const
const REFUSED_FIRST = ['-r', 'RCPT'] as const
/** RSET follows a refused recipient, so that is what is told, whatever becomes of RSET. */
const RSET: Expected = { command: 'RSET', class: 'remote_temporary', ...THEIRS, with: REFUSED_FIRST }
const QUIT: Expected = { command: 'QUIT', class: null }
const ENVELOPE = ['MAIL', 'RCPT', 'DATA', '.'] as const

const TABLE: Readonly<Record<string, readonly Expected[]>> = {
  // Hangs up without a word.
  '-q': [
    { command: 'CONNECT', class: 'tcp_reset', ...PLACE },
    { command: 'EHLO', class: 'connection_lost', ...PLACE },
    { command: 'MAIL', class: 'connection_lost', ...MESSAGE },
    { command: 'RCPT', class: 'connection_lost', ...MESSAGE },
    { command: 'DATA', class: 'drop_before_dot', ...MESSAGE },
    { command: '.', class: 'no_reply_after_dot', ...MESSAGE, outcome: 'unknown' },
    RSET,
    QUIT,
  ],
  // 421, and hangs up.
  '-Q': [...['CONNECT', 'EHLO', ...ENVELOPE].map((command) => ({ command, class: 'service_closing', ...FAR_END })), RSET, QUIT],
  // 450 4.3.0
  '-r': [
    ...['CONNECT', 'EHLO'].map((command) => ({ command, class: 'greeting_busy', ...FAR_END })),
    ...ENVELOPE.map((command) => ({ command, class: 'remote_temporary', ...THEIRS })),
    { ...RSET, command: 'RCPT RSET', with: [] },
    QUIT,
  ],
  // 500 5.3.0
  '-f': [
    { command: 'CONNECT', class: 'greeting_refused', relay: 'route', mx: 'address' },
    // There is HELO as well.
    { command: 'EHLO', class: null },
    ...ENVELOPE.map((command) => ({ command, class: 'protocol_error', ...MESSAGE, outcome: 'bounced' as const })),
    RSET,
    QUIT,
  ],
}

const ROWS = (['relay', 'mx'] as const).flatMap((mode) =>
  Object.entries(TABLE).flatMap(([flag, expected]) =>
    // The other two never offer pipelining.
    (flag === '-q' || flag === '-Q' ? [[], ['-p']] : [[]]).flatMap((more) =>
      expected.map((row) => ({ mode, flag, row, more, name: `${mode}: ${flag} ${row.command} ${more.join(' ')}`.trim() })),
    ),
  ),
)

const TO = ['a@example.org', 'b@example.org', 'c@example.org', 'd@gmail.com', 'e@gmail.com'] as const
const GOOGLE = 'google'

interface Place {
  readonly w: World
  readonly routeId: World['routeId']
  readonly overrides: Partial<DispatcherDeps>
}

/** Our side: a relay, or the direct way to two receivers, of which one is known by name. */
async function from(mode: 'relay' | 'mx', sink: SmtpSink): Promise<Place> {
  if (mode === 'relay') {
    const w = await world({ route: { port: sink.port } })
    return { w, routeId: w.routeId, overrides: {} }
  }
  const { w, route, overrides } = await directWorld({
    servers: { 'mx.sink.test': sink.port, 'mx.google.com': sink.port },
    dns: { 'example.org': { mx: ['10 mx.sink.test'] }, 'gmail.com': { mx: ['10 mx.google.com'] } },
  })
  return { w, routeId: route.id, overrides }
}

/** A message with two recipients, and one of each stream. */
function submitAll({ w }: Place): Promise<Promised[]> {
  const [a, b, c, d, e] = TO
  return submitEach(w, [
    aMessage({ to: [a, b] }),
    aMessage({ to: [c], stream: 'conversation' }),
    aMessage({ to: [d], stream: 'bulk' }),
    aMessage({ to: [e] }),
  ])
}

async function judgeAll({ w }: Place, promised: readonly Promised[], sinks: readonly SmtpSink[]): Promise<Judgement> {
  return judgeWorld(w, promised, (await Promise.all(sinks.map((sink) => sink.received()))).flat())
}

const everybody = <T>(state: T) => Object.fromEntries(TO.map((recipient) => [recipient, state]))

async function circuits({ w, routeId }: Place): Promise<{ route: string; receivers: string[] }> {
  const { rows } = await w.database.pool.query<{ receiver: string }>(
    `select receiver from route_receiver where circuit <> 'closed'`,
  )
  return { route: (await w.circuit(routeId)).state, receivers: rows.map(({ receiver }) => receiver) }
}

/** Which circuits a failure of this scope opens: the route's, or that towards a receiver who is known by name. */
function opened(scope: string | undefined) {
  return {
    route: scope === 'route' ? 'open' : 'closed',
    receivers: scope === 'receiver' || scope === 'address' ? [GOOGLE] : [],
  }
}

test.for(ROWS)('$name', async ({ mode, flag, row, more }, { skip }) => {
  if (WITHOUT_SMTP_SINK) return skip(WITHOUT_SMTP_SINK)
  const scope = row[mode]
  const fate = row.command !== '.' ? 'accepted' : flag === '-q' ? 'swallowed' : 'refused'
  await using sink = await smtpSink({ flags: [...more, ...(row.with ?? []), flag, row.command], fate })
  const place = await from(mode, sink)
  const { w } = place
  const promised = await submitAll(place)
  await place.w.dispatch(place.overrides)

  const first = row.class === null ? 'sent' : (row.outcome ?? 'queued')
  expect(await w.states()).toEqual(everybody(first))
  const failed = Object.values(await w.deliveries()).flatMap(({ reason }) => (reason?.failure ? [reason.failure] : []))
  expect(new Set(failed.map((failure) => `${failure.class} ${failure.scope}`))).toEqual(
    new Set(row.class === null ? [] : [`${row.class} ${scope}`]),
  )
  expect(await circuits(place)).toEqual(opened(scope))

  await sink.stop()
  await using healthy = await smtpSink({ port: sink.port })
  await drain(place.w, place)
  const after = row.outcome === 'unknown' ? { 'c@example.org': 'unknown', 'd@gmail.com': 'unknown' } : {}
  expect(await w.states()).toEqual({ ...everybody(row.outcome === 'bounced' ? 'bounced' : 'sent'), ...after })
  expect(await circuits(place)).toEqual({ route: 'closed', receivers: [] })
  expect(await w.suppressions()).toEqual([])
  const judgement = await judgeAll(place, promised, [sink, healthy])
  expect(judgement).toMatchObject(SPOTLESS)
  expect(judgement.duplicates.toSorted()).toEqual(
    row.outcome === 'unknown' ? ['a@example.org', 'b@example.org', 'e@gmail.com'] : [],
  )
  expect(await w.invariants()).toEqual([])
})

test.for((['relay', 'mx'] as const).flatMap((mode) => ['CONNECT', ...ENVELOPE].map((command) => ({ mode, command }))))(
  '$mode: "550 5.1.1 no such user" at $command suppresses only whom it was said of',
  async ({ mode, command }, { skip }) => {
    if (WITHOUT_SMTP_SINK) return skip(WITHOUT_SMTP_SINK)
    const flags = ['-B', '550 5.1.1 No such user here', '-f', command]
    await using sink = await smtpSink({ flags, fate: command === '.' ? 'refused' : 'accepted' })
    const place = await from(mode, sink)
    const promised = await submitAll(place)
    await place.w.dispatch(place.overrides)
    const said = command === 'RCPT' ? [...TO] : command === '.' || command === 'DATA' ? TO.slice(2) : []
    expect(await place.w.suppressions()).toEqual(said)
    await sink.stop()
    await using healthy = await smtpSink({ port: sink.port })
    await drain(place.w, place)
    expect(await judgeAll(place, promised, [sink, healthy])).toMatchObject({ ...SPOTLESS, duplicates: [] })
  },
)

test.for(['relay', 'mx'] as const)(
  '%s: a sink that thinks for two seconds before each body gets everything, once',
  async (mode, { skip }) => {
    if (WITHOUT_SMTP_SINK) return skip(WITHOUT_SMTP_SINK)
    await using sink = await smtpSink({ flags: ['-w', '2'] })
    const place = await from(mode, sink)
    const promised = await submitAll(place)
    await place.w.dispatch(place.overrides)
    expect(await place.w.states()).toEqual(everybody('sent'))
    expect(await judgeAll(place, promised, [sink])).toMatchObject({ ...SPOTLESS, duplicates: [] })
  },
)

test.for(['relay', 'mx'] as const)('%s: a sink that dawdles at random gets everything, once', async (mode, { skip }) => {
  if (WITHOUT_SMTP_SINK) return skip(WITHOUT_SMTP_SINK)
  // It mixes its answers up where they wait and commands come ahead of them, so it must not offer that.
  await using sink = await smtpSink({ flags: ['-p', '-W', 'RCPT:1:30', '-W', '.:1:50'] })
  const place = await from(mode, sink)
  const promised = await submitAll(place)
  await place.w.dispatch(place.overrides)
  await drain(place.w, place)
  expect(await judgeAll(place, promised, [sink])).toMatchObject({ ...SPOTLESS, duplicates: [], states: { sent: TO.length } })
})
