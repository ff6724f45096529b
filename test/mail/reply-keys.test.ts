import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signId } from '../../src/lib/signed-id.ts'
import { type ParsedMail, parseMail } from '../../src/mail/parse.ts'
import { replyKeysOf } from '../../src/mail/reply-keys.ts'

const KEY = Buffer.alloc(32, 7)
const token = (n: number) => signId('r', `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`, KEY)
const [A, B, C, D, E] = [token(1), token(2), token(3), token(4), token(5)] as const

async function parsed(lines: readonly string[], body = 'Hello'): Promise<ParsedMail> {
  const result = await parseMail(Buffer.from([...lines, '', body].join('\r\n')))
  if (result.kind !== 'parsed') throw new Error(result.reason)
  return result.mail
}

test('tokens are found in the envelope, in addresses, in ids that are answered and in the body, in this order and once', async () => {
  const mail = await parsed(
    [
      `To: Shop <r+${B.toUpperCase()}@in.example.com>`,
      `Delivered-To: support+${C}@example.com`,
      `In-Reply-To: <r.${D}@example.com>`,
      `References: <1@example.com> <r.${D}@example.com>`,
    ],
    `Thanks\r\n> [Ref: ${E}]\r\n> [Ref: ${A}]`,
  )
  expect(replyKeysOf(mail, [`r+${A}@in.example.com`]).tokens).toEqual([A, B, C, D, E])
})

test.each([`[Ref: ${A}]`, `> > [REF: ${A.toUpperCase()}]`, `[Ref:\r\n> ${A}]`, `[Ref:\u00a0${A}]`])(
  'the marker %j of a plain text is found',
  async (body) => {
    const mail = await parsed(['Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit'], body)
    expect(replyKeysOf(mail, []).tokens).toEqual([A])
  },
)

test.each([`<div style="display:none">[Ref: ${A}]</div>`, `<span style="font-size:0">[Ref:&nbsp;<b>${A}</b>]</span>`])(
  'the marker %j of an HTML text is found, hidden or not',
  async (body) => {
    expect(replyKeysOf(await parsed(['Content-Type: text/html'], body), []).tokens).toEqual([A])
  },
)

test.each([`[Ref: ${A}x]`, `[Ref: ${A.slice(1)}]`, `[Ref ${A}]`, `${A}`])('%j is no marker', async (body) => {
  expect(replyKeysOf(await parsed(['To: a@example.com'], body), []).tokens).toEqual([])
})

test('a token of another length, or in a domain, or in an id that is not ours by its form, is none', async () => {
  const mail = await parsed([`To: r+${A}a@example.com, x@${A}.example.com`, `In-Reply-To: <${A}@example.com>`])
  expect(replyKeysOf(mail, [`r+${A.slice(1)}@example.com`, A]).tokens).toEqual([])
})

test('what is answered comes first, then what is nearest, each once', async () => {
  const mail = await parsed(['In-Reply-To: <3@x>', 'References: <1@x> <2@x>\r\n <3@x> <4@provider.example>'])
  expect(replyKeysOf(mail, []).references).toEqual(['<3@x>', '<4@provider.example>', '<2@x>', '<1@x>'])
})

test.each([
  ['Re: [support-123] Broken', [{ queue: 'support', number: 123 }]],
  [
    'AW: [Support-EU-2-7] x [sales-9]',
    [
      { queue: 'support-eu-2', number: 7 },
      { queue: 'sales', number: 9 },
    ],
  ],
  ['[Büro-12]', [{ queue: 'büro', number: 12 }]],
  ['[123] (support-1) [support-] [-1] [support-1a] [sup port-1]', []],
  [`[a-${'9'.repeat(16)}]`, []],
])('the tags of %j', async (subject, tags) => {
  const mail = await parsed([`Subject: ${subject}`])
  expect(replyKeysOf({ ...mail, subject }, []).subjectTags).toEqual(tags)
})

test('any text has bounded keys', () => {
  const text = fc.string({ unit: 'binary', maxLength: 400 })
  fc.assert(
    fc.property(text, text, fc.array(text), (subject, body, recipients) => {
      const mail = { subject, text: body, html: body, to: [], cc: [], bcc: [], headers: [], inReplyTo: [], references: [] }
      const keys = replyKeysOf(mail as unknown as ParsedMail, recipients)
      expect(keys.tokens.length).toBeLessThanOrEqual(20)
      expect(keys.subjectTags.length).toBeLessThanOrEqual(10)
    }),
  )
})
