import { expect, test } from 'vitest'
import { connectTcp } from '../../../../src/delivery/providers/smtp/dial.ts'
import { fixedResolver } from '../../../support/dns.ts'
import { aHandoff } from '../../../support/handoff.ts'
import { providerTo } from '../../../support/smtp-route.ts'
import { smtpServer } from '../../../support/smtp-server.ts'

const ANN = { user: 'ann@example.com', password: 'pässwörd' }
const PASSWORD = { kind: 'password', ...ANN } as const
const TOKEN = { kind: 'xoauth2', user: ANN.user, accessToken: async () => 'token-1' } as const

test.each([
  [['PLAIN', 'LOGIN'], /^AUTH PLAIN \S+$/],
  [['LOGIN'], /^AUTH LOGIN$/],
  [['CRAM-MD5', 'LOGIN', 'XOAUTH2'], /^AUTH LOGIN$/],
] as const)('of %j the log-in that we can do is chosen, once a connection', async (mechanisms, said) => {
  await using server = await smtpServer({ auth: { mechanisms, ...ANN } })
  await using provider = providerTo(server, { auth: PASSWORD, limits: { maxConnections: 1 } })
  for (let count = 0; count < 3; count += 1)
    expect((await provider.send(aHandoff())).outcomes).toMatchObject([{ kind: 'accepted' }])
  const logIns = server.commands().filter((line) => line.startsWith('AUTH'))
  expect(logIns).toEqual([expect.stringMatching(said)])
})

test('an access token logs in by XOAUTH2', async () => {
  await using server = await smtpServer({ auth: { mechanisms: ['PLAIN', 'XOAUTH2'], user: ANN.user, password: 'token-1' } })
  await using provider = providerTo(server, { auth: TOKEN })
  expect((await provider.send(aHandoff())).outcomes).toMatchObject([{ kind: 'accepted' }])
})

test('a refused token: the explanation of the server is ended with an empty line, and its 535 is the answer', async () => {
  await using server = await smtpServer({ auth: { mechanisms: ['XOAUTH2'], user: ANN.user, password: 'another-token' } })
  await using provider = providerTo(server, { auth: TOKEN })
  const { outcomes } = await provider.send(aHandoff())
  expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { stage: 'auth', reply: { code: 535 } } }])
  expect(server.connections[0]?.commands.at(-1)).toBe('')
})

test('a token that cannot be had blocks the route at its log-in', async () => {
  await using server = await smtpServer({ auth: { mechanisms: ['XOAUTH2'], user: ANN.user, password: 'x' } })
  for (const accessToken of [() => Promise.reject(new Error('the grant was revoked')), () => new Promise<never>(() => {})]) {
    await using provider = providerTo(server, { auth: { ...TOKEN, accessToken }, timeouts: { auth: 40 } })
    const { outcomes } = await provider.send(aHandoff())
    expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { stage: 'auth' } }])
  }
})

test.each([
  ['535 5.7.8 authentication failed', 'auth_failed'],
  ['534 5.7.9 application-specific password required', 'auth_app_password'],
  ['535 5.7.139 SmtpClientAuthentication is disabled for the tenant', 'auth_disabled'],
  ['454 4.7.0 temporary authentication failure', 'auth_temporary'],
  ['421 4.7.0 too many attempts', 'auth_temporary'],
] as const)('a log-in answered with "%s" blocks the route after one attempt', async (reply, found) => {
  await using server = await smtpServer({ auth: { mechanisms: ['PLAIN'], ...ANN }, on: { AUTH: reply } })
  await using provider = providerTo(server, { auth: PASSWORD })
  const results = await Promise.all(Array.from({ length: 20 }, () => provider.send(aHandoff())))
  for (const { outcomes } of results) {
    expect(outcomes).toMatchObject([{ kind: 'blocked', failure: { stage: 'auth', class: found, scope: 'route' } }])
  }
  expect(server.commands().filter((line) => line.startsWith('AUTH'))).toHaveLength(1)
})

test.each([
  ['hangs up', { afterwards: 'close' }],
  ['is silent', { afterwards: 'silence' }],
] as const)('a server that %s at the log-in blocks the route', async (_, act) => {
  await using server = await smtpServer({ auth: { mechanisms: ['PLAIN'], ...ANN }, on: { AUTH: act } })
  await using provider = providerTo(server, { auth: PASSWORD, timeouts: { auth: 50 } })
  expect((await provider.send(aHandoff())).outcomes).toMatchObject([
    { kind: 'blocked', failure: { stage: 'auth', scope: 'route' } },
  ])
})

test.each([
  ['offers no log-in', undefined],
  ['offers only what we cannot do', { mechanisms: ['GSSAPI', 'CRAM-MD5'], ...ANN }],
] as const)('a server that %s is told apart from a wrong password', async (_, auth) => {
  await using server = await smtpServer({ ...(auth && { auth }) })
  await using provider = providerTo(server, { auth: PASSWORD })
  expect((await provider.send(aHandoff())).outcomes).toMatchObject([
    { kind: 'blocked', failure: { stage: 'auth', class: 'auth_unsupported' } },
  ])
})

test('neither password nor token is in any transcript', async () => {
  const secrets = [
    ANN.password,
    Buffer.from(ANN.password).toString('base64'),
    Buffer.from(`\0${ANN.user}\0${ANN.password}`).toString('base64'),
  ]
  for (const mechanisms of [['PLAIN'], ['LOGIN']]) {
    await using server = await smtpServer({
      auth: { mechanisms, ...ANN },
      on: { PASSWORD: '535 5.7.8 no', MAIL: '550 5.7.1 no' },
    })
    for (const password of [ANN.password, 'wrong']) {
      await using provider = providerTo(server, { auth: { ...PASSWORD, password } })
      const { trace } = await provider.send(aHandoff())
      expect(trace.transcript).toContain(`AUTH ${mechanisms[0]}`)
      for (const secret of [...secrets, 'wrong', Buffer.from('wrong').toString('base64')])
        expect(trace.transcript).not.toContain(secret)
    }
  }
})

test('no user name, password or token can forge another field of the log-in', async () => {
  await using server = await smtpServer({ auth: { mechanisms: ['PLAIN', 'XOAUTH2'], ...ANN } })
  const forged = [
    { ...PASSWORD, user: 'ann\0root' },
    { ...PASSWORD, user: 'ann\r\nMAIL FROM:<x@example.com>' },
    { ...PASSWORD, password: 'a\0b' },
    { ...TOKEN, user: 'ann\x01auth=Bearer other' },
    { ...TOKEN, accessToken: async () => 'token\x01\x01' },
  ]
  for (const auth of forged) {
    await using provider = providerTo(server, { auth })
    expect((await provider.send(aHandoff())).outcomes).toMatchObject([{ kind: 'blocked', failure: { stage: 'auth' } }])
  }
  expect(server.commands().filter((line) => /^(AUTH|MAIL)/.test(line))).toEqual([])
})

test('with optional encryption that is not offered a password does not leave, unless the server is this machine', async () => {
  await using server = await smtpServer({ auth: { mechanisms: ['PLAIN'], ...ANN } })
  await using near = providerTo(server, { auth: PASSWORD, security: 'opportunistic' })
  expect((await near.send(aHandoff())).outcomes).toMatchObject([{ kind: 'accepted' }])

  const connect: typeof connectTcp = (target) => connectTcp({ ...target, address: '127.0.0.1' })
  const resolver = fixedResolver({ 'smtp.test': ['198.51.100.7'] })
  await using far = providerTo(server, { host: 'smtp.test', auth: PASSWORD, security: 'opportunistic' }, { connect, resolver })
  expect((await far.send(aHandoff())).outcomes).toMatchObject([{ kind: 'blocked', failure: { class: 'starttls_missing' } }])
  expect(server.commands().filter((line) => line.startsWith('AUTH'))).toHaveLength(1)
})

test.each(['PLAIN', 'LOGIN'])(
  'a server that says the secret back, in whatever form, does not put it before people (%s)',
  async (mechanism) => {
    const secret = 'correct horse battery'
    const forms = [secret, Buffer.from(secret).toString('base64'), Buffer.from(`\0${ANN.user}\0${secret}`).toString('base64')]
    const answer = `535-5.7.8 no: ${forms.join(', ')}\r\n535 5.7.8 really no: ${secret}`
    const moment = mechanism === 'PLAIN' ? 'AUTH' : 'PASSWORD'
    await using server = await smtpServer({
      auth: { mechanisms: [mechanism], user: ANN.user, password: 'another' },
      on: { [moment]: answer },
    })
    await using provider = providerTo(server, { auth: { kind: 'password', user: ANN.user, password: secret } })
    const result = await provider.send(aHandoff())
    const told = JSON.stringify(result)
    expect(told).toContain('<hidden>')
    for (const form of mechanism === 'PLAIN' ? forms : forms.slice(0, 2)) expect(told).not.toContain(form)
  },
)
