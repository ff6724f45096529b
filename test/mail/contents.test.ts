import { expect, test } from 'vitest'
import { type ParsedMail, parseMail } from '../../src/mail/parse.ts'
import { tnefOf, unicode } from '../support/tnef.ts'

async function parsed(mail: string | Buffer): Promise<ParsedMail> {
  const result = await parseMail(typeof mail === 'string' ? Buffer.from(mail) : mail)
  if (result.kind !== 'parsed') throw new Error(result.reason)
  return result.mail
}

/** A mail of parts, each its headers and its body. */
function mixed(...parts: readonly (readonly [headers: string, body: string | Buffer])[]): Buffer {
  const pieces = parts.flatMap(([headers, body]) => [
    Buffer.from(`--b\r\n${headers}\r\n\r\n`),
    Buffer.from(body),
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([Buffer.from('Content-Type: multipart/mixed; boundary=b\r\n\r\n'), ...pieces, Buffer.from('--b--\r\n')])
}
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

test.each([
  ['iso-2022-jp', Buffer.from('\x1b$B-!F|K\\\x1b(B', 'latin1'), '①日本'],
  ['ISO-2022-JP-MS', Buffer.from('\x1b$B-!\x1b(B', 'latin1'), '①'],
  ['us-ascii', Buffer.from('\x1b$BF|K\\\x1b(B', 'latin1'), '日本'],
  ['', Buffer.from('\x1b$BF|K\\\x1b(B', 'latin1'), '日本'],
  ['gb2312', Buffer.from('8139ee39d6d0', 'hex'), '㐀中'],
  ['x-gbk', Buffer.from('d6d0cec4', 'hex'), '中文'],
  ['cp932', Buffer.from('87408abf', 'hex'), '①漢'],
  ['ks_c_5601-1987', Buffer.from('c7d1b1db', 'hex'), '한글'],
  ['big5-hkscs', Buffer.from('a4a4a4e5', 'hex'), '中文'],
  ['hz-gb-2312', Buffer.from('a ~{VPND~} b'), 'a 中文 b'],
  ['iso-2022-kr', Buffer.from('\x1b$)C\x0eGQ1[\x0f!', 'latin1'), '한글!'],
  ['windows-1251', Buffer.from('cff0e8e2e5f2', 'hex'), 'Привет'],
  ['cp-1252', Buffer.from('80', 'hex'), '€'],
  ['win1250', Buffer.from('9aea', 'hex'), 'šę'],
  ['iso-8859-8-i', Buffer.from('f9ece5ed', 'hex'), 'שלום'],
  ['tis-620', Buffer.from('cac7d1', 'hex'), 'สวั'],
  ['utf-7', Buffer.from('Hi Mom -+Jjo--+- +AGE-b'), 'Hi Mom -☺-+ ab'],
  ['iso-8859-1', Buffer.from('Grüße für alle'), 'Grüße für alle'],
  ['utf-8', Buffer.from('Grüße für', 'latin1'), 'Grüße für'],
  ['utf-8', Buffer.concat([Buffer.from('Größe'), Buffer.from([0xc3])]), 'Größe\ufffd'],
  ['x-unheard-of', Buffer.from('é'), 'é'],
  ['unknown-8bit', Buffer.from([0xe9]), 'é'],
])('a text in %j that holds %j reads %j', async (charset, bytes, expected) => {
  const type = charset === '' ? '' : `Content-Type: text/plain; charset="${charset}"\n`
  expect((await parsed(Buffer.concat([Buffer.from(`${type}\n`), bytes]))).text).toBe(expected)
})

test('words in a header that are cut inside a character, or written raw, are read', async () => {
  const cut = await parsed('Subject: =?gb2312?B?1tDO?= =?gb2312?B?xA==?=\n\nx')
  expect(cut.subject).toBe('中文')
  const raw = Buffer.concat([
    Buffer.from('Content-Type: text/plain; charset=gb2312\nSubject: '),
    Buffer.from('d6d0cec4', 'hex'),
    Buffer.from('\n\nx'),
  ])
  expect((await parsed(raw)).subject).toBe('中文')
})

test('a page that names its charset itself is read by that', async () => {
  const html = Buffer.concat([
    Buffer.from('Content-Type: text/html\n\n<meta charset="windows-1251">'),
    Buffer.from('cff0', 'hex'),
  ])
  expect((await parsed(html)).html).toBe('<meta charset="windows-1251">Пр')
})

test('files come as they were sent, each with a name', async () => {
  const mail = await parsed(
    mixed(
      ['Content-Type: text/plain', 'words'],
      ['Content-Type: text/plain\r\nContent-Disposition: attachment; filename="a.txt"', 'one\r\ntwo\r\n'],
      ['Content-Type: text/plain; name="b.log"', 'a log'],
      ['Content-Type: image/png\r\nContent-Transfer-Encoding: base64', base64(Buffer.from([1, 2, 3]))],
      ['Content-Type: message/rfc822', 'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=: /etc\r\n\r\ninner'],
      ['Content-Type: message/rfc822', 'From: a@b.example\r\n\r\ninner'],
      ['Content-Type: text/calendar; method=REQUEST', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR'],
      ['Content-Type: application/octet-stream; name*0*=utf-8\'\'%C3%9Cber; name*1=".pdf"', 'x'],
      ['Content-Type: application/octet-stream; name="=?utf-8?B?w5w=?= =?utf-8?B?LnBkZg==?="', 'x'],
      ['Content-Type: nonsense\r\nContent-Disposition: attachment', 'x'],
    ),
  )
  expect(mail.text).toBe('words')
  expect(mail.attachments.map(({ name, size, contentType }) => [name, size, contentType])).toEqual([
    ['a.txt', 10, 'text/plain'],
    ['b.log', 5, 'text/plain'],
    ['image-3.png', 3, 'image/png'],
    ['Grüße_ _etc.eml', 51, 'message/rfc822'],
    ['message-5.eml', 26, 'message/rfc822'],
    ['invite.ics', 30, 'text/calendar'],
    ['Über.pdf', 1, 'application/octet-stream'],
    ['Ü.pdf', 1, 'application/octet-stream'],
    ['text-9.txt', 1, 'text/plain'],
  ])
})

test('words in several places are joined in the representation of each, and nothing is shown twice', async () => {
  const alternative = 'Content-Type: multipart/alternative; boundary=c'
  const both = '--c\r\nContent-Type: text/plain\r\n\r\nplain\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>rich</p>\r\n--c--'
  const mail = await parsed(
    mixed([alternative, both], ['Content-Type: text/plain', 'a < b'], ['Content-Type: text/html', '<b>end</b>']),
  )
  expect(mail.text).toBe('plain\na < b\nend')
  expect(mail.html).toBe('<p>rich</p>\n<div style="white-space:pre-wrap">a &lt; b</div>\n<b>end</b>')
})

test.each([
  ['no closing delimiter', 'Content-Type: multipart/mixed; boundary=b\n\n--b\n\nwords'],
  ['blanks behind the delimiter', 'Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\nwords\n--b--  \n'],
  [
    'a boundary in odd quotes and pieces',
    'Content-Type: multipart/mixed;\n\tboundary*0="b";\n boundary*1=c\n\n--bc\n\nwords\n--bc--\n',
  ],
  [
    'a boundary that is not named',
    'Content-Type: multipart/mixed\n\n--what=ever\nContent-Type: text/plain\n\nwords\n--what=ever--\n',
  ],
  ['lines that end in CR', 'Content-Type: multipart/mixed; boundary=b\r\r--b\r\rwords\r--b--\r'],
  ['lines that end in both', 'Content-Type: multipart/mixed; boundary=b\r\n\n--b\r\n\nwords\r\n--b--\n'],
  ['a comment in its type', 'Content-Type: multipart/mixed (a; comment); boundary=b\n\n--b\n\nwords\n--b--'],
  ['an encoding in capitals', 'Content-Transfer-Encoding: (x) BASE64 \n\nd29yZHM='],
  ['base64 in pieces with padding', 'Content-Transfer-Encoding: base64\n\nd28=\ncmRz'],
  ['quoted-printable with blanks at its ends', 'Content-Transfer-Encoding: quoted-printable\n\nwo=  \nrd=73  '],
  ['a type that is none', 'Content-Type: text\n\nwords'],
])('a mail with %s is read', async (_, mail) => {
  expect((await parsed(mail)).text).toBe('words')
})

test('lines of a flowed text are the paragraphs they were', async () => {
  const mail = await parsed('Content-Type: text/plain; format=flowed; delsp=no\n\nOne \ntwo\n>> quoted \n>> on\n\n-- \nBob')
  expect(mail.text).toBe('One two\n>> quoted on\n\n-- \nBob')
})

test('what was wrapped as winmail.dat is there as it was before', async () => {
  const tnef = tnefOf({
    properties: [[0x1000_001e, Buffer.from('the words\0')]],
    files: [
      {
        title: 'SHORT~1.PDF',
        data: Buffer.from('a pdf'),
        properties: [
          [0x3707_001f, unicode('Übersicht.pdf')],
          [0x370e_001e, Buffer.from('application/pdf\0')],
        ],
      },
      { title: '../../evil\0', data: Buffer.from('x'), properties: [] },
    ],
  })
  const winmail = `Content-Type: application/ms-tnef; name="winmail.dat"\r\nContent-Transfer-Encoding: base64`
  const alone = await parsed(mixed([winmail, base64(tnef)]))
  expect([alone.text, alone.attachments.map(({ name, contentType, size }) => [name, contentType, size])]).toEqual([
    'the words',
    [
      ['Übersicht.pdf', 'application/pdf', 5],
      ['_.._evil', 'application/octet-stream', 1],
    ],
  ])
  const withText = await parsed(mixed(['Content-Type: text/plain', 'own words'], [winmail, base64(tnef)]))
  expect(withText.text).toBe('own words')
  const cut = await parsed(mixed([winmail, base64(tnef.subarray(0, tnef.length - 30))]))
  expect(cut.attachments.map(({ name }) => name)).toContain('winmail.dat')
})

test('an invitation that is nothing else is shown by what it says, and kept as a file', async () => {
  const ics =
    'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Weekly\\, all\r\nDTSTART;TZID="Europe/Berlin":20261121T100000\r\nDTEND;TZID="Europe/Berlin":20261121T113000\r\nORGANIZER;CN="Ann E":mailto:ann@exam\r\n ple.org\r\nLOCATION:Room 1\r\nBEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR'
  const mail = await parsed(`Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n${ics}`)
  expect(mail.text).toBe(
    'Invitation: Weekly, all\nWhen: 2026-11-21 10:00 to 11:30 (Europe/Berlin)\nWhere: Room 1\nOrganiser: Ann E <ann@example.org>',
  )
  expect(mail.attachments.map(({ name }) => name)).toEqual(['invite.ics'])
  expect(mail.events).toMatchObject([
    { method: 'REQUEST', summary: 'Weekly, all', start: '2026-11-21 10:00', zone: 'Europe/Berlin' },
  ])
  expect((await parsed(mixed(['Content-Type: text/plain', 'Come!'], ['Content-Type: text/calendar', ics]))).text).toBe('Come!')
})

/** An element of DER. */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const length = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
const SIGNED = Buffer.from('2a864886f70d010702', 'hex')
const DATA = Buffer.from('2a864886f70d010701', 'hex')
const inner = Buffer.from(
  'Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nsigned words\r\n--i\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nx\r\n--i--\r\n',
)
const signedData = (octets: Buffer) =>
  der(
    0x30,
    der(0x06, SIGNED),
    der(0xa0, der(0x30, der(0x02, Buffer.from([1])), der(0x31), der(0x30, der(0x06, DATA), der(0xa0, octets)))),
  )

test.each([
  ['in one piece', der(0x04, inner)],
  ['in several', der(0x24, der(0x04, inner.subarray(0, 50)), der(0x04, inner.subarray(50)))],
  ['of a length that is not told', Buffer.concat([Buffer.from([0x24, 0x80]), der(0x04, inner), Buffer.from([0, 0])])],
])('what stands within an opaque signature is read, %s', async (_, octets) => {
  const mail = await parsed(
    `Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n${base64(signedData(octets))}`,
  )
  expect([mail.text, mail.sealed, mail.attachments.map(({ name }) => name)]).toEqual([
    'signed words',
    null,
    ['smime.p7m', 'a.pdf'],
  ])
})

test.each([
  ['smime', 'Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx'],
  [
    'smime',
    'Content-Type: application/x-pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIIB',
  ],
  [
    'pgp',
    'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\nx\n--b--',
  ],
  ['pgp', '\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----'],
  [
    null,
    'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=b\n\n--b\n\nwords\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--',
  ],
])('sealed by %s', async (sealed, mail) => {
  expect((await parsed(mail)).sealed).toBe(sealed)
})

test('pictures within the HTML become files', async () => {
  const mail = await parsed(
    'Content-Type: text/html\n\n<img src="data:image/png;base64,AQID"><img src=\'data:image/jpg;base64,AQ==\'><img src="data:image/svg+xml;base64,AQ==">',
  )
  expect(mail.html).toBe(
    '<img src="cid:image-1@within.invalid"><img src=\'cid:image-2@within.invalid\'><img src="data:image/svg+xml;base64,AQ==">',
  )
  expect(mail.attachments.map(({ name, contentId, disposition, size }) => [name, contentId, disposition, size])).toEqual([
    ['image-1.png', 'image-1@within.invalid', 'inline', 3],
    ['image-2.jpg', 'image-2@within.invalid', 'inline', 1],
  ])
})

test('no name of a file leads anywhere, hides anything, or is too long to be stored', async () => {
  const parts = [
    '',
    '\u200b',
    '..',
    '.',
    '/',
    '\\',
    '\0',
    '\u202e',
    '\u2066',
    ' ',
    'CON',
    'a'.repeat(300),
    '\u{1f4e7}'.repeat(200),
    '\ud800',
    '%2e%2e%2f',
    'x:y',
    '\r\n',
    '"',
    ';',
  ]
  const names = parts.flatMap((part) => [`${part}.htaccess`, `${part}evil.php`, `a${part}.exe`, `../${part}`])
  for (const name of names) {
    const encoded = Array.from(Buffer.from(name), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
    const [file] = (
      await parsed(`Content-Type: application/x\nContent-Disposition: attachment; filename*=utf-8''${encoded}\n\nx`)
    ).attachments
    expect(file?.name).toMatch(/^[^./\\:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u206f]/)
    expect(file?.name).not.toMatch(/[/\\:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u206f]|[. ]$|^\.|\p{Surrogate}/u)
    expect(Array.from(file?.name ?? '').length).toBeLessThanOrEqual(200)
    expect(Buffer.byteLength(file?.name ?? '')).toBeLessThanOrEqual(900)
  }
})

test.each([
  ['Sat, 21 Nov 2026 10:02:03 +0100', '2026-11-21T09:02:03.000Z'],
  ['21 Nov 26 10:02 EST (winter)', '2026-11-21T15:02:00.000Z'],
  ['Fri, 21 Nov 1997 09(comment):   55  :  06 -0600', '1997-11-21T15:55:06.000Z'],
  ['Tue, 01 Apr 2003 02:03:04 GMT', '2003-04-01T02:03:04.000Z'],
  ['2026-11-21T10:02:03Z', '2026-11-21T10:02:03.000Z'],
  ['yesterday', null],
  ['Sat, 21 Nov 9999 10:02:03 +0100', null],
])('the date %j is %j', async (written, expected) => {
  expect((await parsed(`Date: ${written}\n\nx`)).date?.toISOString() ?? null).toBe(expected)
})

test('a text longer than anybody reads is shown from its beginning, and all of it comes along as a file', async () => {
  const line = 'Nov 22 10:00:00 host daemon[1]: it is still running =E4 \r\n'
  const said = 'Nov 22 10:00:00 host daemon[1]: it is still running ä\n'
  const log = line.repeat(Math.ceil((5 * 1024 * 1024) / line.length))
  const mail = await parsed(
    `Content-Type: text/plain; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${log}`,
  )
  const [file, ...others] = mail.attachments
  expect(others).toEqual([])
  expect(file).toMatchObject({
    name: 'text-1.txt',
    contentType: 'text/plain',
    size: (log.length / line.length) * `${said.trimEnd()}\r\n`.length,
  })
  const end = '\n[This text is longer. All of it is in the attached file.]\n'
  expect(mail.text?.startsWith(said)).toBe(true)
  expect(mail.text?.endsWith(`${said}${end}`)).toBe(true)
  expect(mail.text?.length).toBeLessThanOrEqual(4 * 1024 * 1024)
})
