import { expect, test } from 'vitest'
import type { ApiAct } from '../../../support/api-server.ts'
import { aHandoff } from '../../../support/handoff.ts'
import { refusal, SesServer, sesProviderTo } from '../../../support/ses-server.ts'

const page = '<html><head><style>p{}</style><title>502</title></head><body><h1>Bad Gateway</h1></body></html>'

test.each([
  ['a rate', refusal(429, 'TooManyRequestsException', 'Maximum sending rate exceeded.'), 'blocked', 'rate_limited', 2],
  [
    'a daily amount',
    refusal(429, 'TooManyRequestsException', 'Daily message quota exceeded.'),
    'blocked',
    'quota_exhausted',
    null,
  ],
  ['throttling with 400', refusal(400, 'ThrottlingException', 'Rate exceeded'), 'blocked', 'rate_limited', 2],
  ['a limit', refusal(400, 'LimitExceededException', 'Limit exceeded'), 'blocked', 'quota_exhausted', null],
  ['a suspended account', refusal(400, 'AccountSuspendedException', 'Suspended'), 'blocked', 'sending_disabled', null],
  ['paused sending', refusal(400, 'SendingPausedException', 'Sending is paused'), 'blocked', 'sending_disabled', null],
  [
    'a MAIL FROM that is not verified',
    refusal(400, 'MailFromDomainNotVerifiedException', 'x'),
    'blocked',
    'sender_rejected',
    null,
  ],
  [
    'a domain that is not verified',
    refusal(
      400,
      'MessageRejected',
      'Email address is not verified. The following identities failed the check in region EU-WEST-1: example.com',
    ),
    'blocked',
    'sender_rejected',
    null,
  ],
  [
    'a recipient of the test mode',
    refusal(
      400,
      'MessageRejected',
      'Email address is not verified. The following identities failed the check in region EU-WEST-1: bob@example.org',
    ),
    'rejected',
    'recipient_refused',
    null,
  ],
  ['other content', refusal(400, 'MessageRejected', 'The message is refused'), 'rejected', 'policy_refused', null],
  [
    'a wrong header',
    refusal(400, 'BadRequestException', "Missing required header 'From'."),
    'rejected',
    'message_malformed',
    null,
  ],
  ['a wrong key', refusal(403, 'UnrecognizedClientException', 'The security token is invalid.'), 'blocked', 'auth_failed', null],
  [
    'a wrong clock',
    refusal(403, 'InvalidSignatureException', 'Signature expired: 20261122T003000Z is now earlier'),
    'blocked',
    'local_fault',
    null,
  ],
  [
    'a missing permission',
    refusal(403, 'AccessDeniedException', 'User: arn:aws:iam::1:user/x is not authorized to perform: ses:SendEmail'),
    'blocked',
    'sending_disabled',
    null,
  ],
  ['trouble of its own', refusal(500, 'InternalFailure', ''), 'deferred', 'remote_temporary', null],
  ['a wait that it names', { status: 503, headers: { 'retry-after': '120' }, body: {} }, 'blocked', 'service_closing', 120],
  ['an error page', { status: 502, headers: { 'content-type': 'text/html' }, body: page }, 'deferred', 'remote_temporary', null],
  [
    'a redirect',
    { status: 302, headers: { location: 'https://elsewhere.example/' }, body: '' },
    'blocked',
    'configuration_wrong',
    null,
  ],
  [
    'an error told with a success',
    { status: 200, body: { __type: 'TooManyRequestsException', message: 'Maximum sending rate exceeded.' } },
    'blocked',
    'rate_limited',
    2,
  ],
  ['a success without an id', { status: 200, body: {} }, 'unknown', 'no_reply_after_dot', null],
  ['a success that is a page', { status: 200, body: page }, 'unknown', 'no_reply_after_dot', null],
  ['half an answer', 'half an answer', 'unknown', 'no_reply_after_dot', null],
  ['a gateway that gave up waiting', { status: 504, body: page }, 'unknown', 'no_reply_after_dot', null],
  ['a broken connection after the request', 'reset', 'unknown', 'no_reply_after_dot', null],
] as readonly (readonly [string, ApiAct, string, string, number | null])[])(
  '%s is told as what it is',
  async (_, act, kind, found, wait) => {
    await using server = await new SesServer().listen()
    await using provider = sesProviderTo(server)
    server.next(act)
    const { outcomes, trace } = await provider.send(aHandoff())
    expect(outcomes).toMatchObject([{ kind, failure: { class: found, retryAfterSeconds: wait } }])
    expect(trace.transcript).toContain('POST /v2/email/outbound-emails')
    expect(trace.transcript).not.toContain('AWS4')
    expect(server.requests.length).toBe(1)
  },
)

test('an error page is read for its words', async () => {
  await using server = await new SesServer().listen()
  await using provider = sesProviderTo(server)
  server.next({ status: 502, body: page })
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes[0]?.kind === 'deferred' && outcomes[0].failure.reply?.text).toBe('an error page: 502 Bad Gateway')
})

test('no answer at all leaves it open whether the mail was taken', async () => {
  await using server = await new SesServer().listen()
  await using provider = sesProviderTo(server, { timeouts: { answer: 50 } })
  server.next('silence')
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'unknown', failure: { class: 'no_reply_after_dot' } }])
})

test('a server that is not there blocks the route and costs the message nothing', async () => {
  const server = await new SesServer().listen()
  await server.close()
  await using provider = sesProviderTo(server)
  const { outcomes, trace } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { class: 'tcp_refused', scope: 'route' } }])
  expect(trace).toMatchObject({ host: '127.0.0.1', address: '127.0.0.1' })
})

test('a private address is not dialled unless it is allowed', async () => {
  await using server = await new SesServer().listen()
  await using provider = sesProviderTo(server, { allowPrivate: false })
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { class: 'private_address_refused' } }])
  expect(server.connections).toBe(0)
})

test('a connection that was closed while idle costs nothing, and the next one is new', async () => {
  await using server = await new SesServer().listen()
  await using provider = sesProviderTo(server, { settings: { max_connections: 1 } })
  await provider.send(aHandoff())
  await server.dropConnections()
  const { outcomes } = await provider.send(aHandoff())
  // Whether the goodbye was read before or after the next mail took the connection is chance.
  expect(['accepted', 'unsent']).toContain(outcomes[0]?.kind)
  expect((await provider.send(aHandoff())).outcomes).toMatchObject([{ kind: 'accepted' }])
})

test('calls share connections, at most as many as the route allows', async () => {
  await using server = await new SesServer().listen()
  await using provider = sesProviderTo(server, { settings: { max_connections: 2 } })
  await Promise.all(Array.from({ length: 12 }, () => provider.send(aHandoff())))
  expect(server.mails.length).toBe(12)
  expect(server.connections).toBeLessThanOrEqual(2)
})

test('what is under way when a route closes is finished, what is not answered in time is left open', async () => {
  await using server = await new SesServer().listen()
  const provider = sesProviderTo(server)
  server.next('silence')
  const sending = provider.send(aHandoff())
  await server.seen(1)
  await provider.close(10)
  expect((await sending).outcomes).toMatchObject([{ kind: 'unknown' }])
})
