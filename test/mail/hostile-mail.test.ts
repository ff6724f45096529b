import { expect, test, vi } from 'vitest'
import { parseMail } from '../../src/mail/parse.ts'
import { splitQuoted } from '../../src/mail/visible-text.ts'
import { expectLawful } from '../support/read-mail-laws.ts'

vi.setConfig({ testTimeout: 120_000 })

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
  ['NULs without end', `Subject: x\n\n${'a\0'.repeat(10_000_000)}`, null],
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
  if (result.kind === 'parsed') expectLawful(bytes, result.mail, splitQuoted(result.mail))
})
