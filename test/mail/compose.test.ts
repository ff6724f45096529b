import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { Refusal } from '../../src/errors.ts'
import { type Mailbox, parseMailbox } from '../../src/mail/address.ts'
import { compose, type OutgoingMessage } from '../../src/mail/compose.ts'
import { encodeText } from '../../src/mail/transfer-encoding.ts'

function mailbox(text: string): Mailbox {
  const found = parseMailbox(text)
  if (!found) throw new Error(`${text} is no mailbox`)
  return found
}
function message(over: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    from: mailbox('Shop <shop@example.com>'),
    to: [mailbox('Ann <ann@example.org>')],
    subject: 'Your code',
    text: 'Your code is 142857.\n',
    date: new Date('2026-11-21T12:00:00Z'),
    messageId: '<0193e0a1-5b0c@example.com>',
    ...over,
  }
}
function bytesOf(content: string): Buffer {
  return Buffer.from(content, 'latin1')
}
function refusalOf(over: Partial<OutgoingMessage>): string {
  try {
    compose(message(over))
  } catch (error) {
    if (error instanceof Refusal) return `${error.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}

test('a plain text is a plain message', () => {
  expect(compose(message())).toEqual({
    content: [
      'Date: Sat, 21 Nov 2026 12:00:00 +0000',
      'From: Shop <shop@example.com>',
      'To: Ann <ann@example.org>',
      'Subject: Your code',
      'Message-ID: <0193e0a1-5b0c@example.com>',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=us-ascii',
      'Content-Transfer-Encoding: 7bit',
      '',
      'Your code is 142857.',
      '',
    ].join('\r\n'),
    sizeBytes: 278,
    eightBit: false,
    internationalized: false,
  })
})

test('text, HTML, a picture in it and an attachment are nested as mail programs expect', () => {
  const { content } = compose(
    message({
      subject: 'Grüße',
      text: 'Grüße',
      html: '<p>Grüße <img src="cid:logo"></p>',
      cc: [mailbox('bob@example.net'), mailbox('"Smith, Carol" <carol@example.net>')],
      replyTo: [mailbox('help@example.com')],
      headers: [['X-Order', '4711']],
      attachments: [
        { filename: 'logo.png', contentType: 'image/png', content: Buffer.from('PNG'), contentId: 'logo' },
        { filename: 'Übersicht.pdf', contentType: 'application/pdf', content: Buffer.from('PDF') },
      ],
    }),
  )
  expect(content.split('\r\n')).toEqual([
    'Date: Sat, 21 Nov 2026 12:00:00 +0000',
    'From: Shop <shop@example.com>',
    'Reply-To: help@example.com',
    'To: Ann <ann@example.org>',
    'Cc: bob@example.net, "Smith, Carol" <carol@example.net>',
    'Subject: =?UTF-8?B?R3LDvMOfZQ==?=',
    'Message-ID: <0193e0a1-5b0c@example.com>',
    'X-Order: 4711',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed;',
    ' boundary="=_0193e0a15b0cexamplecom_m"',
    '',
    '--=_0193e0a15b0cexamplecom_m',
    'Content-Type: multipart/alternative;',
    ' boundary="=_0193e0a15b0cexamplecom_a"',
    '',
    '--=_0193e0a15b0cexamplecom_a',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    'R3LDvMOfZQ==',
    '--=_0193e0a15b0cexamplecom_a',
    'Content-Type: multipart/related;',
    ' boundary="=_0193e0a15b0cexamplecom_r"',
    '',
    '--=_0193e0a15b0cexamplecom_r',
    'Content-Type: text/html; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    '<p>Gr=C3=BC=C3=9Fe <img src=3D"cid:logo"></p>',
    '--=_0193e0a15b0cexamplecom_r',
    'Content-Type: image/png',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: inline;',
    ' filename=logo.png',
    'Content-ID: <logo>',
    '',
    'UE5H',
    '--=_0193e0a15b0cexamplecom_r--',
    '--=_0193e0a15b0cexamplecom_a--',
    '--=_0193e0a15b0cexamplecom_m',
    'Content-Type: application/pdf',
    'Content-Transfer-Encoding: base64',
    'Content-Disposition: attachment;',
    " filename*=utf-8''%C3%9Cbersicht.pdf",
    '',
    'UERG',
    '--=_0193e0a15b0cexamplecom_m--',
    '',
  ])
})

test('the same message is written with the same bytes', () => {
  const one = message({ html: '<p>ü', attachments: [{ filename: 'a', content: Buffer.from('x') }] })
  expect(compose(one).content).toBe(compose(one).content)
})

test.each([
  ['text only', { html: null }, 'text/plain'],
  ['HTML only', { text: null, html: '<p>x' }, 'text/html'],
  ['nothing', { text: null }, 'text/plain'],
  ['text and HTML', { html: '<p>x' }, 'multipart/alternative'],
  ['an attachment only', { text: null, attachments: [{ filename: 'a', content: Buffer.from('x') }] }, 'multipart/mixed'],
  ['a picture without HTML', { attachments: [{ filename: 'a', content: Buffer.from('x'), contentId: 'a' }] }, 'multipart/mixed'],
])('%s is a whole message', async (_, over, type) => {
  const { content } = compose(message(over))
  expect(/^Content-Type: ([a-z/]+)/m.exec(content)?.[1]).toBe(type)
  expect(content.endsWith('\r\n')).toBe(true)
})

test('a message for blind copies alone tells nobody, and says so', () => {
  const { content } = compose(message({ to: [] }))
  expect(content).toContain('\r\nTo: undisclosed-recipients:;\r\n')
  expect(content).not.toMatch(/^bcc:/im)
})

test('an address outside ASCII needs SMTPUTF8, a name or a domain does not', () => {
  expect(compose(message({ to: [mailbox('Jörg <joerg@bücher.example>')] })).internationalized).toBe(false)
  const utf8 = compose(message({ to: [mailbox('jörg@example.org')] }))
  expect(utf8.internationalized).toBe(true)
  expect(bytesOf(utf8.content).toString('utf8')).toContain('To: jörg@example.org')
})

test.each([
  'From',
  'to',
  'Cc',
  'BCC',
  'Sender',
  'Subject',
  'Date',
  'Message-ID',
  'Reply-To',
  'MIME-Version',
  'Content-Type',
  'content-transfer-encoding',
  'Content-Anything',
  'Received',
  'Received-SPF',
  'Return-Path',
  'DKIM-Signature',
  'ARC-Seal',
  'Authentication-Results',
  'Resent-Bcc',
  'Delivered-To',
])("the header %s is not the writer's to add", (name) => {
  expect(refusalOf({ headers: [[name, 'x']] })).toMatch(/^invalid_request: The header .* cannot be set here/)
})

test('a header, a name or a file cannot smuggle a line into the message', () => {
  for (const end of ['\r', '\n', '\r\n', '\0', '\r\n\r\n', '\n.\r\n']) {
    const evil = `x${end}Bcc: eve@example.org`
    expect(refusalOf({ subject: evil })).toMatch(/^control_character/)
    expect(refusalOf({ headers: [['X-A', evil]] })).toMatch(/^control_character/)
    expect(refusalOf({ headers: [[`X-A: y${end}Bcc`, 'x']] })).toMatch(/not a header name/)
    expect(refusalOf({ to: [{ ...mailbox('ann@example.org'), name: evil }] })).toMatch(/^control_character/)
    expect(refusalOf({ attachments: [{ filename: evil, content: Buffer.alloc(0) }] })).toMatch(/^control_character/)
    expect(
      refusalOf({ attachments: [{ filename: 'a', contentType: `text/plain${end}X: y`, content: Buffer.alloc(0) }] }),
    ).toMatch(/content type/)
    expect(refusalOf({ attachments: [{ filename: 'a', contentId: evil, content: Buffer.alloc(0) }] })).toMatch(/content id/)
  }
  for (const end of ['\u2028', '\u0085']) {
    const { content } = compose(message({ subject: `x${end}Bcc: eve@example.org` }))
    expect(content).not.toMatch(/^bcc/im)
    expect(content).not.toMatch(/[\x80-\xff]/)
  }
})

test.each([
  ['headers', { headers: [['References', 'not an id']] }, /message ids/],
  ['content type', { attachments: [{ filename: 'a', contentType: 'pdf', content: Buffer.alloc(0) }] }, /content type/],
  [
    'multipart',
    { attachments: [{ filename: 'a', contentType: 'multipart/mixed; boundary=x', content: Buffer.alloc(0) }] },
    /content type/,
  ],
  ['filename', { attachments: [{ filename: 'a'.repeat(256), content: Buffer.alloc(0) }] }, /255 characters/],
  ['long value', { headers: [['X-A', 'a '.repeat(6000)]] }, /too_many_headers/],
] as [string, Partial<OutgoingMessage>, RegExp][])('a wrong %s is refused with a reason', (_, over, reason) => {
  expect(refusalOf(over)).toMatch(reason)
})

test('a message beyond the limit is refused before it is written', () => {
  const large = message({ attachments: [{ filename: 'a', content: Buffer.alloc(1_000_000) }] })
  expect(() => compose(large, { maxBytes: 1_300_000 })).toThrow(/larger than/)
  expect(compose(large, { maxBytes: 1_400_000 }).sizeBytes).toBeLessThan(1_400_000)
})

test('a message within a message is not encoded; one that would have to be goes as a file', () => {
  const plain = Buffer.from('Subject: inner\r\n\r\nhello\r\n')
  expect(
    compose(message({ attachments: [{ filename: 'a.eml', contentType: 'message/rfc822', content: plain }] })).content,
  ).toContain('\r\nSubject: inner\r\n\r\nhello')
  const odd = Buffer.from('Subject: innér\n\nhello\n')
  expect(
    compose(message({ attachments: [{ filename: 'a.eml', contentType: 'message/rfc822', content: odd }] })).content,
  ).toContain('application/octet-stream')
})

test('a text that contains the boundary is encoded so that it cannot end its part', async () => {
  const text = 'x\n--=_0193e0a15b0cexamplecom_a--\n--=_0193e0a15b0cexamplecom_m\nContent-Type: text/html\n\n<script>\n'
  const email = await PostalMime.parse(
    bytesOf(compose(message({ text, html: '<p>x', attachments: [{ filename: 'a', content: Buffer.from('x') }] })).content),
  )
  expect(lines(email.text)).toBe(lines(text))
  expect(lines(email.html)).toBe('<p>x')
})

const words = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(
        'a',
        'Hello ',
        ' ',
        '\n',
        '\n\n',
        '.',
        '\n.',
        '\nFrom ',
        'From ',
        '=',
        '=3D',
        'é',
        '日本',
        '😀',
        '\t',
        ' \n',
        '\r\n',
        '--',
        '--=_',
        'x'.repeat(100),
        'word '.repeat(30),
        'ü'.repeat(40),
        '\u0000',
        '\u2028',
        '\ufeff',
      ),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    maxLength: 40,
  })
  .filter((text) => !/\p{Surrogate}/u.test(text))

test('every text is encoded in 7-bit lines of at most 998 characters, and read back as it was', () => {
  fc.assert(
    fc.property(words, (text) => {
      const { encoding, content } = encodeText(text, '=_b')
      expect(content).not.toMatch(/[^\t\r\n\x20-\x7e]|\r(?!\n)|(?<!\r)\n|^From /m)
      const most = encoding === '7bit' ? 998 : 76
      for (const line of content.split('\r\n')) expect(line.length).toBeLessThanOrEqual(most)
      if (encoding !== '7bit') expect(content).not.toContain('=_b')
      const bytes =
        encoding === 'base64' ? Buffer.from(content, 'base64') : encoding === '7bit' ? Buffer.from(content) : unquoted(content)
      expect(bytes.toString('utf8')).toBe(text.replace(/\r\n|\r|\n/g, '\r\n'))
    }),
    { numRuns: 3000 },
  )
})

/** RFC 2045 §6.7, read independently of how it is written. */
function unquoted(content: string): Buffer {
  return Buffer.from(
    content
      .replace(/[ \t]+$/gm, '')
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
}

test('the smaller encoding is chosen', () => {
  expect(encodeText('Grüße aus Köln, und noch viel mehr Text ohne Besonderheiten', 'b').encoding).toBe('quoted-printable')
  expect(encodeText('これは日本語の文章です。', 'b').encoding).toBe('base64')
  expect(encodeText('A long English beginning. '.repeat(60) + 'これは日本語の文章です。'.repeat(300), 'b').encoding).toBe(
    'base64',
  )
  expect(encodeText('plain', 'b').encoding).toBe('7bit')
  expect(encodeText('x'.repeat(2000), 'b').encoding).toBe('quoted-printable')
})

const name = fc
  .string({ unit: fc.constantFrom('Ann', ' ', 'ö', '李', '"', ',', '<', '@', '.', '\\', '😀', '=?', 'x'), maxLength: 12 })
  .map((text) => text.trim())
const someone = fc
  .tuple(name, fc.constantFrom('ann@example.org', 'bob.smith+x@sub.example.net', '"a b"@example.com'))
  .map(([text, address]) => ({ ...mailbox(address), name: text }))
const filename = fc
  .string({
    unit: fc.constantFrom('a', '.pdf', ' ', 'ü', '日', '"', '\\', ';', "'", '%', '/', 'long-'.repeat(20)),
    minLength: 1,
    maxLength: 8,
  })
  .map((text) => text.trim())
  .filter((text) => text !== '' && text.length <= 255)
const attachment = fc.record({
  filename,
  contentType: fc.constantFrom(null, 'application/pdf', 'text/csv; charset=utf-8', 'image/png', 'application/vnd.ms-excel'),
  content: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
})

test('what goes in comes out of another parser: subject, people, text, HTML and files', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        from: someone,
        to: fc.array(someone, { minLength: 1, maxLength: 3 }),
        cc: fc.array(someone, { maxLength: 3 }),
        subject: words,
        text: words,
        html: words,
        attachments: fc.array(attachment, { maxLength: 3 }),
      }),
      async (given) => {
        fc.pre(!/[\r\n\0\ufeff]/.test(given.subject) && given.text.trim() !== '' && given.html.trim() !== '')
        const composed = compose(message(given))
        expect(composed.sizeBytes).toBe(bytesOf(composed.content).length)
        expect(composed.content).not.toMatch(/[^\t\r\n\x20-\x7e]|\r(?!\n)|(?<!\r)\n/)
        expect(Math.max(...composed.content.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998)

        const email = await PostalMime.parse(bytesOf(composed.content))
        expect(email.subject ?? '').toBe(given.subject)
        expect(people([email.from])).toEqual(peopleOf([given.from]))
        expect(people(email.to)).toEqual(peopleOf(given.to))
        expect(people(email.cc)).toEqual(peopleOf(given.cc))
        expect(lines(email.text)).toBe(lines(given.text))
        expect(lines(email.html)).toBe(lines(given.html))
        expect(
          email.attachments.map((one) => [one.filename, one.mimeType, Buffer.from(one.content as ArrayBuffer).toString('hex')]),
        ).toEqual(
          given.attachments.map((one) => [
            one.filename,
            one.contentType?.split(';')[0] ?? 'application/octet-stream',
            one.content.toString('hex'),
          ]),
        )
      },
    ),
    { numRuns: 500 },
  )
})

function people(found: readonly unknown[] | undefined): unknown[] {
  return (found ?? []).map((one) => [(one as { name: string }).name, (one as { address: string }).address.replaceAll('"', '')])
}
/** The other parser writes the quotation marks of an address or not, as it likes. */
function peopleOf(given: readonly Mailbox[]): unknown[] {
  return given.map((one) => [one.name, `${one.address.local}@${one.address.domain}`])
}
/** The end of a part has no exact number of line ends, and readers drop a byte order mark at its beginning. */
function lines(text: string | undefined): string {
  return (text ?? '').replace(/\r\n|\r/g, '\n').replace(/^\ufeff+|\n+$/g, '')
}

test('HTML in which something is exchanged later is quoted-printable, whatever it says', () => {
  for (const html of ['<p>Hello</p>', '<p>こんにちは、世界</p>']) {
    const { content } = compose(message({ html, text: 'Hello', quotedHtml: true }))
    expect(content).toContain('Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n')
    expect(content).toContain('Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n')
  }
})
