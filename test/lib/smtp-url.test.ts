import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSmtpUrl, withoutPassword } from '../../src/lib/smtp-url.ts'

test.each([
  ['smtp://mail.example.org', { host: 'mail.example.org', port: 587, security: 'starttls', user: null, password: null }],
  ['smtp://mail.example.org:2525/', { host: 'mail.example.org', port: 2525, security: 'starttls' }],
  ['smtp://mail.example.org:465', { port: 465, security: 'tls' }],
  ['smtps://mail.example.org', { port: 465, security: 'tls' }],
  ['smtp://relay?security=none', { host: 'relay', port: 25, security: 'none' }],
  ['SMTP://Relay.Example:25?security=tls', { host: 'relay.example', port: 25, security: 'tls' }],
  ['smtp://ann%40example.org:p%40ss%3A%2F%23%25@relay:587', { user: 'ann@example.org', password: 'p@ss:/#%' }],
  ['smtp://ann@example.org:secret@relay', { user: 'ann@example.org', password: 'secret', host: 'relay' }],
  ['smtp://user:pa:ss@relay', { user: 'user', password: 'pa:ss' }],
  ['smtp://[2001:db8::1]:25?security=none', { host: '2001:db8::1', port: 25 }],
  ['smtp://10.0.0.5', { host: '10.0.0.5' }],
])('%s is read', (text, expected) => {
  const parsed = parseSmtpUrl(text)
  expect(parsed).toMatchObject({ ok: true, value: expected })
})

test.each([
  ['mail.example.org', /^expected smtp:\/\/user:password@host/],
  ['http://mail.example.org', /^expected smtp:\/\//],
  ['smtp://', /expected smtp:\/\/|host is missing/],
  ['smtp://u:p@', /expected smtp:\/\/|host is missing/],
  ['smtp://relay:0x', /port must be a number/],
  ['smtp://relay:99999', /port must be a number|expected smtp/],
  ['smtp://u:se#cret@relay', /# .*%23/],
  ['smtp://u:se/cret@relay', /\/ .*%2F|port/],
  ['smtp://u:100%@relay', /% .*%25/],
  ['smtp://u:p p@relay', /%20/],
  ['smtp://u:p%0d%0aRSET@relay', /control character/],
  ['smtp://u@relay', /user name but no password/],
  ['smtp://:p@relay', /password but no user name/],
  ['smtp://relay?security=ssl', /security must be starttls, tls or none/],
  ['smtp://relay?secure=true', /security must be starttls, tls or none/],
  ['smtp://relay/path', /nothing may follow the port/],
])('%s is refused with the reason', (text, why) => {
  expect(parseSmtpUrl(text)).toEqual({ ok: false, why: expect.stringMatching(why) })
})

test('whatever user name and password are, percent-encoded they come back as they were', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((some) => !/\p{Cc}/u.test(some))
  fc.assert(
    fc.property(text, text, (user, password) => {
      const parsed = parseSmtpUrl(`smtp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@relay:25?security=tls`)
      expect(parsed).toEqual({ ok: true, value: { host: 'relay', port: 25, security: 'tls', user, password } })
    }),
  )
})

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true })), (text) => void parseSmtpUrl(`smtp://${text}`)),
  )
})

test.each([
  ['smtp://user:secret@relay:587', 'smtp://user:***@relay:587'],
  ['smtp://user:sec@ret@relay', 'smtp://user:***@relay'],
  ['user:secret@relay', 'user:***@relay'],
  ['smtp://user:secret', 'smtp://user:***'],
  ['postgresql://db/x?user=u&password=secret&ssl=1', 'postgresql://db/x?user=u&password=***&ssl=1'],
  ['smtp://relay:587?security=tls', 'smtp://relay:587?security=tls'],
  ['smtp://relay', 'smtp://relay'],
])('shown to people, %s is %s', (text, shown) => {
  expect(withoutPassword(text)).toBe(shown)
})
