import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { Refusal } from '../../src/errors.ts'
import { type Mailbox, parseMailbox } from '../../src/mail/address.ts'
import { decodeWords } from '../../src/mail/encoded-word.ts'
import { assertHeaderName, headerLine, headerParameter, mailboxHeader } from '../../src/mail/header.ts'

function unfolded(header: string): string {
  return header.replace(/\r\n$/, '').replace(/\r\n(?=[ \t])/g, '')
}
function textOf(header: string): string {
  return decodeWords(unfolded(header).replace(/^[^:]*: ?/, ''))
}

test.each([
  ['Hello', 'Subject: Hello\r\n'],
  ['', 'Subject: \r\n'],
  ['Grüße', 'Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n'],
  ['Your order, Zoë, was paid by Zoë', 'Subject: Your order, =?UTF-8?Q?Zo=C3=AB=2C_was_paid_by_Zo=C3=AB?=\r\n'],
  ['日本語', 'Subject: =?UTF-8?B?5pel5pys6Kqe?=\r\n'],
  ['a  b', 'Subject: a  b\r\n'],
  ['Élan, as they say, without end', 'Subject: =?UTF-8?B?w4lsYW4s?= as they say, without end\r\n'],
  [
    'a \u0085 much longer text follows after the odd one \u0085',
    'Subject: a =?UTF-8?Q?=C2=85_much_longer_text_follows_after_the_odd_one_?=\r\n =?UTF-8?Q?=C2=85?=\r\n',
  ],
  ['a ', 'Subject: =?UTF-8?Q?a_?=\r\n'],
])('the subject %j is written %j', (value, expected) => {
  expect(headerLine('Subject', value)).toBe(expected)
  expect(textOf(expected)).toBe(value)
})

test('a long line is folded between words', () => {
  const value = 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen'
  const header = headerLine('Subject', value)
  expect(header).toBe('Subject: one two three four five six seven eight nine ten eleven twelve\r\n thirteen fourteen fifteen\r\n')
  expect(textOf(header)).toBe(value)
})

test.each(['a\rb', 'a\nb', 'a\r\nBcc: eve@example.org', 'a\0b', '\n', 'a\r\n b'])('the value %j is refused', (value) => {
  expect(() => headerLine('Subject', value)).toThrow(Refusal)
  expect(() => headerParameter('filename', value)).toThrow(Refusal)
  expect(() => mailboxHeader('To', [{ ...(parseMailbox('ann@example.org') as Mailbox), name: value }])).toThrow(Refusal)
})

test.each(['', 'a b', 'a:b', 'a\r\nb', 'ä', 'a\0', 'x'.repeat(77)])('%j is not a header name', (name) => {
  expect(() => assertHeaderName(name)).toThrow(/is not a header name/)
})

test.each([
  ['report.pdf', ';\r\n filename=report.pdf'],
  ['my report.pdf', ';\r\n filename="my report.pdf"'],
  ['a "b" \\c.pdf', ';\r\n filename="a \\"b\\" \\\\c.pdf"'],
  ['Übersicht.pdf', ";\r\n filename*=utf-8''%C3%9Cbersicht.pdf"],
])('the filename %j is written %j', (value, expected) => {
  expect(headerParameter('filename', value)).toBe(expected)
})

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      'a',
      'Hello',
      ' ',
      '  ',
      '=?',
      '?=',
      '=?UTF-8?Q?x?=',
      '_',
      '=',
      'é',
      'ß',
      '日本',
      '😀',
      '👩‍👩‍👧',
      '\u0301',
      '\t',
      '\u0085',
      '\u2028',
      '"',
      ',',
      'x'.repeat(120),
    ),
    fc.string({ unit: 'grapheme', maxLength: 2 }),
  ),
  maxLength: 60,
})
const clean = text.filter((value) => !/[\r\n\0]|\p{Surrogate}/u.test(value))

test('what a header says is read back, in lines of at most 998 characters that never break anywhere else', () => {
  fc.assert(
    fc.property(clean, (value) => {
      const header = headerLine('X-Anything', value)
      expect(textOf(header)).toBe(value)
      expect(header).toMatch(/^X-Anything:(?:[\x20-\x7e]|\r\n (?=\S))*\r\n$/)
      for (const line of header.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998)
      for (const word of header.match(/=\?UTF-8\?[BQ]\?[^ ]*\?=/g) ?? []) expect(word.length).toBeLessThanOrEqual(75)
    }),
    { numRuns: 2000 },
  )
})

test('a subject comes out of another parser as it went in', async () => {
  await fc.assert(
    fc.asyncProperty(clean, async (value) => {
      const email = await PostalMime.parse(`${headerLine('Subject', value)}\r\nbody`)
      expect(email.subject ?? '').toBe(value)
    }),
    { numRuns: 500 },
  )
})

test('names in an address header come out of another parser as they went in', async () => {
  const address = parseMailbox('ann@example.org')!.address
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        clean.map((value) => value.trim()),
        { minLength: 1, maxLength: 5 },
      ),
      async (names) => {
        const header = mailboxHeader(
          'To',
          names.map((name) => ({ name, address })),
        )
        expect(header).toMatch(/^To:(?:[\x20-\x7e]|\r\n (?=\S))*\r\n$/)
        const email = await PostalMime.parse(`${header}\r\nbody`)
        expect(email.to?.map((one) => [one.name, one.address])).toEqual(names.map((name) => [name, 'ann@example.org']))
      },
    ),
    { numRuns: 500 },
  )
})

test('a filename comes out of another parser as it went in', async () => {
  await fc.assert(
    fc.asyncProperty(
      // The other parser decodes encoded words in file names, where they are none.
      clean.filter((value) => value.trim() === value && value !== '' && !value.includes('=?')),
      async (value) => {
        const header = `Content-Type: application/pdf\r\nContent-Disposition: attachment${headerParameter('filename', value)}\r\n`
        for (const line of header.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78)
        const email = await PostalMime.parse(`${header}\r\nbody`)
        expect(email.attachments[0]?.filename).toBe(value)
      },
    ),
    { numRuns: 1000 },
  )
})

test('an address outside ASCII is written in UTF-8, one character a byte', () => {
  const header = mailboxHeader('To', [parseMailbox('Jörg <jörg@bücher.example>')!])
  expect(header).toBe('To: =?UTF-8?B?SsO2cmc=?= <j\u00c3\u00b6rg@xn--bcher-kva.example>\r\n')
})

test('encoded words of others are read with forgiveness', () => {
  expect(decodeWords('=?utf-8?Q?Hello_World?=')).toBe('Hello World')
  expect(decodeWords('=?utf-8?Q?Hello World?=')).toBe('Hello World')
  expect(decodeWords('=?UTF-8?B?w?= =?utf-8?B?w7w=?=')).toBe('=?UTF-8?B?w?= ü')
  // One character cut in two by the sender.
  expect(decodeWords('=?utf-8?B?w4M=?= =?utf-8?Q?=C3?=\r\n =?utf-8?Q?=BC?=')).toBe('Ãü')
  expect(decodeWords('=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=')).toBe('日本')
  expect(decodeWords('=?windows-1251*ru?Q?=CF=F0=E8?=')).toBe('При')
  expect(decodeWords('=?iso-8859-1?Q?Fr\u00f6sche?= =?utf-8?Q?Fr\u00f6sche?=')).toBe('FröscheFrösche')
  expect(decodeWords('=?no-such-charset?Q?caf=C3=A9?=')).toBe('café')
  expect(decodeWords('a =?utf-8?Q?b?= c =?utf-8?Q?d?=  =?utf-8?Q?e?= f')).toBe('a b c de f')
  expect(decodeWords('=?utf-8?Q?broken')).toBe('=?utf-8?Q?broken')
})
