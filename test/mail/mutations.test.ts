import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { AUTOMATIC_KINDS, automaticOf, mayAnswer } from '../../src/mail/automatic.ts'
import { readInbound } from '../../src/mail/bounce/read-inbound.ts'
import { PARSE_LIMITS, type ParsedMail, parseMail } from '../../src/mail/parse.ts'
import { replyKeysOf } from '../../src/mail/reply-keys.ts'
import { splitQuoted } from '../../src/mail/visible-text.ts'
import { mutate, seeded } from '../support/mutate.ts'
import { tnefOf } from '../support/tnef.ts'

vi.setConfig({ testTimeout: 120_000 })

const TNEF = tnefOf({
  properties: [[0x1000_001e, Buffer.from('words\0')]],
  files: [{ title: 'a.txt', data: Buffer.from('a'), properties: [] }],
})
const OWN = [
  'From: Ann <ann@example.org>\r\nTo: r+x@example.com\r\nSubject: =?iso-2022-jp?B?GyRCRnxLXBsoQg==?= [a-1]\r\nReferences: <1@x> <2@x>\r\n\r\nYes.\r\n\r\nOn Tue, Nov 21, 2026 Bob <b@x.example> wrote:\r\n> Well?\r\n',
  'Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; format=flowed\r\n\r\nHello \r\nyou\r\n--b\r\nContent-Type: text/html; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<div>H=E4llo</div><div class=3D"gmail_quote"><blockquote type=3D"cite">q</blockquote></div><img src=3D"data:image/png;base64,AQID">\r\n--b--\r\n',
  `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n${TNEF.toString('base64')}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nin\r\n--b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n`,
  'From: MAILER-DAEMON@x.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n',
  'Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\nMIAGCSqGSIb3DQEHAqCAMIACAQExADCABgkqhkiG9w0BBwGggCSABAV4DQoNCnkAAAAAAAAAAAAA\r\n',
].map((mail) => Buffer.from(mail))

const CORPORA = fileURLToPath(new URL('../../../shared/corpora', import.meta.url))

function originals(): Buffer[] {
  if (!existsSync(CORPORA)) return OWN
  const files = readdirSync(CORPORA, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.eml'))
  return [...OWN, ...files.sort().map((name) => readFileSync(join(CORPORA, name)))]
}

test('no mail that is broken in any of two thousand ways is more than its limits, or has no answer', async () => {
  const random = seeded(20_261_121)
  const all = originals()
  const counts = { parsed: 0, unreadable: 0 }
  for (let n = 0; n < 2_000; n += 1) {
    const original = all[n % 4 === 0 ? n % OWN.length : Math.floor(random() * all.length)] as Buffer
    const bytes = mutate(original, random)
    const result = await parseMail(bytes)
    counts[result.kind] += 1
    if (result.kind === 'parsed') hold(result.mail, bytes, n)
    else expect(result.reason, `mutation ${n}`).not.toMatch(/cannot be read/)
  }
  expect(counts.parsed).toBeGreaterThan(1_500)
})

/** What has to be true of every mail that was read. */
function hold(mail: ParsedMail, bytes: Buffer, n: number): void {
  const about = `mutation ${n}`
  expect(mail.headers.length, about).toBeLessThanOrEqual(PARSE_LIMITS.headers)
  expect(mail.attachments.length, about).toBeLessThanOrEqual(PARSE_LIMITS.parts + 300)
  const shown = [mail.subject, ...mail.headers.map(({ value }) => value), ...mail.attachments.map(({ name }) => name)].join('')
  expect(/[\x00-\x1f\x7f]/.test(shown), about).toBe(false)
  expect(`${mail.text}${mail.html}`.includes('\0'), about).toBe(false)
  expect((mail.text?.length ?? 0) + mail.attachments.reduce((sum, { size }) => sum + size, 0), about).toBeLessThanOrEqual(
    bytes.length * 8 + 1_000,
  )
  const { text, quoted } = splitQuoted(mail)
  expect(text.length + (quoted?.length ?? 0), about).toBeLessThanOrEqual(
    ((mail.text?.length ?? 0) + (mail.html?.length ?? 0)) * 3 + 100,
  )
  const keys = replyKeysOf(mail, [])
  expect(keys.tokens.length, about).toBeLessThanOrEqual(20)
  const automatic = automaticOf(mail, null)
  if (automatic !== null) expect(AUTOMATIC_KINDS, about).toContain(automatic.kind)
  expect(typeof mayAnswer(automatic, mail), about).toBe('boolean')
  expect(readInbound(mail).recipients.length, about).toBeLessThanOrEqual(1_000)
}

test.each([
  [
    '50,000 parts without anything',
    `Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\n'.repeat(50_000)}--b--`,
    /more than 1000 parts/,
  ],
  [
    '1,000 levels',
    `${Array.from({ length: 1_000 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`).join('')}\nx`,
    /nested more than 50/,
  ],
  ['a boundary that is in every line', `Content-Type: multipart/mixed; boundary=""\n\n${'--\n'.repeat(200_000)}`, null],
  ['32,000 addresses', `To: ${'a@b.example, '.repeat(16_000)}\nCc: ${'a@b.example, '.repeat(3_000)}\n\nx`, null],
  ['64,000 quoted levels', `Subject: Re: x\n\n${'>'.repeat(64_000)} x\n${'> '.repeat(64_000)}x`, null],
  ['a million attributions', `Subject: Re: x\n\n${'On 1 Jan 2026 10:00 x@y.example wrote:\n'.repeat(30_000)}`, null],
  ['header blocks without end', `Subject: Re: x\n\n${'From: a\n'.repeat(100_000)}`, null],
  ['deep HTML', `Content-Type: text/html\n\n${'<div><blockquote type=cite>'.repeat(30_000)}x`, null],
  ['an unclosed comment', `Content-Type: text/plain; a=${'('.repeat(30_000)}\n\nx`, null],
  ['encoded words without end', `Subject: ${'=?utf-8?Q?=C3?='.repeat(12_000)}\n\nx`, null],
  [
    'parameters in pieces without end',
    `Content-Disposition: attachment; ${Array.from({ length: 5_000 }, (_, n) => `filename*${n}*=a`).join('; ')}\n\nx`,
    null,
  ],
])('a mail of %s is answered for quickly', async (_, mail, reason) => {
  const bytes = Buffer.from(mail)
  const result = await parseMail(bytes)
  if (reason !== null) expect(result).toMatchObject({ kind: 'unreadable', reason: expect.stringMatching(reason) })
  if (result.kind === 'parsed') hold(result.mail, bytes, 0)
})
