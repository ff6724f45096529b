import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { toSevenBit } from '../../src/mail/downgrade.ts'
import { toQuotedPrintable } from '../../src/mail/quoted-printable.ts'

function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function entity(headers: readonly string[], body: string): string {
  return `${headers.join('\r\n')}\r\n\r\n${body}`
}

const TEXT = entity(
  ['Subject: x', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit'],
  bytes('Grüße = ja \r\n.\r\n'),
)

function multipart(type: string, boundary: string, ...parts: readonly string[]): string {
  const body = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')
  return entity(
    ['MIME-Version: 1.0', `Content-Type: ${type};`, `\tboundary="${boundary}"`, 'Content-Transfer-Encoding: 8bit'],
    `${body}--${boundary}--\r\n`,
  )
}

test('a message in seven bits is left alone', () => {
  const content = entity(['Subject: x', 'Content-Transfer-Encoding: 8bit'], 'plain\r\n')
  expect(toSevenBit(content)).toBe(content)
})

test('text is written as quoted-printable, and reads as before', async () => {
  const lowered = toSevenBit(TEXT)
  expect(lowered).toContain('Content-Transfer-Encoding: quoted-printable\r\n')
  expect(lowered).not.toMatch(/8bit/)
  expect(lowered).toContain('Gr=C3=BC=C3=9Fe =3D ja=20\r\n')
  expect((await PostalMime.parse(lowered ?? '')).text).toBe((await PostalMime.parse(Buffer.from(TEXT, 'latin1'))).text)
})

test('text without any header of its own is text too', () => {
  expect(toSevenBit(entity(['Subject: x'], bytes('ü\r\n')))).toBe(
    entity(['Subject: x', 'Content-Transfer-Encoding: quoted-printable'], '=C3=BC\r\n'),
  )
})

test('parts are re-encoded each for itself, deep down, and their frame says 7bit', async () => {
  const image = entity(
    ['Content-Type: image/png', 'Content-Transfer-Encoding: binary', 'Content-Disposition: attachment'],
    '\x89PNG\xff\xfe'.repeat(30),
  )
  const inner = multipart(
    'multipart/alternative',
    'inner',
    TEXT,
    entity(['Content-Type: text/html; charset=utf-8'], bytes('<p>Grüße</p>')),
  )
  const content = multipart('multipart/mixed', 'outer', inner, image, entity(['Content-Type: text/plain'], 'plain'))
  const lowered = toSevenBit(content) ?? ''
  expect(lowered).toMatch(/^[\x00-\x7f]*$/)
  const [before, after] = await Promise.all([PostalMime.parse(Buffer.from(content, 'latin1')), PostalMime.parse(lowered)])
  expect(after.text?.trim()).toBe(before.text?.trim())
  expect(after.html?.trim()).toBe(before.html?.trim())
  const attachment = after.attachments.find(({ mimeType }) => mimeType === 'image/png')
  expect(Buffer.from(attachment?.content as ArrayBuffer).toString('latin1')).toBe('\x89PNG\xff\xfe'.repeat(30))
  expect(lowered.match(/7bit/g)).toHaveLength(2)
  expect(lowered).not.toMatch(/8bit|binary/)
})

test('a forwarded message is re-encoded inside', () => {
  const lowered = toSevenBit(entity(['Content-Type: message/rfc822'], TEXT)) ?? ''
  expect(lowered).toContain('Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n')
  expect(lowered).toContain('Gr=C3=BC')
})

test.each([
  ['bytes above 127 in a header', entity([`Subject: ${bytes('Grüße')}`], 'x\r\n')],
  [
    'a signature over the bytes',
    multipart('multipart/signed; protocol="x"', 'b', TEXT, entity(['Content-Type: application/pgp-signature'], 'sig')),
  ],
  ['a part that claims base64 and is not', entity(['Content-Type: text/plain', 'Content-Transfer-Encoding: base64'], bytes('ü'))],
  ['a report that may not be encoded', entity(['Content-Type: message/delivery-status'], bytes('ü'))],
  ['parts without a boundary', entity(['Content-Type: multipart/mixed'], bytes('ü'))],
  ['text between parts', entity(['Content-Type: multipart/mixed; boundary=b'], `${bytes('ü')}\r\n--b\r\n\r\nx\r\n--b--\r\n`)],
  ['text after the parts', entity(['Content-Type: multipart/mixed; boundary=b'], `--b\r\n\r\nx\r\n--b--\r\n${bytes('ü')}`)],
  ['no header at all', bytes('ü')],
])('%s cannot be re-encoded', (_, content) => {
  expect(toSevenBit(content)).toBeNull()
})

test('parts within parts without end are given up', () => {
  let content = TEXT
  for (let depth = 0; depth < 40; depth += 1) content = multipart('multipart/mixed', `b${depth}`, content)
  expect(toSevenBit(content)).toBeNull()
})

test('quoted-printable gives back what it was given, in lines of 76', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '=', ' ', '\t', '.', '\xff', '\x80', '\r\n', '\0'), maxLength: 400 })
  fc.assert(
    fc.property(text, (original) => {
      const encoded = toQuotedPrintable(original)
      expect(encoded).toMatch(/^[\t\x20-\x7e\r\n]*$/)
      for (const line of encoded.split('\r\n')) {
        expect(line.length).toBeLessThanOrEqual(76)
        expect(line).not.toMatch(/[ \t]$/)
      }
      const decoded = encoded
        .replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      expect(decoded).toBe(original)
    }),
    { numRuns: 1_000 },
  )
})

test('a part with millions of header lines is given up, not read', () => {
  const part = `Content-Type: text/plain;${'\r\n x'.repeat(5_000_000)}\r\n\r\n${bytes('Grüße')}`
  expect(toSevenBit(multipart('multipart/mixed', 'b', part))).toBeNull()
})
