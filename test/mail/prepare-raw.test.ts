import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { expect, test } from 'vitest'
import { Refusal } from '../../src/errors.ts'
import { formatAddress, formatMailbox, parseAddress, parseMailbox } from '../../src/mail/address.ts'
import { compose } from '../../src/mail/compose.ts'
import { type PreparedMessage, prepareRaw } from '../../src/mail/prepare-raw.ts'

const defaults = { date: new Date('2026-11-21T12:00:00Z'), messageId: '<made@example.com>' }
const limits = { maxBytes: 1_000_000 }

function prepared(mail: string | Buffer): PreparedMessage {
  return prepareRaw(typeof mail === 'string' ? Buffer.from(mail) : mail, defaults, limits)
}
function refusalOf(mail: string | Buffer): string {
  try {
    prepared(mail)
  } catch (error) {
    if (error instanceof Refusal) return `${error.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}
const MAIL = 'From: Shop <shop@example.com>\nTo: ann@example.org, Bob <bob@example.net>\nSubject: Hello\n\nHi.\n'

test('a mail with the line ends of a text file gets those of a mail, and the headers it lacks', () => {
  const mail = prepared(MAIL)
  expect(mail.content).toBe(
    'Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <made@example.com>\r\nFrom: Shop <shop@example.com>\r\nTo: ann@example.org, Bob <bob@example.net>\r\nSubject: Hello\r\n\r\nHi.\r\n',
  )
  expect(mail).toMatchObject({
    sizeBytes: mail.content.length,
    eightBit: false,
    internationalized: false,
    subject: 'Hello',
    messageId: '<made@example.com>',
  })
  expect(formatMailbox(mail.from)).toBe('Shop <shop@example.com>')
  expect(mail.to.mailboxes.map(formatMailbox)).toEqual(['ann@example.org', 'Bob <bob@example.net>'])
})

test('blind copies are read and taken out, as is the return path; every other byte stays', () => {
  const head =
    'Return-Path: <x@example.com>\r\nReceived: from a by b;\r\n\tSat, 1 Jan 2000\r\nX-Odd:  two  spaces \r\nFrom: shop@example.com\r\nBcc: eve@example.org,\r\n dan@example.org\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\nMessage-Id: <own@x>\r\n'
  const body = '\r\nline .\r\n.\r\n..\r\nno line end'
  const mail = prepared(head + body)
  expect(mail.content).toBe(`${head.replace(/Return-Path.*\r\n/, '').replace(/Bcc:.*\r\n .*\r\n/, '')}${body}\r\n`)
  expect(mail.bcc.mailboxes.map(formatMailbox)).toEqual(['eve@example.org', 'dan@example.org'])
  expect(mail.messageId).toBe('<own@x>')
})

test('an empty Message-ID is replaced', () => {
  const mail = prepared(`Message-ID: \n${MAIL}`)
  expect(mail.content.match(/^message-id:.*$/gim)).toEqual(['Message-ID: <made@example.com>'])
})

test("the Message-ID that is made can be of the author's domain", () => {
  const mail = prepareRaw(Buffer.from(MAIL), { ...defaults, messageId: (author) => `<made@${author.address.domain}>` }, limits)
  expect(mail.messageId).toBe('<made@example.com>')
  expect(mail.content).toContain('\r\nMessage-ID: <made@example.com>\r\n')
})

test('8-bit bodies and headers are told apart', () => {
  expect(prepared(`${MAIL}ü`)).toMatchObject({ eightBit: true, internationalized: false })
  expect(prepared(`X-Note: ü\n${MAIL}`)).toMatchObject({ eightBit: false, internationalized: true })
})

test('a subject and names in raw UTF-8 or Latin-1 are encoded, so that every server takes them', () => {
  const mail = prepared('From: Jörg <j@example.com>\nTo: Zoë <z@bücher.example>\nSubject: Grüße\n\nx')
  expect(mail).toMatchObject({ internationalized: false, subject: 'Grüße' })
  expect(mail.content).not.toMatch(/[\x80-\xff]/)
  expect(mail.content).toContain('To: =?UTF-8?Q?Zo=C3=AB?= <z@xn--bcher-kva.example>')
  const latin1 = prepared(Buffer.from('From: a@example.com\nSubject: Grüße\n\nx', 'latin1'))
  expect(latin1).toMatchObject({ internationalized: false, subject: 'Grüße' })
})

test('an address outside ASCII stays and needs SMTPUTF8', () => {
  expect(prepared('From: jörg@example.com\n\nx')).toMatchObject({ internationalized: true })
})

test('a signed mail keeps its headers to the byte', () => {
  const signed =
    'DKIM-Signature: v=1; b=abc\nDate: Sat, 21 Nov 2026 12:00:00 +0000\nMessage-ID: <a@b>\nFrom: Jörg <j@example.com>\nSubject: Grüße\n\nx\n'
  expect(Buffer.from(prepared(signed).content, 'latin1').toString('utf8')).toBe(signed.replaceAll('\n', '\r\n'))
})

test('the first line of an mbox and a byte order mark are left out', () => {
  expect(prepared(`From ann@example.org Sat Nov 21 12:00:00 2026\n${MAIL}`).content).toBe(prepared(MAIL).content)
  expect(prepared(`\ufeff${MAIL}`).content).toBe(prepared(MAIL).content)
})

test.each<[string, string, RegExp]>([
  ['NUL', `${MAIL}a\0b`, /NUL byte \(at byte \d+\)/],
  ['no header', 'Hello,\n\nthis is no mail.\n', /line 1 is not a header: "Hello,"/],
  ['no From', 'Subject: x\n\ny', /no From header/],
  ['a From that is none', 'From: nobody\n\ny', /invalid_address/],
  ['two From', `From: eve@example.org\n${MAIL}`, /two From headers/],
  ['two content types', `Content-Type: text/html\ncontent-type: text/plain\n${MAIL}`, /two content-type headers/],
  ['a long body line', `${MAIL}ok\n${'x'.repeat(999)}\n`, /line 7 has 999 bytes/],
  ['a long header line', `X-A: ${'x'.repeat(1000)}\n${MAIL}`, /line 1 of its header has 1005 bytes/],
  ['a large header', `${'X-A: x\n'.repeat(50_000)}${MAIL}`, /larger than 256 KB|more than 1000 headers/],
  ['many headers', `${'X-A: x\n'.repeat(1_001)}${MAIL}`, /more than 1000 headers/],
  ['too many bytes', MAIL + 'x\n'.repeat(600_000), /message_too_large/],
  ['nothing', '', /no From header/],
])('a mail with %s is refused with the reason', (_, mail, reason) => {
  expect(refusalOf(mail)).toMatch(reason)
})

test('a mail that we composed passes unchanged', () => {
  const { content } = compose({
    from: parseMailbox('Jörg <j@example.com>')!,
    to: [parseMailbox('a@example.org')!],
    subject: 'ü',
    text: 'ü',
    html: '<p>ü',
    date: defaults.date,
    messageId: '<x@y>',
    attachments: [{ filename: 'ü.pdf', content: Buffer.from('x') }],
  })
  expect(prepared(Buffer.from(content, 'latin1')).content).toBe(content)
})

test('whatever the bytes, what passes has mail line ends, one From, no Bcc, and no line of more than 998', () => {
  const piece = fc.constantFrom(
    'From: a@example.com',
    'Bcc: eve@example.org',
    'Subject: x',
    'To: ü@x.org',
    '\r',
    '\n',
    '\r\n',
    '\n\n',
    ' ',
    '\t',
    ':',
    'ü',
    '.',
    '\r\n.\r\n',
    '\n.\n',
    'Return-Path: <a@b>',
    'x'.repeat(600),
    '\0',
    'bcc : x@y.org',
  )
  let passed = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const mail = `From: a@example.com\n${pieces.join('')}`
      if (!/^accepted/.test(refusalOf(mail))) return
      passed += 1
      const { content, sizeBytes } = prepared(mail)
      expect(sizeBytes).toBe(content.length)
      expect(content).not.toMatch(/\r(?!\n)|(?<!\r)\n|\0|[^\x00-\xff]/)
      const head = content.slice(0, content.indexOf('\r\n\r\n') + 2)
      expect(head).not.toMatch(/^(?:bcc|return-path)[ \t]*:/im)
      expect(head.match(/^from:/gim)).toHaveLength(1)
      expect(Math.max(...content.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998)
    }),
    { numRuns: 2000 },
  )
  expect(passed).toBeGreaterThan(100)
})

const CORPUS = fileURLToPath(new URL('../../../shared/corpora/mime', import.meta.url))

test.skipIf(!existsSync(CORPUS))(
  'the mails of the corpus are either refused with a reason or say the same as before',
  async () => {
    let passed = 0
    for (const file of readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.eml'))) {
      const bytes = readFileSync(join(CORPUS, file))
      const answer = refusalOf(bytes)
      expect(answer).toMatch(/^accepted|^[a-z_]+: \S.*\.$/)
      if (answer !== 'accepted') continue
      passed += 1
      const [before, after] = await Promise.all([
        PostalMime.parse(bytes),
        PostalMime.parse(Buffer.from(prepared(bytes).content, 'latin1')),
      ])
      const subject = /^subject:.*[\x80-\xff]/im.test(bytes.toString('latin1')) ? after.subject : before.subject
      // Lines of white space within a header are left out.
      const plain = (text: string | undefined) => text?.replace(/\s+/g, ' ')
      const wire = (text: string | undefined) => {
        const address = parseAddress(text ?? '')
        return address ? formatAddress(address) : text
      }
      expect([file, plain(after.subject), wire(after.from?.address), after.attachments.length]).toEqual([
        file,
        plain(subject),
        wire(before.from?.address),
        before.attachments.length,
      ])
    }
    expect(passed).toBeGreaterThan(100)
  },
)
