import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lint } from '../../../src/insight/doctor/lint.ts'
import type { Check, ConnectionInput } from '../../../src/insight/doctor/report.ts'

const GOOD: ConnectionInput = {
  host: 'mail.example.org',
  port: 587,
  security: 'starttls',
  user: 'ann@example.org',
  password: 'secret',
}

function found(input: Partial<ConnectionInput>, inContainer = false): Check[] {
  return lint({ ...GOOD, ...input }, { inContainer })
}

function only(checks: readonly Check[]): Check {
  expect(checks).toHaveLength(1)
  return checks[0]!
}

test('settings without a fault are one check that says so', () => {
  expect(only(found({}))).toMatchObject({
    id: 'settings',
    status: 'ok',
    evidence: 'mail.example.org:587, STARTTLS, log-in as ann@example.org',
  })
})

test('no host at all is told as such, and the account says which service was probably meant', () => {
  const check = only(found({ host: '  ', user: 'ann@gmail.com' }))
  expect(check).toMatchObject({ id: 'settings.host', status: 'fail', evidence: 'no mail server is set' })
  expect(check.fixes[0]?.patch).toEqual({ host: 'smtp.gmail.com', port: 587, security: 'starttls' })
})

test.each([
  { typed: 'smtp://mail.example.org', patch: { host: 'mail.example.org' } },
  { typed: 'smtps://mail.example.org:465/', patch: { host: 'mail.example.org', port: 465, security: 'tls' } },
  { typed: 'smtp://user:pass@[2001:db8::1]:2525', patch: { host: '2001:db8::1', port: 2525 } },
  { typed: 'https://mail.example.org/webmail', patch: { host: 'mail.example.org' } },
  { typed: 'mail.example.org/', patch: { host: 'mail.example.org' } },
  { typed: ' mail.example.org', patch: { host: 'mail.example.org' } },
  { typed: 'mail.\u200bexample.org', patch: { host: 'mail.example.org' } },
  { typed: 'mail.example.org:2525', patch: { host: 'mail.example.org', port: 2525 } },
  { typed: '[192.0.2.7]', patch: { host: '192.0.2.7' } },
])('"$typed" in the field for the host is refused, with what was meant', ({ typed, patch }) => {
  const check = only(found({ host: typed }))
  expect(check).toMatchObject({ id: 'settings.host', status: 'fail' })
  expect(check.fixes[0]?.patch).toEqual(patch)
})

test('a password that was pasted with a URL is not shown again', () => {
  expect(JSON.stringify(found({ host: 'smtp://ann:hunter2@mail.example.org' }))).not.toContain('hunter2')
})

test.each([
  'ann@example.org',
  '300.1.2.3',
  '1.2.3',
  'mail..example.org',
  '-mail.example.org',
  'mail!.example.org',
  `${'a'.repeat(64)}.org`,
])('the host "%s" is refused', (host) => {
  expect(found({ host })[0]).toMatchObject({ id: 'settings.host', status: 'fail' })
})

test.each(['mail.example.org.', 'münchen.example', '192.0.2.7', '2001:db8::1', 'my_host', 'localhost'])(
  'the host "%s" is a name or an address',
  (host) => {
    expect(found({ host }).filter(({ id }) => id === 'settings.host')).toEqual([])
  },
)

test('a server for reading mail is taken for a mistake', () => {
  expect(only(found({ host: 'imap.example.org' }))).toMatchObject({
    status: 'warn',
    fixes: [{ patch: { host: 'smtp.example.org' } }],
  })
})

test('localhost in a container is the container itself', () => {
  const check = only(found({ host: 'localhost' }, true))
  expect(check.cause).toContain('is the container itself')
  expect(check.fixes[0]?.patch).toEqual({ host: 'host.docker.internal', allow_private: true })
  expect(found({ host: 'localhost' }, false).filter(({ id }) => id === 'settings.host')).toEqual([])
})

test.each([
  { port: 465, security: 'starttls', patch: { security: 'tls' } },
  { port: 465, security: 'none', patch: { security: 'tls' } },
  { port: 587, security: 'tls', patch: { security: 'starttls' } },
  { port: 2525, security: 'tls', patch: { security: 'starttls' } },
  { port: 993, security: 'tls', patch: { port: 587, security: 'starttls' } },
  { port: 443, security: 'tls', patch: { port: 587, security: 'starttls' } },
] as const)('port $port with $security does not fit together', ({ port, security, patch }) => {
  const check = found({ port, security, user: null, password: null })[0]
  expect(check).toMatchObject({ id: 'settings.port', status: 'warn' })
  expect(check?.fixes[0]?.patch).toEqual(patch)
})

test.each([0, -1, 65_536, 58.7, Number.NaN])('%s is no port', (port) => {
  expect(found({ port }).find(({ id }) => id === 'settings.port')).toMatchObject({ status: 'fail' })
})

test('a well-known service is compared with what it documents', () => {
  const wrong = found({ host: 'smtp.office365.com', port: 465, security: 'tls' })
  expect(wrong.find(({ id }) => id === 'settings.provider')?.fixes[0]?.patch).toEqual({ port: 587, security: 'starttls' })
  const user = found({ host: 'email-smtp.eu-west-1.amazonaws.com', user: 'ann@example.org' })
  expect(user.find(({ id }) => id === 'settings.user_form')?.cause).toContain('SMTP credentials')
  const fits = found({ host: 'SMTP.gmail.com', user: 'ann@gmail.com' })
  expect(only(fits)).toMatchObject({ id: 'settings.provider', status: 'ok' })
  expect(only(fits).evidence).toContain('app password')
})

test('what is odd about the account is told: half a log-in, copied spaces, a password in clear, a sender of another domain', () => {
  const ids = (input: Partial<ConnectionInput>) => found(input).map(({ id }) => id)
  expect(ids({ password: null })).toEqual(['settings.password'])
  expect(ids({ user: null })).toEqual(['settings.user'])
  expect(ids({ password: 'secret ' })).toEqual(['settings.password_spaces'])
  expect(ids({ security: 'none' })).toEqual(['settings.security'])
  expect(ids({ security: 'none', host: '127.0.0.1' })).toEqual(['settings'])
  expect(ids({ from: 'ann@example.net' })).toEqual(['settings.from'])
  expect(ids({ from: 'ann@news.example.org' })).toEqual(['settings'])
})

test.each(['localhost', '192.0.2.7', 'my_host.example.org', 'mailserver'])('the HELO name "%s" is warned of', (helo_name) => {
  expect(only(found({ helo_name }))).toMatchObject({ id: 'settings.helo_name', status: 'warn' })
})

test.each(['a b.example.org', 'mail.example.org\r\nQUIT', 'x'.repeat(300)])(
  'a HELO name that cannot be said is refused: %j',
  (helo_name) => {
    expect(only(found({ helo_name }))).toMatchObject({ id: 'settings.helo_name', status: 'fail' })
  },
)

test.each(['mail.example.org', '[192.0.2.7]', '[IPv6:2001:db8::1]'])('the HELO name "%s" is fine', (helo_name) => {
  expect(only(found({ helo_name })).status).toBe('ok')
})

test('what is no address is refused before it is said to a server', () => {
  expect(only(found({ from: 'ann@example.org>\r\nDATA' }))).toMatchObject({ id: 'settings.from_form', status: 'fail' })
  expect(only(found({ to: 'nobody' }))).toMatchObject({ id: 'settings.to_form', status: 'fail' })
  expect(only(found({ to: '"a b"@example.org' })).status).toBe('ok')
})

test('whatever people type, there is an answer: every finding has evidence, a status and lines without control characters', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.constantFrom('localhost', 'smtp://', '[', '@', ':', '::1', '[::1]:25', 'a:99999', '/'),
  )
  const input = fc.record({
    host: text,
    port: fc.oneof(fc.integer(), fc.double()),
    security: fc.constantFrom('starttls' as const, 'tls' as const, 'none' as const),
    user: fc.option(text),
    password: fc.option(text),
    helo_name: fc.option(text),
    from: fc.option(text),
    to: fc.option(text),
  })
  fc.assert(
    fc.property(input, fc.boolean(), (settings, inContainer) => {
      const checks = lint(settings, { inContainer })
      expect(checks.length).toBeGreaterThan(0)
      expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length)
      for (const check of checks) {
        expect(check.evidence).not.toBe('')
        expect(check.evidence + (check.cause ?? '') + check.fixes.map(({ label }) => label).join('')).not.toMatch(
          /[\u0000-\u001f\u007f-\u009f]/,
        )
      }
    }),
    { numRuns: 1_000 },
  )
})
