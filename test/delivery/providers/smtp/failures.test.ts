import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { SendOutcome } from '../../../../src/delivery/outcome.ts'
import type { FailureClass } from '../../../../src/mail/failure.ts'
import type { SmtpStage } from '../../../../src/mail/smtp-answer.ts'
import { fixedResolver } from '../../../support/dns.ts'
import { gate } from '../../../support/gate.ts'
import { aHandoff } from '../../../support/handoff.ts'
import { providerTo, type RouteWishes } from '../../../support/smtp-route.ts'
import { ALL_EXTENSIONS, type SmtpScript } from '../../../support/smtp-script.ts'
import { refusedPort, smtpServer } from '../../../support/smtp-server.ts'

/** What one failure of the far end comes to for the message it met. */
interface Case {
  readonly name: string
  readonly script: SmtpScript
  readonly route?: RouteWishes
  readonly kind: SendOutcome['kind']
  readonly stage: SmtpStage | typeof BEFORE_BANNER
  readonly class: FailureClass
  /** Whether the far end has the message. */
  readonly arrives?: true
}

const CLOSE = { afterwards: 'close' } as const
const RESET = { afterwards: 'reset' } as const
const SILENCE = { afterwards: 'silence' } as const
const SOON = 60
/** A reset may be seen before or after the connection is. */
const BEFORE_BANNER = expect.stringMatching(/^(tcp|banner)$/)

const CASES: readonly Case[] = [
  // The way to the first MAIL is the route's affair: the message waits and nothing is counted.
  {
    name: 'hangs up instead of a banner',
    script: { on: { CONNECT: CLOSE } },
    kind: 'blocked',
    stage: 'banner',
    class: 'tcp_reset',
  },
  {
    name: 'resets instead of a banner',
    script: { on: { CONNECT: RESET } },
    kind: 'blocked',
    stage: BEFORE_BANNER,
    class: 'tcp_reset',
  },
  {
    name: 'never says anything',
    script: { on: { CONNECT: SILENCE } },
    route: { timeouts: { banner: SOON } },
    kind: 'blocked',
    stage: 'banner',
    class: 'greeting_timeout',
  },
  {
    name: 'refuses with 554 at the banner',
    script: { on: { CONNECT: '554 5.7.1 no service for you' } },
    kind: 'blocked',
    stage: 'banner',
    class: 'greeting_refused',
  },
  {
    name: 'is too busy at the banner',
    script: { on: { CONNECT: '421 4.3.2 try later' } },
    kind: 'blocked',
    stage: 'banner',
    class: 'greeting_busy',
  },
  {
    name: 'speaks TLS where we wait for a banner',
    script: { tls: { mode: 'implicit' } },
    route: { timeouts: { banner: SOON } },
    kind: 'blocked',
    stage: 'banner',
    class: 'greeting_timeout',
  },
  { name: 'hangs up at EHLO', script: { on: { EHLO: CLOSE } }, kind: 'blocked', stage: 'ehlo', class: 'connection_lost' },
  {
    name: 'refuses our name',
    script: { on: { EHLO: '550 5.7.1 bad name' } },
    kind: 'blocked',
    stage: 'ehlo',
    class: 'ehlo_rejected',
  },
  {
    name: 'refuses EHLO and HELO',
    script: { on: { EHLO: '502 5.5.1 what?', HELO: '504 5.5.2 no' } },
    kind: 'blocked',
    stage: 'ehlo',
    class: 'ehlo_rejected',
  },
  {
    name: 'says 421 at EHLO',
    script: { on: { EHLO: { reply: '421 4.3.2 closing', ...CLOSE } } },
    kind: 'blocked',
    stage: 'ehlo',
    class: 'greeting_busy',
  },
  {
    name: 'does not answer EHLO',
    script: { on: { EHLO: SILENCE } },
    route: { timeouts: { ehlo: SOON } },
    kind: 'blocked',
    stage: 'ehlo',
    class: 'reply_timeout',
  },

  // 4xx and 5xx at each stage.
  {
    name: 'defers at MAIL',
    script: { on: { MAIL: '451 4.3.0 later' } },
    kind: 'deferred',
    stage: 'mail',
    class: 'remote_temporary',
  },
  {
    name: 'refuses the sender',
    script: { on: { MAIL: '550 5.1.8 sender domain does not exist' } },
    kind: 'blocked',
    stage: 'mail',
    class: 'sender_domain_unresolved',
  },
  {
    name: 'wants a log-in',
    script: { on: { MAIL: '530 5.7.0 authentication required' } },
    kind: 'blocked',
    stage: 'mail',
    class: 'auth_required',
  },
  {
    name: 'greylists',
    script: { on: { RCPT: '450 4.7.1 greylisted, try again in 300 seconds' } },
    kind: 'deferred',
    stage: 'rcpt',
    class: 'greylisted',
  },
  {
    name: 'does not know the recipient',
    script: { on: { RCPT: '550 5.1.1 no such user' } },
    kind: 'rejected',
    stage: 'rcpt',
    class: 'recipient_unknown',
  },
  {
    name: 'defers at DATA',
    script: { on: { DATA: '451 4.3.1 no room now' } },
    kind: 'deferred',
    stage: 'data',
    class: 'remote_temporary',
  },
  {
    name: 'refuses at DATA',
    script: { on: { DATA: '554 5.7.1 content rejected as spam' } },
    kind: 'rejected',
    stage: 'data',
    class: 'content_spam',
  },
  {
    name: 'defers after the body',
    script: { on: { DOT: '452 4.3.1 disk is full' } },
    kind: 'deferred',
    stage: 'dot',
    class: 'remote_temporary',
  },
  {
    name: 'refuses after the body',
    script: { on: { DOT: '554 5.7.1 message looks like spam' } },
    kind: 'rejected',
    stage: 'dot',
    class: 'content_spam',
  },

  // A connection that ends.
  { name: 'hangs up at MAIL', script: { on: { MAIL: CLOSE } }, kind: 'deferred', stage: 'mail', class: 'connection_lost' },
  {
    name: 'says 421 at MAIL',
    script: { on: { MAIL: { reply: '421 4.3.2 closing', ...CLOSE } } },
    kind: 'blocked',
    stage: 'mail',
    class: 'service_closing',
  },
  {
    name: 'does not answer MAIL',
    script: { on: { MAIL: SILENCE } },
    route: { timeouts: { mail: SOON } },
    kind: 'deferred',
    stage: 'mail',
    class: 'reply_timeout',
  },
  { name: 'hangs up at RCPT', script: { on: { RCPT: CLOSE } }, kind: 'deferred', stage: 'rcpt', class: 'connection_lost' },
  {
    name: 'says 421 at RCPT',
    script: { on: { RCPT: { reply: '421 4.3.2 closing', ...CLOSE } } },
    kind: 'blocked',
    stage: 'rcpt',
    class: 'service_closing',
  },
  {
    name: 'does not answer RCPT',
    script: { on: { RCPT: SILENCE } },
    route: { timeouts: { rcpt: SOON } },
    kind: 'deferred',
    stage: 'rcpt',
    class: 'reply_timeout',
  },
  { name: 'hangs up at DATA', script: { on: { DATA: CLOSE } }, kind: 'deferred', stage: 'data', class: 'drop_before_dot' },
  {
    name: 'says 421 at DATA',
    script: { on: { DATA: { reply: '421 4.3.2 closing', ...CLOSE } } },
    kind: 'blocked',
    stage: 'data',
    class: 'service_closing',
  },
  {
    name: 'does not answer DATA',
    script: { on: { DATA: SILENCE } },
    route: { timeouts: { data: SOON } },
    kind: 'deferred',
    stage: 'data',
    class: 'drop_before_dot',
  },

  // After the final dot only an answer counts.
  {
    name: 'hangs up after the final dot',
    script: { on: { DOT: CLOSE } },
    kind: 'unknown',
    stage: 'dot',
    class: 'no_reply_after_dot',
    arrives: true,
  },
  {
    name: 'resets after the final dot',
    script: { on: { DOT: RESET } },
    kind: 'unknown',
    stage: 'dot',
    class: 'no_reply_after_dot',
    arrives: true,
  },
  {
    name: 'is silent after the final dot',
    script: { on: { DOT: SILENCE } },
    route: { timeouts: { dot: SOON } },
    kind: 'unknown',
    stage: 'dot',
    class: 'no_reply_after_dot',
    arrives: true,
  },
  {
    name: 'answers the final dot with nonsense',
    script: { on: { DOT: { raw: 'hello\r\n' } } },
    kind: 'unknown',
    stage: 'dot',
    class: 'no_reply_after_dot',
    arrives: true,
  },
  {
    name: 'says 421 after the final dot',
    script: { on: { DOT: { reply: '421 4.3.2 closing', ...CLOSE } } },
    kind: 'blocked',
    stage: 'dot',
    class: 'service_closing',
  },
  {
    name: 'takes longer for everything than the whole may take',
    script: { on: { DOT: SILENCE } },
    route: { timeouts: { transaction: SOON } },
    kind: 'unknown',
    stage: 'dot',
    class: 'no_reply_after_dot',
    arrives: true,
  },

  // What the server lacks.
  { name: 'takes only small messages', script: { extensions: ['SIZE 20'] }, kind: 'rejected', stage: 'mail', class: 'too_large' },
  {
    name: 'refuses the size at MAIL',
    script: { extensions: ['SIZE'], on: { MAIL: '552 5.3.4 message too big' } },
    kind: 'rejected',
    stage: 'mail',
    class: 'too_large',
  },
]

test.each(CASES)('a server that $name: $kind at $stage', async ({ script, route, kind, stage, class: found, arrives }) => {
  await using server = await smtpServer(script)
  await using provider = providerTo(server, route)
  const { outcomes, trace } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind, failure: { stage, class: found } }])
  expect(trace).toMatchObject({ host: '127.0.0.1', port: server.port, address: '127.0.0.1' })
  expect(trace.transcript).not.toBeNull()
  expect(server.received()).toEqual(arrives ? ['bob@example.org'] : [])
})

test('a port where nobody listens is named in the sentence, with address and port', async () => {
  const port = await refusedPort()
  await using provider = providerTo({ port }, { host: 'smtp.test' })
  const { outcomes, trace } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { stage: 'tcp', class: 'tcp_refused', scope: 'route' } }])
  expect(outcomes).toMatchObject([{ failure: { sentence: expect.stringContaining(`127.0.0.1:${port}`) } }])
  expect(trace).toMatchObject({ host: 'smtp.test', address: '127.0.0.1', port })
})

test.each([
  ['nxdomain', 'dns_name_not_found'],
  ['nodata', 'dns_name_not_found'],
  ['servfail', 'dns_temporary'],
  ['timeout', 'dns_temporary'],
] as const)('a name that ends in %s blocks the route as %s', async (answer, found) => {
  await using provider = providerTo({ port: 25 }, { host: 'mail.test' }, { resolver: fixedResolver({ 'mail.test': answer }) })
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { stage: 'dns', class: found } }])
})

test('a resolver that never answers costs the DNS time-out and no more', async () => {
  const resolver = { ...fixedResolver(), addresses: () => new Promise<never>(() => {}) }
  await using provider = providerTo({ port: 25 }, { host: 'mail.test', timeouts: { dns: 30 } }, { resolver })
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { stage: 'dns', class: 'dns_temporary' } }])
})

test('a server that accepts no connection costs the connect time-out and no more', async () => {
  // 192.0.2.0/24 is nobody's (RFC 5737); the connection is never made, so nothing leaves this machine.
  await using provider = providerTo({ port: 25 }, { host: '192.0.2.1', timeouts: { tcp: 30 } }, { connect: () => new Socket() })
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { stage: 'tcp', class: 'tcp_timeout' } }])
})

test('a message that was accepted stays accepted, whatever happens at QUIT', async () => {
  for (const act of ['500 5.5.1 what?', CLOSE, RESET, SILENCE] as const) {
    await using server = await smtpServer({ on: { QUIT: act } })
    await using provider = providerTo(server, { limits: { maxMessagesPerConnection: 1 }, timeouts: { quit: SOON } })
    const results = await Promise.all([provider.send(aHandoff()), provider.send(aHandoff({ recipients: ['cid@example.org'] }))])
    expect(results.flatMap(({ outcomes }) => outcomes.map(({ kind }) => kind))).toEqual(['accepted', 'accepted'])
    expect(server.received().toSorted()).toEqual(['bob@example.org', 'cid@example.org'])
  }
})

const GARBAGE = [
  ['a line of a megabyte', `220 ${'x'.repeat(1024 * 1024)}\r\n`],
  ['a line that never ends', 'x'.repeat(64 * 1024)],
  ['a reply of ten thousand lines', '220-more\r\n'.repeat(10_000)],
  ['a code that does not exist', '999 hello\r\n'],
  ['binary', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n'],
  ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['lines with different codes', '220-one\r\n250 two\r\n'],
  ['two banners', '220 one\r\n220 two\r\n'],
  ['an answer to a question that comes later', '220 hello\r\n250 yes\r\n'],
] as const

test.each(GARBAGE)('a banner that is %s ends the connection as a protocol error', async (_, raw) => {
  await using server = await smtpServer({ on: { CONNECT: { raw } } })
  await using provider = providerTo(server)
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { class: 'protocol_error' } }])
  await server.when(({ connections }) => connections.every(({ ended }) => ended))
})

test('replies that were not asked for end the connection, and the message was not accepted', async () => {
  await using server = await smtpServer({ on: { RCPT: { raw: '250 ok\r\n354 go\r\n250 taken\r\n' } } })
  await using provider = providerTo(server)
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes).not.toMatchObject([{ kind: 'accepted' }])
})

test('a server that says one byte at a time is understood', async () => {
  const slowly = { slowly: true }
  await using server = await smtpServer({
    on: {
      CONNECT: { reply: '220 hello', ...slowly },
      MAIL: { reply: '250-one\n250 two', ...slowly },
      RCPT: { reply: '250 ok', ...slowly },
      DATA: { reply: '354 go', ...slowly },
      DOT: { reply: '250 2.0.0 taken', ...slowly },
    },
  })
  await using provider = providerTo(server)
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'accepted', reply: { code: 250, enhanced: '2.0.0', text: 'taken' } }])
})

test('bytes that trickle in do not extend the time for a reply', async () => {
  await using server = await smtpServer({ on: { MAIL: { raw: '250-'.repeat(1_000), slowly: true, afterwards: 'silence' } } })
  await using provider = providerTo(server, { timeouts: { mail: SOON } })
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'deferred', failure: { stage: 'mail', class: 'reply_timeout' } }])
})

test.each([[ALL_EXTENSIONS], [[...ALL_EXTENSIONS, 'CHUNKING']], [['8BITMIME']]])(
  'a broken server never makes send() reject: %j',
  async (extensions) => {
    for (const moment of ['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'BDAT', 'DOT'] as const) {
      for (const act of [
        CLOSE,
        RESET,
        '421 4.0.0 bye',
        '451 4.0.0 later',
        '550 5.0.0 no',
        { raw: '\0\0\0\r\n' },
        '299 odd',
        '399 odd',
      ] as const) {
        await using server = await smtpServer({ extensions, on: { [moment]: act } })
        await using provider = providerTo(server, {
          timeouts: { mail: 500, rcpt: 500, data: 500, dot: 500, banner: 500, ehlo: 500 },
        })
        const { outcomes } = await provider.send(aHandoff())
        expect(outcomes).toHaveLength(1)
        if (outcomes[0]?.kind === 'accepted')
          expect(server.received(), `${moment} ${JSON.stringify(act)}`).toEqual(['bob@example.org'])
      }
    }
  },
)

test('the answer to the final dot is awaited for ten minutes, and not a second less', async () => {
  const door = gate()
  await using server = await smtpServer({ on: { DOT: [{ reply: '250 2.0.0 taken', after: door }] } })
  let nowMs = 0
  let looked = Promise.withResolvers<void>()
  const clock = {
    now: () => new Date(),
    monotonicMs: () => {
      looked.resolve()
      return nowMs
    },
  }
  await using provider = providerTo(server, {}, { clock })
  let ended = false
  const sending = provider.send(aHandoff()).finally(() => {
    ended = true
  })
  await door.reached
  nowMs = 599_000
  looked = Promise.withResolvers()
  await looked.promise
  expect(ended).toBe(false)
  nowMs = 601_000
  expect((await sending).outcomes).toMatchObject([{ kind: 'unknown', failure: { stage: 'dot', class: 'no_reply_after_dot' } }])
  door.open()
})
