import { X509Certificate } from 'node:crypto'
import { Socket } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Connect } from '../../../src/delivery/providers/smtp/dial.ts'
import { connectTcp } from '../../../src/delivery/providers/smtp/dial.ts'
import { checkConnection } from '../../../src/insight/doctor/connection.ts'
import type { DoctorDeps, Progress } from '../../../src/insight/doctor/examination.ts'
import type { Check, ConnectionInput, ConnectionPatch, DoctorReport } from '../../../src/insight/doctor/report.ts'
import { machineClock } from '../../../src/lib/clock.ts'
import { fixedResolver } from '../../support/dns.ts'
import { gate } from '../../support/gate.ts'
import { refusedPort, type ScriptedSmtpServer, smtpServer } from '../../support/smtp-server.ts'
import { authority, expired, selfSigned, wrongName } from '../../support/tls.ts'

const STARTTLS = { tls: { mode: 'starttls' } } as const
const IMPLICIT = { tls: { mode: 'implicit' } } as const
const ACCOUNT = { mechanisms: ['PLAIN', 'LOGIN'], user: 'ann@smtp.test', password: 'right' }

/** Limits that a test can wait for; everything else as in production. */
const QUICK = { silence: 300, greeting: 900, tcp: 2_000, quit: 300 }

async function examine(
  input: Partial<ConnectionInput> & { port: number },
  deps: Partial<DoctorDeps> = {},
): Promise<DoctorReport> {
  return checkConnection(
    { host: 'smtp.test', security: 'starttls', from: 'ann@smtp.test', allow_private: true, ...input },
    {
      resolver: fixedResolver({ 'smtp.test': ['127.0.0.1'], 'other.test': ['127.0.0.1'], 'mail.smtp.test': ['192.0.2.1'] }),
      clock: machineClock,
      heloName: 'waybill.example.org',
      inContainer: false,
      certificateAuthorities: [authority],
      usualPorts: [],
      comparisonPort: 1,
      limits: QUICK,
      ...deps,
    },
  )
}

function check(report: DoctorReport, id: string): Check {
  const found = report.checks.find((one) => one.id === id)
  if (!found) throw new Error(`no check ${id} in ${report.checks.map((one) => one.id).join(', ')}`)
  return found
}

function patches(report: DoctorReport, id: string): readonly ConnectionPatch[] {
  return check(report, id).fixes.map(({ patch }) => patch)
}

/** The check that explains the failure: the first that failed. */
function verdict(report: DoctorReport): string | undefined {
  return report.checks.find(({ status }) => status === 'fail')?.id
}

const talked = (server: ScriptedSmtpServer, verb: string) => server.commands().filter((line) => line.startsWith(verb)).length

test('a server in order passes every check, and is offered no mail', async () => {
  await using server = await smtpServer({ ...STARTTLS, auth: ACCOUNT })
  const report = await examine({ port: server.port, user: 'ann@smtp.test', password: 'right', to: 'bob@example.org' })

  expect(report.checks.filter(({ status }) => status !== 'ok')).toEqual([])
  expect(report).toMatchObject({
    ok: true,
    summary: `smtp.test:${server.port} answers, encrypts, accepts the log-in and takes the sender and the recipient.`,
  })
  expect(report.checks.map(({ id }) => id)).toEqual([
    'settings',
    'name',
    'connection',
    'ports',
    'greeting',
    'capabilities',
    'encryption',
    'certificate',
    'capabilities_encrypted',
    'login',
    'sender',
    'recipient',
  ])
  expect(server.commands().slice(-4)).toEqual(['MAIL FROM:<ann@smtp.test>', 'RCPT TO:<bob@example.org>', 'RSET', 'QUIT'])
  expect(talked(server, 'DATA') + talked(server, 'BDAT')).toBe(0)
  expect(server.messages).toEqual([])
})

test('TLS from the first byte is walked in its own order', async () => {
  await using server = await smtpServer({ ...IMPLICIT, auth: ACCOUNT })
  const report = await examine({ port: server.port, security: 'tls', user: 'ann@smtp.test', password: 'right' })
  expect(report.ok).toBe(true)
  expect(report.checks.map(({ id }) => id)).toEqual([
    'settings',
    'name',
    'connection',
    'ports',
    'encryption',
    'certificate',
    'greeting',
    'capabilities',
    'login',
    'sender',
    'recipient',
  ])
  expect(server.connections.at(-1)?.servername).toBe('smtp.test')
})

test('a refused port is told as such; the usual ports are tried, and one that greets can be applied', async () => {
  await using plain = await smtpServer(STARTTLS)
  await using implicit = await smtpServer(IMPLICIT)
  const report = await examine(
    { port: await refusedPort(), user: 'ann@smtp.test', password: 'right' },
    {
      usualPorts: [
        { port: plain.port, security: 'starttls' },
        { port: implicit.port, security: 'starttls' },
      ],
    },
  )
  expect(verdict(report)).toBe('connection')
  expect(check(report, 'connection').cause).toMatch(/^Connection refused by 127\.0\.0\.1:\d+/)
  expect(patches(report, 'connection')).toEqual([
    { port: plain.port, security: 'starttls' },
    { port: implicit.port, security: 'tls' },
  ])
  expect(check(report, 'ports').evidence).toContain(`${plain.port} open`)
  expect(check(report, 'login')).toMatchObject({ status: 'skip', evidence: 'Not reached.' })
  expect(talked(plain, 'AUTH') + talked(implicit, 'AUTH')).toBe(0)
})

test('a suggested patch, applied, passes', async () => {
  await using server = await smtpServer(IMPLICIT)
  const settings = { port: await refusedPort() }
  const usualPorts = [{ port: server.port, security: 'tls' as const }]
  const broken = await examine(settings, { usualPorts })
  const mended = await examine({ ...settings, ...patches(broken, 'connection')[0] }, { usualPorts })
  expect([broken.ok, mended.ok]).toEqual([false, true])
})

test('a port without any answer is not a refused one; that only the mail ports are silent accuses the provider', async () => {
  await using web = await smtpServer()
  const silent: Connect = (target) => (target.port === web.port ? connectTcp(target) : new Socket())
  const report = await examine(
    { port: 2526 },
    {
      connect: silent,
      usualPorts: [{ port: 2527, security: 'starttls' }],
      comparisonPort: web.port,
      limits: { ...QUICK, tcp: 100 },
    },
  )
  expect(verdict(report)).toBe('connection')
  expect(check(report, 'connection').evidence).toBe('127.0.0.1:2526 no answer')
  expect(check(report, 'connection').cause).toContain('none of the mail ports')
  expect(check(report, 'ports').evidence).toBe(`2527 no answer; for comparison ${web.port} open`)
})

test('one address that does not answer is a warning, and the other is used', async () => {
  await using server = await smtpServer(STARTTLS)
  const report = await examine(
    { port: server.port },
    {
      resolver: fixedResolver({ 'smtp.test': ['127.0.0.2', '127.0.0.1'] }),
      connect: (target) => (target.address === '127.0.0.2' ? new Socket() : connectTcp(target)),
      limits: { ...QUICK, tcp: 200 },
    },
  )
  expect(report.ok).toBe(true)
  expect(check(report, 'connection')).toMatchObject({ status: 'warn' })
  expect(check(report, 'connection').evidence).toMatch(/^127\.0\.0\.2:\d+ no answer, 127\.0\.0\.1:\d+ connected in \d+ ms$/)
})

test('a name that does not exist is told from a name server that does not answer, and a slip is corrected', async () => {
  const resolver = fixedResolver({ 'broken.test': 'servfail', 'slow.test': 'timeout' })
  const typo = await examine({ host: 'smtp.exmaple.com', port: 587 }, { resolver })
  expect(verdict(typo)).toBe('name')
  expect(check(typo, 'name').cause).toContain('does not exist')
  expect(patches(typo, 'name')).toEqual([{ host: 'smtp.example.com' }])
  for (const host of ['broken.test', 'slow.test']) {
    const report = await examine({ host, port: 587 }, { resolver })
    expect(check(report, 'name').cause).toContain('could not be looked up')
    expect(patches(report, 'name')).toEqual([])
  }
})

test('a private address is not dialled unless it is allowed, and allowing it can be applied', async () => {
  await using server = await smtpServer(STARTTLS)
  const report = await examine(
    { port: server.port, allow_private: false },
    { usualPorts: [{ port: server.port, security: 'starttls' }] },
  )
  expect(verdict(report)).toBe('name')
  expect(patches(report, 'name')).toEqual([{ allow_private: true }])
  expect(server.connections).toHaveLength(0)
})

test('a link-local address is never dialled: cloud providers keep their secrets there', async () => {
  const dialled: string[] = []
  const report = await examine(
    { host: 'metadata.test', port: 25 },
    {
      resolver: fixedResolver({ 'metadata.test': ['169.254.169.254'] }),
      connect: (target) => {
        dialled.push(target.address)
        return new Socket()
      },
    },
  )
  expect(verdict(report)).toBe('name')
  expect(dialled).toEqual([])
})

test('a port that waits for TLS is found out while the plain connection still waits', async () => {
  await using server = await smtpServer(IMPLICIT)
  const report = await examine({ port: server.port })
  expect(verdict(report)).toBe('greeting')
  expect(check(report, 'greeting').cause).toContain('expects TLS from the first byte')
  expect(patches(report, 'greeting')).toEqual([{ security: 'tls' }])
  expect((await examine({ port: server.port, ...patches(report, 'greeting')[0] })).ok).toBe(true)
})

test('TLS spoken to a port that begins in plain text is told, with STARTTLS to apply', async () => {
  await using server = await smtpServer(STARTTLS)
  const report = await examine({ port: server.port, security: 'tls' })
  expect(verdict(report)).toBe('encryption')
  expect(check(report, 'encryption').cause).toContain('begins in plain text')
  expect(patches(report, 'encryption')).toEqual([{ security: 'starttls' }])
})

test('silence after the connection, in plain text and in TLS, is a server that does not greet', async () => {
  await using server = await smtpServer({ on: { CONNECT: { afterwards: 'silence' } } })
  const report = await examine({ port: server.port })
  expect(verdict(report)).toBe('greeting')
  expect(check(report, 'greeting').cause).toContain('did not greet us')
})

test.each([
  { says: '421 4.3.2 service not available', cause: 'too busy' },
  { says: '554 5.7.1 you are blocked', cause: 'turned us away' },
])('a greeting of "$says" is shown with what it means', async ({ says, cause }) => {
  await using server = await smtpServer({ on: { CONNECT: { reply: says, afterwards: 'close' } } })
  const report = await examine({ port: server.port })
  expect(verdict(report)).toBe('greeting')
  expect(check(report, 'greeting').evidence).toContain(says)
  expect(check(report, 'greeting').cause).toContain(cause)
})

test.each([
  { raw: '* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n', evidence: 'an IMAP server' },
  { raw: 'HTTP/1.1 400 Bad Request\r\n\r\n', evidence: 'a web server' },
  { raw: '\x15\x03\x01\x00\x02\x02\x0a', evidence: 'a TLS record' },
])('another service behind the port is recognised: $evidence', async ({ raw, evidence }) => {
  await using server = await smtpServer({ on: { CONNECT: { raw, afterwards: 'close' } } })
  const report = await examine({ port: server.port })
  expect(verdict(report)).toBe('greeting')
  expect(check(report, 'greeting').evidence).toContain(evidence)
})

test('a HELO name that is refused can be replaced by one of the sender that the DNS knows', async () => {
  await using server = await smtpServer({ on: { EHLO: '550 5.7.1 invalid HELO name' } })
  const report = await examine({ port: server.port, security: 'none', helo_name: 'localhost' })
  expect(verdict(report)).toBe('capabilities')
  expect(patches(report, 'capabilities')).toEqual([{ helo_name: 'mail.smtp.test' }])
})

test('a HELO name that the DNS does not know is a warning, though this server takes it', async () => {
  await using server = await smtpServer(STARTTLS)
  const report = await examine({ port: server.port, helo_name: 'mail.unknown.test' })
  expect(check(report, 'capabilities')).toMatchObject({
    status: 'warn',
    cause: expect.stringContaining('does not know the HELO name'),
  })
  expect(check(await examine({ port: server.port, helo_name: 'mail.smtp.test' }), 'capabilities').status).toBe('ok')
})

test('a HELO name that would become a command of its own is never said', async () => {
  await using server = await smtpServer(STARTTLS)
  const report = await examine({ port: server.port, helo_name: 'mail.smtp.test\r\nMAIL FROM:<>' })
  expect(verdict(report)).toBe('settings.helo_name')
  expect(server.connections).toHaveLength(0)
})

test('a server that knows HELO only is a warning where nothing more is needed', async () => {
  await using server = await smtpServer({ on: { EHLO: '502 5.5.1 what?' } })
  expect(check(await examine({ port: server.port, security: 'none' }), 'capabilities')).toMatchObject({ status: 'warn' })
})

test('missing STARTTLS is told; an encrypted port beside it is suggested first, plain text only on a private network', async () => {
  await using server = await smtpServer()
  await using beside = await smtpServer(IMPLICIT)
  const report = await examine({ port: server.port }, { usualPorts: [{ port: beside.port, security: 'tls' }] })
  expect(verdict(report)).toBe('encryption')
  expect(patches(report, 'encryption')).toEqual([{ port: beside.port, security: 'tls' }, { security: 'none' }])
})

test('STARTTLS that is offered and then refused is shown with its reply', async () => {
  await using server = await smtpServer({ ...STARTTLS, on: { STARTTLS: '454 4.7.0 TLS not available' } })
  const report = await examine({ port: server.port })
  expect(verdict(report)).toBe('encryption')
  expect(check(report, 'encryption').evidence).toBe('STARTTLS: 454 4.7.0 TLS not available')
})

test('what is sent in clear behind the answer to STARTTLS is an injection, and the log-in is not made', async () => {
  await using server = await smtpServer({
    ...STARTTLS,
    auth: ACCOUNT,
    on: { STARTTLS: { reply: '220 2.0.0 go', raw: '250 injected\r\n', afterwards: 'silence' } },
  })
  const report = await examine({ port: server.port, user: 'ann@smtp.test', password: 'right' })
  expect(verdict(report)).toBe('encryption')
  expect(check(report, 'encryption').evidence).toContain('between STARTTLS and the handshake')
  expect(talked(server, 'AUTH')).toBe(0)
})

test('a server that speaks TLS 1.0 only is told as that', async () => {
  await using server = await smtpServer({ tls: { mode: 'implicit', maxVersion: 'TLSv1' } })
  const report = await examine({ port: server.port, security: 'tls' })
  expect(verdict(report)).toBe('encryption')
  expect(check(report, 'encryption').evidence).toBe('The server speaks TLS 1.0 only.')
})

test('a handshake that never ends does not hold the doctor up', async () => {
  await using server = await smtpServer({ tls: { mode: 'implicit', hang: true } })
  const report = await examine({ port: server.port, security: 'tls' }, { limits: { ...QUICK, tls: 200 } })
  expect(verdict(report)).toBe('encryption')
})

test('a certificate for another name says which, and that name can be applied', async () => {
  await using server = await smtpServer({ tls: { mode: 'starttls', certificate: wrongName }, auth: ACCOUNT })
  const account = { user: 'ann@smtp.test', password: 'right' }
  const report = await examine({ port: server.port, ...account })
  expect(verdict(report)).toBe('certificate')
  expect(check(report, 'certificate').evidence).toMatch(/^For other\.test; issued by Waybill test authority; valid from \d{4}/)
  expect(patches(report, 'certificate')).toEqual([{ host: 'other.test' }])
  expect(talked(server, 'AUTH')).toBe(0)
  expect((await examine({ port: server.port, ...account, ...patches(report, 'certificate')[0] })).ok).toBe(true)
})

test('an expired certificate says since when, and nothing is suggested that would hide it', async () => {
  await using server = await smtpServer({ tls: { mode: 'implicit', certificate: expired } })
  const report = await examine({ port: server.port, security: 'tls' })
  expect(verdict(report)).toBe('certificate')
  expect(check(report, 'certificate').cause).toMatch(/^Expired \d+ days ago\./)
  expect(patches(report, 'certificate')).toEqual([])
})

test('a self-signed certificate can be pinned, and then passes', async () => {
  await using server = await smtpServer({ tls: { mode: 'starttls', certificate: selfSigned } })
  const report = await examine({ port: server.port })
  const fingerprint = new X509Certificate(selfSigned.cert).fingerprint256
  expect(verdict(report)).toBe('certificate')
  expect(patches(report, 'certificate')).toEqual([{ certificate_fingerprint: fingerprint }])
  expect((await examine({ port: server.port, certificate_fingerprint: fingerprint })).ok).toBe(true)
})

test('another certificate than the pinned one fails, whoever issued it', async () => {
  await using server = await smtpServer(STARTTLS)
  const report = await examine({
    port: server.port,
    certificate_fingerprint: new X509Certificate(selfSigned.cert).fingerprint256,
  })
  expect(verdict(report)).toBe('certificate')
  expect(patches(report, 'certificate').at(-1)).toEqual({ certificate_fingerprint: null })
})

test('a certificate that ends soon is a warning', async () => {
  await using server = await smtpServer(STARTTLS)
  const late = new Date('2126-10-20T00:00:00Z')
  const report = await examine({ port: server.port }, { clock: { ...machineClock, now: () => late } })
  expect(check(report, 'certificate')).toMatchObject({ status: 'warn', cause: expect.stringMatching(/^It expires in \d days\./) })
})

test('a wrong password is tried exactly once and appears nowhere', async () => {
  await using server = await smtpServer({
    ...STARTTLS,
    auth: ACCOUNT,
    on: { PASSWORD: '535 5.7.8 wr0ng-secret is not your password' },
  })
  const report = await examine({ port: server.port, user: 'ann@smtp.test', password: 'wr0ng-secret' })
  expect(verdict(report)).toBe('login')
  expect(check(report, 'login').cause).toContain('refused the user name or password')
  expect(talked(server, 'AUTH')).toBe(1)
  expect(talked(server, 'MAIL')).toBe(0)
  expect(JSON.stringify(report)).not.toContain('wr0ng-secret')
  expect(JSON.stringify(report)).not.toContain(Buffer.from('wr0ng-secret').toString('base64'))
})

test('AUTH LOGIN is spoken where PLAIN is missing', async () => {
  await using server = await smtpServer({ ...STARTTLS, auth: { ...ACCOUNT, mechanisms: ['LOGIN'] } })
  const report = await examine({ port: server.port, user: 'ann@smtp.test', password: 'right' })
  expect(check(report, 'login')).toMatchObject({ status: 'ok', evidence: expect.stringContaining('with LOGIN') })
})

test('a port without log-in is told as that', async () => {
  await using server = await smtpServer(STARTTLS)
  const report = await examine({ port: server.port, user: 'ann@smtp.test', password: 'right' })
  expect(verdict(report)).toBe('login')
  expect(check(report, 'login').cause).toContain('offers no log-in')
})

test.each([
  { moment: 'MAIL', says: '550 5.7.60 not allowed to send as this sender', id: 'sender', status: 'fail' },
  { moment: 'MAIL', says: '530 5.7.0 Authentication required', id: 'sender', status: 'fail' },
  { moment: 'RCPT', says: '550 5.1.1 no such user', id: 'recipient', status: 'fail' },
  { moment: 'RCPT', says: '554 5.7.1 relay access denied', id: 'recipient', status: 'fail' },
  { moment: 'RCPT', says: '450 4.2.0 greylisted, come back', id: 'recipient', status: 'warn' },
] as const)('"$says" at $moment is a $status of the $id', async ({ moment, says, id, status }) => {
  await using server = await smtpServer({ ...STARTTLS, on: { [moment]: says } })
  const report = await examine({ port: server.port, to: 'bob@example.org' })
  expect(check(report, id)).toMatchObject({ status, evidence: expect.stringContaining(says) })
  expect(report.ok).toBe(status !== 'fail')
})

test('without a sender nothing is offered, and the report says how to try more', async () => {
  await using server = await smtpServer(STARTTLS)
  const report = await examine({ port: server.port, from: null })
  expect(check(report, 'sender')).toMatchObject({ status: 'skip' })
  expect(report.ok).toBe(true)
})

test('an address beyond ASCII needs SMTPUTF8', async () => {
  await using server = await smtpServer({ ...STARTTLS, extensions: ['8BITMIME'] })
  expect(verdict(await examine({ port: server.port, to: 'josé@example.org' }))).toBe('sender')
  await using able = await smtpServer(STARTTLS)
  expect((await examine({ port: able.port, to: 'josé@example.org' })).ok).toBe(true)
  expect(able.commands()).toContain('MAIL FROM:<ann@smtp.test> SMTPUTF8')
})

test('a server that never stops talking costs bounded time, and the examination ends at its limit', async () => {
  await using server = await smtpServer({ ...STARTTLS, on: { EHLO: { afterwards: 'silence' } } })
  const report = await examine({ port: server.port }, { limits: { ...QUICK, total: 500 } })
  expect(report.checks.find(({ id }) => id === 'capabilities')).toMatchObject({
    status: 'skip',
    evidence: expect.stringContaining('was used up'),
  })
  await server.when(({ open }) => open === 0)
})

test('an examination can be stopped, and leaves no connection behind', async () => {
  const held = gate()
  await using server = await smtpServer({ ...STARTTLS, on: { EHLO: { reply: '250 late', after: held } } })
  const stop = new AbortController()
  const examined = examine({ port: server.port }, { signal: stop.signal })
  await held.reached
  stop.abort()
  expect(check(await examined, 'capabilities')).toMatchObject({ status: 'skip', evidence: 'The examination was stopped.' })
  await server.when(({ open }) => open === 0)
  held.open()
})

test('whatever a server says at whatever moment, there is a report', async () => {
  const words = fc.oneof(
    fc.string({ unit: 'binary-ascii', maxLength: 60 }),
    fc.constantFrom(
      '250-',
      '250 ',
      '999 x\r\n',
      '220 a\r\n220 b\r\n',
      '\r\n',
      '250-a\r\n251 b\r\n',
      `220 ${'x'.repeat(5_000)}\r\n`,
      '421 4.3.2 bye\r\n',
      '354 go on\r\n',
    ),
  )
  const moments = ['CONNECT', 'EHLO', 'STARTTLS', 'AUTH', 'MAIL', 'RCPT', 'RSET'] as const
  const limits = { ...QUICK, silence: 40, greeting: 80, reply: 80, login: 80, tls: 80, quit: 20 }
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...moments),
      words,
      fc.constantFrom('close', 'silence', undefined),
      async (moment, raw, afterwards) => {
        await using server = await smtpServer({
          ...STARTTLS,
          auth: ACCOUNT,
          on: { [moment]: { raw, ...(afterwards && { afterwards }) } },
        })
        const report = await examine({ port: server.port, user: 'ann@smtp.test', password: 'right' }, { limits })
        expect(report.checks).toHaveLength(12)
        for (const one of report.checks) expect(one.evidence).not.toMatch(/the check itself failed/i)
        expect(talked(server, 'AUTH')).toBeLessThanOrEqual(1)
      },
    ),
    { numRuns: 40 },
  )
})

test('settings that cannot be dialled are refused before anything is looked up', async () => {
  const report = await examine({ host: 'smtp://smtp.test', port: 587 })
  expect(verdict(report)).toBe('settings.host')
  expect(check(report, 'name').status).toBe('skip')
})

test('progress names what begins and gives every check as it ends', async () => {
  await using server = await smtpServer(STARTTLS)
  const progress: Progress[] = []
  const report = await checkConnection(
    { host: 'smtp.test', port: server.port, security: 'starttls', allow_private: true },
    {
      resolver: fixedResolver({ 'smtp.test': ['127.0.0.1'] }),
      clock: machineClock,
      heloName: 'waybill.example.org',
      inContainer: false,
      certificateAuthorities: [authority],
      usualPorts: [],
      limits: QUICK,
    },
    (step) => progress.push(step),
  )
  const finished = progress.flatMap((step) => (step.kind === 'finished' ? [step.check.id] : []))
  expect([...finished].sort()).toEqual(report.checks.map(({ id }) => id).sort())
  expect(progress.filter(({ kind }) => kind === 'started').length).toBeGreaterThan(5)
})
