import { expect, test } from 'vitest'
import type { ApiAct } from '../../../support/api-server.ts'
import { aHandoff } from '../../../support/handoff.ts'
import { ScalewayServer, scalewayProviderTo } from '../../../support/scaleway-server.ts'

const content = 'From: ann@example.com\r\nTo: bob@example.org\r\nSubject: A long subject\r\n\r\nHello, how are you?\r\n'
const wrong = (argument_name: string, help_message = 'is not valid'): ApiAct => ({
  status: 400,
  body: {
    type: 'invalid_arguments',
    message: 'invalid argument(s)',
    details: [{ argument_name, reason: 'constraint', help_message }],
  },
})
const page = '<!DOCTYPE html><html><body><h1>503 Service Unavailable</h1></body></html>'
const mail = (more: object) => ({ status: 200, body: { emails: [{ id: 'x', mail_rcpt: 'bob@example.org', ...more }] } })

test.each([
  ['a wrong subject', wrong('subject'), 'rejected', 'message_malformed', null],
  ['a sender that may not', wrong('from.email', 'domain not checked'), 'blocked', 'sender_rejected', null],
  ['a wrong recipient', wrong('to.0.email'), 'rejected', 'recipient_refused', null],
  ['a wrong file', wrong('attachments.0.type'), 'rejected', 'content_unsupported', null],
  ['a wrong project', wrong('project_id'), 'blocked', 'configuration_wrong', null],
  [
    'a wrong key',
    { status: 401, body: { type: 'denied_authentication', message: 'authentication is denied' } },
    'blocked',
    'auth_failed',
    null,
  ],
  [
    'a key without the permission',
    { status: 403, body: { type: 'permissions_denied', message: 'insufficient permissions' } },
    'blocked',
    'sending_disabled',
    null,
  ],
  [
    'a used up quota',
    {
      status: 403,
      body: { type: 'quotas_exceeded', message: 'quota exceeded', details: [{ resource: 'emails', quota: 10000 }] },
    },
    'blocked',
    'quota_exhausted',
    null,
  ],
  [
    'too many requests',
    { status: 429, body: { type: 'too_many_requests', message: 'slow down' } },
    'blocked',
    'rate_limited',
    null,
  ],
  [
    'too many requests, with a wait',
    { status: 429, headers: { 'retry-after': '7' }, body: { type: 'too_many_requests' } },
    'blocked',
    'rate_limited',
    7,
  ],
  ['too many requests, without words', { status: 429, body: '' }, 'blocked', 'rate_limited', null],
  ['trouble of its own', { status: 500, body: { message: 'internal error' } }, 'deferred', 'remote_temporary', null],
  ['an error page', { status: 503, headers: { 'content-type': 'text/html' }, body: page }, 'blocked', 'service_closing', null],
  [
    'an error told with a success',
    { status: 200, body: { type: 'quotas_exceeded', message: 'quota exceeded' } },
    'blocked',
    'quota_exhausted',
    null,
  ],
  [
    'an error without a type, with a success',
    { status: 200, body: { message: 'not now' } },
    'deferred',
    'unknown_temporary',
    null,
  ],
  [
    'a mail that failed at once',
    mail({ status: 'failed', status_details: 'recipient is in the blocklist' }),
    'rejected',
    'recipient_refused',
    null,
  ],
  ['a success for somebody else', mail({ mail_rcpt: 'eve@example.org' }), 'unknown', 'no_reply_after_dot', null],
  ['a success that is a page', { status: 200, body: page }, 'unknown', 'no_reply_after_dot', null],
  [
    'a redirect',
    { status: 301, headers: { location: 'https://elsewhere.example/' }, body: '' },
    'blocked',
    'configuration_wrong',
    null,
  ],
  ['half an answer', 'half an answer', 'unknown', 'no_reply_after_dot', null],
  ['a broken connection after the request', 'reset', 'unknown', 'no_reply_after_dot', null],
] as readonly (readonly [string, ApiAct, string, string, number | null])[])(
  '%s is told as what it is',
  async (_, act, kind, found, wait) => {
    await using server = await new ScalewayServer().listen()
    await using provider = scalewayProviderTo(server)
    server.next(act)
    const { outcomes, trace } = await provider.send(aHandoff({ content }))
    expect(outcomes).toMatchObject([{ kind, failure: { class: found, retryAfterSeconds: wait } }])
    expect(trace.transcript).toContain('POST /emails')
  },
)

test('no answer at all leaves it open whether the mail was taken', async () => {
  await using server = await new ScalewayServer().listen()
  await using provider = scalewayProviderTo(server, { timeouts: { answer: 50 } })
  server.next('silence')
  expect((await provider.send(aHandoff({ content }))).outcomes).toMatchObject([{ kind: 'unknown' }])
})

test('a connection that breaks before the request is whole takes nothing with it', async () => {
  await using server = await new ScalewayServer().listen()
  await using provider = scalewayProviderTo(server)
  server.next('reset at once')
  // Far more than the buffers between us hold: the far end is gone while most of it has not left.
  const long = `${content}${`${'x'.repeat(76)}\r\n`.repeat(20_000)}`
  let left = false
  const { outcomes } = await provider.send(aHandoff({ content: long, bodyLeft: () => void (left = true) }))
  expect(outcomes[0]?.kind).toBe(left ? 'unknown' : 'deferred')
})

test('a key never stands in what is kept of an attempt', async () => {
  await using server = await new ScalewayServer().listen()
  await using provider = scalewayProviderTo(server, { secret: 'a planted canary' })
  const { outcomes, trace } = await provider.send(aHandoff({ content }))
  expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { class: 'auth_failed' } }])
  expect(JSON.stringify({ outcomes, trace })).not.toContain('canary')
})
