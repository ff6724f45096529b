import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import type { FailureClass } from '../../../../src/mail/failure.ts'
import { aHandoff } from '../../../support/handoff.ts'
import { providerTo, type RouteWishes } from '../../../support/smtp-route.ts'
import type { SmtpScript } from '../../../support/smtp-script.ts'
import { smtpServer } from '../../../support/smtp-server.ts'
import { expired, good, selfSigned, wrongName } from '../../../support/tls.ts'

const STARTTLS = { host: 'smtp.test', security: 'starttls' } as const
const IMPLICIT = { host: 'smtp.test', security: 'tls' } as const
const UNVERIFIED = { verify: false, fingerprint: null, ca: null }

test.each([
  ['STARTTLS', STARTTLS, { tls: { mode: 'starttls' } }],
  ['TLS from the first byte', IMPLICIT, { tls: { mode: 'implicit' } }],
] as const)('with %s the mail goes encrypted and verified, by the name that was dialled', async (_, route, script) => {
  await using server = await smtpServer(script)
  await using provider = providerTo(server, route)
  const { outcomes, trace } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(trace.tls).toEqual({ version: 'TLSv1.3', cipher: expect.stringContaining('TLS_'), verified: true })
  expect(server.connections).toMatchObject([{ tls: 'TLSv1.3', servername: 'smtp.test' }])
  expect(Object.keys(trace.stagesMs)).toEqual(expect.arrayContaining(['tcp', 'banner', 'ehlo', 'tls', 'mail', 'dot']))
})

test('after STARTTLS everything known before is forgotten, and EHLO is said again', async () => {
  await using server = await smtpServer({ tls: { mode: 'starttls' } })
  await using provider = providerTo(server, STARTTLS)
  await provider.send(aHandoff())
  expect(server.commands().slice(0, 3)).toEqual(['EHLO waybill.example.com', 'STARTTLS', 'EHLO waybill.example.com'])
})

const UNTRUSTED: readonly (readonly [string, SmtpScript, RouteWishes, FailureClass, 'tls' | 'starttls' | 'banner'])[] = [
  ['signed by itself', { tls: { mode: 'starttls', certificate: selfSigned } }, STARTTLS, 'tls_certificate_untrusted', 'tls'],
  ['expired', { tls: { mode: 'starttls', certificate: expired } }, STARTTLS, 'tls_certificate_expired', 'tls'],
  ['for another name', { tls: { mode: 'starttls', certificate: wrongName } }, STARTTLS, 'tls_certificate_name', 'tls'],
  [
    'signed by itself, from the first byte',
    { tls: { mode: 'implicit', certificate: selfSigned } },
    IMPLICIT,
    'tls_certificate_untrusted',
    'tls',
  ],
  ['old: only TLS 1.0', { tls: { mode: 'starttls', maxVersion: 'TLSv1' } }, STARTTLS, 'tls_failed', 'tls'],
  ['old: only TLS 1.1', { tls: { mode: 'implicit', maxVersion: 'TLSv1.1' } }, IMPLICIT, 'tls_failed', 'tls'],
  [
    'hanging in the handshake',
    { tls: { mode: 'starttls', hang: true } },
    { ...STARTTLS, timeouts: { tls: 50 } },
    'tls_failed',
    'tls',
  ],
  ['plain where TLS is expected', {}, { ...IMPLICIT, timeouts: { tls: 1_000 } }, 'tls_mode_mismatch', 'tls'],
  ['without STARTTLS', {}, STARTTLS, 'starttls_missing', 'starttls'],
  [
    'refusing STARTTLS',
    { tls: { mode: 'starttls' }, on: { STARTTLS: '454 4.7.0 TLS not available' } },
    STARTTLS,
    'tls_failed',
    'starttls',
  ],
  [
    'gone at STARTTLS',
    { tls: { mode: 'starttls' }, on: { STARTTLS: { afterwards: 'close' } } },
    STARTTLS,
    'connection_lost',
    'starttls',
  ],
]

test.each(UNTRUSTED)('a server that is %s gets no mail and no password', async (_, script, route, found, stage) => {
  const auth = { mechanisms: ['PLAIN', 'LOGIN'], user: 'ann', password: 'secret' }
  await using server = await smtpServer({ ...script, auth })
  await using provider = providerTo(server, { ...route, auth: { kind: 'password', user: 'ann', password: 'secret' } })
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { stage, class: found, scope: 'route' } }])
  expect(server.messages).toEqual([])
  expect(server.commands().filter((line) => /^(AUTH|MAIL)/.test(line))).toEqual([])
})

test.each(['250 2.0.0 forged\r\n', '250-forged\r\n250 PIPELINING\r\n', 'x', '250 '])(
  'bytes slipped in behind the answer to STARTTLS end the connection: %j',
  async (raw) => {
    await using server = await smtpServer({ tls: { mode: 'starttls' }, on: { STARTTLS: { reply: '220 go ahead', raw } } })
    await using provider = providerTo(server, STARTTLS)
    const { outcomes } = await provider.send(aHandoff())
    expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { stage: 'starttls', class: 'protocol_error' } }])
    expect(server.messages).toEqual([])
  },
)

test('a pinned certificate is trusted for its fingerprint, however it is written, and no other is', async () => {
  await using server = await smtpServer({ tls: { mode: 'starttls', certificate: selfSigned } })
  const fingerprint = new X509Certificate(selfSigned.cert).fingerprint256
  for (const written of [fingerprint, fingerprint.replaceAll(':', '').toLowerCase()]) {
    await using provider = providerTo(server, { ...STARTTLS, tls: { verify: true, fingerprint: written, ca: null } })
    const { outcomes, trace } = await provider.send(aHandoff())
    expect(outcomes).toMatchObject([{ kind: 'accepted' }])
    expect(trace.tls?.verified).toBe(true)
  }
  const other = new X509Certificate(good.cert).fingerprint256
  await using provider = providerTo(server, { ...STARTTLS, tls: { verify: true, fingerprint: other, ca: null } })
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { stage: 'tls', scope: 'route' } }])
})

test('verification can be left out by choice, and the evidence says so', async () => {
  await using server = await smtpServer({ tls: { mode: 'starttls', certificate: expired } })
  await using provider = providerTo(server, { ...STARTTLS, tls: UNVERIFIED })
  const { outcomes, trace } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(trace.tls?.verified).toBe(false)
})

test('an address is verified as an address, without a server name', async () => {
  await using server = await smtpServer({ tls: { mode: 'implicit' } })
  await using provider = providerTo(server, { security: 'tls' })
  expect((await provider.send(aHandoff())).outcomes).toMatchObject([{ kind: 'accepted' }])
  expect(server.connections).toMatchObject([{ servername: null }])
})

test('optional encryption is used when offered, unverified, and done without when it fails', async () => {
  const OPTIONAL = { host: 'smtp.test', security: 'opportunistic' } as const
  await using encrypted = await smtpServer({ tls: { mode: 'starttls', certificate: selfSigned } })
  await using first = providerTo(encrypted, OPTIONAL)
  expect((await first.send(aHandoff())).trace.tls).toMatchObject({ verified: false })

  await using plain = await smtpServer()
  await using second = providerTo(plain, OPTIONAL)
  expect(await second.send(aHandoff())).toMatchObject({ outcomes: [{ kind: 'accepted' }], trace: { tls: null } })

  await using old = await smtpServer({ tls: { mode: 'starttls', maxVersion: 'TLSv1' } })
  await using third = providerTo(old, OPTIONAL)
  expect(await third.send(aHandoff())).toMatchObject({ outcomes: [{ kind: 'accepted' }], trace: { tls: null } })
})

test('optional encryption that the server offers and then refuses is done without', async () => {
  await using server = await smtpServer({ tls: { mode: 'starttls' }, on: { STARTTLS: '454 4.7.0 TLS not available' } })
  await using provider = providerTo(server, { host: 'smtp.test', security: 'opportunistic' })
  expect(await provider.send(aHandoff())).toMatchObject({ outcomes: [{ kind: 'accepted' }], trace: { tls: null } })
})

test('optional encryption that fails is no excuse to send a password in clear', async () => {
  const auth = { mechanisms: ['PLAIN'], user: 'ann', password: 'secret' }
  await using old = await smtpServer({ tls: { mode: 'starttls', maxVersion: 'TLSv1' }, auth })
  await using provider = providerTo(old, {
    host: 'smtp.test',
    security: 'opportunistic',
    auth: { kind: 'password', user: 'ann', password: 'secret' },
  })
  expect((await provider.send(aHandoff())).outcomes).toMatchObject([{ kind: 'blocked', failure: { stage: 'tls' } }])
  expect(old.commands().filter((line) => line.startsWith('AUTH'))).toEqual([])
})

test('many messages go over TLS as over a plain connection', async () => {
  await using server = await smtpServer({ tls: { mode: 'starttls' } })
  await using provider = providerTo(server, { ...STARTTLS, limits: { maxConnections: 2, maxMessagesPerConnection: 5 } })
  const recipients = Array.from({ length: 30 }, (_, index) => `r${index}@example.org`)
  const results = await Promise.all(recipients.map((recipient) => provider.send(aHandoff({ recipients: [recipient] }))))
  expect(results.every(({ outcomes }) => outcomes[0]?.kind === 'accepted')).toBe(true)
  expect(results.every(({ trace }) => trace.tls?.verified === true)).toBe(true)
  expect(server.received().toSorted()).toEqual(recipients.toSorted())
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a second connection resumes the %s session of the first, and is verified by it',
  async (maxVersion) => {
    await using server = await smtpServer({ tls: { mode: 'implicit', maxVersion } })
    await using provider = providerTo(server, { ...IMPLICIT, limits: { maxConnections: 1, maxMessagesPerConnection: 1 } })
    for (let count = 0; count < 3; count += 1) {
      const { outcomes, trace } = await provider.send(aHandoff())
      expect(outcomes).toMatchObject([{ kind: 'accepted' }])
      expect(trace.tls).toMatchObject({ version: maxVersion, verified: true })
    }
    expect(server.connections.map(({ resumed }) => resumed)).toEqual([false, true, true])
  },
)
