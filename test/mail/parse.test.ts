import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMailbox } from '../../src/mail/address.ts'
import { compose } from '../../src/mail/compose.ts'
import { PARSE_LIMITS, type ParsedMail, parseMail } from '../../src/mail/parse.ts'

async function parsed(mail: string | Buffer): Promise<ParsedMail> {
  const result = await parseMail(typeof mail === 'string' ? Buffer.from(mail) : mail)
  if (result.kind !== 'parsed') throw new Error(result.reason)
  return result.mail
}
async function reasonOf(mail: Buffer | string): Promise<string> {
  const result = await parseMail(Buffer.from(mail))
  return result.kind === 'unreadable' ? result.reason : 'parsed'
}

test('a mail is read as people see it', async () => {
  const { content } = compose({
    from: parseMailbox('Jörg <j@example.com>')!,
    to: [parseMailbox('"Smith, Ann" <ann@example.org>')!],
    cc: [parseMailbox('bob@example.net')!],
    subject: 'Grüße 📮',
    text: 'Hällo',
    html: '<p>Hällo <img src="cid:logo@x">',
    date: new Date('2026-11-21T12:00:00Z'),
    messageId: '<a@b>',
    headers: [
      ['References', '<x@y> <z@y>'],
      ['X-Note', 'ä'],
    ],
    attachments: [
      { filename: 'logo.png', contentType: 'image/png', content: Buffer.from([1, 2]), contentId: 'logo@x' },
      { filename: 'Übersicht.pdf', contentType: 'application/pdf', content: Buffer.from([3]) },
    ],
  })
  const mail = await parsed(Buffer.from(content, 'latin1'))
  expect(mail).toMatchObject({
    subject: 'Grüße 📮',
    from: { name: 'Jörg', address: 'j@example.com' },
    to: [{ name: 'Smith, Ann', address: 'ann@example.org' }],
    cc: [{ name: '', address: 'bob@example.net' }],
    date: new Date('2026-11-21T12:00:00Z'),
    messageId: '<a@b>',
    references: ['<x@y>', '<z@y>'],
    attachments: [
      {
        filename: 'logo.png',
        contentType: 'image/png',
        size: 2,
        contentId: 'logo@x',
        disposition: 'inline',
        bytes: Uint8Array.of(1, 2),
      },
      {
        filename: 'Übersicht.pdf',
        contentType: 'application/pdf',
        size: 1,
        contentId: null,
        disposition: 'attachment',
        bytes: Uint8Array.of(3),
      },
    ],
  })
  expect(mail.text?.trim()).toBe('Hällo')
  expect(mail.headers.map((header) => header.name)).toEqual([
    'Date',
    'From',
    'To',
    'Cc',
    'Subject',
    'Message-ID',
    'References',
    'X-Note',
    'MIME-Version',
    'Content-Type',
  ])
  expect(mail.headers.find((header) => header.name === 'X-Note')?.value).toBe('ä')
})

test('headers in a charset of their own, and characters cut in two, are read', async () => {
  const mail = await parsed(
    Buffer.from(
      'Subject: =?utf-8?B?w4M=?= =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=\r\nFrom: =?utf-8?Q?J=C3?= =?utf-8?Q?=B6rg=2C_x?= <j@example.com>\r\nTo: Zo\xeb <z@example.org>\r\n\r\nx',
      'latin1',
    ),
  )
  expect([mail.subject, mail.from, mail.to]).toEqual([
    'Ãü',
    { name: 'Jörg, x', address: 'j@example.com' },
    [{ name: 'Zoë', address: 'z@example.org' }],
  ])
})

test.each([
  ['two charsets beside each other', '=?ISO-8859-1?Q?Gr=FC=DFe?= =?UTF-8?B?8J+Trg==?=', 'Grüße📮'],
  ['a Japanese subject in two words', '=?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?= =?ISO-2022-JP?B?GyRCJUYlOSVIGyhC?=', 'テストテスト'],
  ['Chinese that says it is the smaller set', '=?GB2312?B?1tDOxA==?=', '中文'],
  ['spaces that should have been encoded', '=?UTF-8?Q?caf=C3=A9 au lait?=', 'café au lait'],
  ['a name for UTF-8 that is none', '=?utf8?Q?caf=C3=A9?=', 'café'],
])('a subject with %s is read', async (_, written, read) => {
  expect((await parsed(`Subject: ${written}\n\nx`)).subject).toBe(read)
})

test('an encoded comma or bracket in a name makes no second address', async () => {
  const mail = await parsed('To: =?utf-8?Q?a=2C_=3Ceve=40evil.example=3E?= <ann@example.org>\n\nx')
  expect(mail.to).toEqual([{ name: 'a, <eve@evil.example>', address: 'ann@example.org' }])
})

test('a mail within the mail is a file', async () => {
  const mail = await parsed(
    'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee below\n--b\nContent-Type: message/rfc822\n\nSubject: inner\n\ninner text\n--b--\n',
  )
  expect(mail.text).not.toContain('inner')
  expect(mail.attachments.map((file) => [file.contentType, Buffer.from(file.bytes).toString().trim()])).toEqual([
    ['message/rfc822', 'Subject: inner\n\ninner text'],
  ])
})

test('a mail in which no part can be found is shown as it came', async () => {
  const mail = await parsed('Content-Type: multipart/mixed\n\nlost words\n')
  expect(mail.text).toContain('lost words')
})

test('nothing that comes out of a header can break a line, a page or a database', async () => {
  const mail = await parsed(
    'Subject: =?utf-8?Q?a=0D=0AX:_b=00=E2=80=A8?=\r\nFrom: =?utf-8?Q?a=0Ab?= <x@y.org>\r\nMessage-ID: <a\x01b@c>\r\n\r\na\0b',
  )
  expect(mail.subject).toBe('a X: b ')
  expect(mail.from?.name).toBe('a b')
  expect(mail.messageId).toBeNull()
  expect(mail.text).not.toContain('\0')
})

test.each([
  ['plain.pdf', 'plain.pdf'],
  ['\u200b.htaccess', 'htaccess'],
  ['../../etc/passwd', '_.._etc_passwd'],
  ['C:\\Windows\\x.exe', 'C__Windows_x.exe'],
  ['invoice\u202efdp.exe', 'invoicefdp.exe'],
  ['a\0b\r\nc.txt', 'abc.txt'],
  ['...', 'unnamed'],
  ['x.exe. . ', 'x.exe'],
  ['e\u0301.txt', 'é.txt'],
  [`${'a'.repeat(300)}.pdf`, `${'a'.repeat(179)}…${'a'.repeat(16)}.pdf`],
])('a file named %j is offered as %j', async (given, expected) => {
  const encoded = `utf-8''${Array.from(Buffer.from(given), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}`
  const mail = await parsed(`Content-Type: application/x\nContent-Disposition: attachment; filename*=${encoded}\n\nx`)
  expect(mail.attachments[0]?.filename).toBe(expected)
})

test('what is too large, too deep or too much is refused with the reason', async () => {
  expect(await reasonOf(Buffer.alloc(PARSE_LIMITS.bytes + 1, 'a'))).toMatch(/larger than 50 MB/)
  expect(await reasonOf(`Subject: ${'x'.repeat(10_000_000)}\n\nx`)).toMatch(/header is larger than 256 KB/)
  expect(await reasonOf(`${'A: b\n'.repeat(2_000)}\nx`)).toMatch(/more than 1000 headers/)
  expect(await reasonOf(`${'A: b\n'.repeat(200_000)}\nx`)).toMatch(/header is larger than 256 KB/)
  expect(await reasonOf(`Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(100_000)}--b--`)).toMatch(
    /more than 1000 parts/,
  )
  expect(
    await reasonOf(
      `Content-Type: multipart/mixed; boundary=b\n\n--b\n${'Content-Type: multipart/mixed; boundary=b\n\n--b\n'.repeat(10_000)}`,
    ),
  ).toMatch(/parts|nested/)
  expect(await reasonOf(nested(900))).toMatch(/nested more than 50 deep/)
  expect(await reasonOf(nested(10_000))).toMatch(/nested more than 50 deep/)
  expect(await reasonOf(`From: ${'a@b.example, '.repeat(10_000)}\n\nx`)).toBe('parsed')
})

function nested(depth: number): string {
  let mail = ''
  for (let i = 0; i < depth; i += 1) mail += `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`
  return `${mail}\nx`
}

test('a file of many lines is kept byte for byte, and a text without what belongs to the delimiter', async () => {
  const mail = await parsed(
    `Content-Type: multipart/mixed; boundary=b\n\n--b\n\n${'x\n'.repeat(50_000)}--b\nContent-Disposition: attachment\n\n${'y\r\n'.repeat(50_000)}--b--`,
  )
  expect(`${mail.text}\n`).toBe('x\n'.repeat(50_000))
  expect(`${Buffer.from(mail.attachments[0]?.bytes ?? [])}\r\n`).toBe('y\r\n'.repeat(50_000))
})

test('a text with many dashed lines is not taken for one of many parts', async () => {
  const mail = await parsed(`Content-Type: multipart/mixed; boundary=b\n\n--b\n\n${'-----\n--\n--c\n'.repeat(5_000)}--b--`)
  expect(mail.text).toContain('--c')
})

test('whatever the bytes, there is an answer', async () => {
  const piece = fc.constantFrom(
    'From: a <b@c>',
    'To: ',
    'Subject: =?utf-8?B?',
    '=?x?Q?=ZZ?=',
    '\n',
    '\r\n',
    '\n\n',
    'Content-Type: multipart/mixed; boundary=b',
    'Content-Type: message/rfc822',
    '--b',
    '--b--',
    'Content-Transfer-Encoding: base64',
    'ü',
    '\0',
    '=',
    ';',
    '"',
    '(',
    '<',
    'Content-Disposition: attachment; filename="',
    'charset=utf-7',
    'boundary=""',
    'Date: 99999',
  )
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.array(piece, { maxLength: 25 }).map((pieces) => Buffer.from(pieces.join(''))),
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      ),
      async (bytes) => {
        const result = await parseMail(bytes)
        expect(['parsed', 'unreadable']).toContain(result.kind)
        if (result.kind === 'parsed')
          for (const { name, value } of result.mail.headers) expect(name + value).not.toMatch(/[\x00-\x1f\x7f]/)
      },
    ),
    { numRuns: 1000 },
  )
})

test('what turns the direction of letters round is taken out of subjects and names; what is written from right to left stays', async () => {
  const mail = await parsed(
    Buffer.from(
      'From: "Invoice \u202egpj.exe\u2066" <a@b.example>\r\nTo: \u202bשלום\u202c <c@b.example>\r\nSubject: Photo \u202egpj.exe שלום\r\n\r\nx',
    ),
  )
  expect([mail.subject, mail.from?.name, mail.to[0]?.name]).toEqual(['Photo gpj.exe שלום', 'Invoice gpj.exe', 'שלום'])
})

const CORPUS = fileURLToPath(new URL('../../../shared/corpora/mime', import.meta.url))

test.skipIf(!existsSync(CORPUS))('every mail of the corpus is read, and shows something', async () => {
  const files = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.eml'))
  expect(files.length).toBeGreaterThan(150)
  for (const file of files) {
    const bytes = readFileSync(join(CORPUS, file))
    const result = await parseMail(bytes)
    expect([file, result.kind]).toEqual([file, 'parsed'])
    if (result.kind !== 'parsed' || /^\s*$/.test(bytes.toString('latin1').replace(/^[\s\S]*?\r?\n\r?\n/, ''))) continue
    expect([file, Boolean(result.mail.text || result.mail.html || result.mail.attachments.length)]).toEqual([file, true])
  }
})
