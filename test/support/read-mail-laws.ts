import { expect } from 'vitest'
import { AUTOMATIC_KINDS, automaticOf, mayAnswer } from '../../src/mail/automatic.ts'
import { readInbound } from '../../src/mail/bounce/read-inbound.ts'
import { PARSE_LIMITS, type ParsedMail } from '../../src/mail/parse.ts'
import { replyKeysOf } from '../../src/mail/reply-keys.ts'
import type { VisibleText } from '../../src/mail/visible-text.ts'

/** What has to be true of every mail that was read, however it was made. */
export function expectLawful(bytes: Buffer, mail: ParsedMail, body: VisibleText): void {
  expect(mail.headers.length).toBeLessThanOrEqual(PARSE_LIMITS.headers)
  expect(mail.attachments.length).toBeLessThanOrEqual(PARSE_LIMITS.parts + 300)
  const shown = [mail.subject, ...mail.headers.map(({ value }) => value), ...mail.attachments.map(({ name }) => name)].join('')
  expect(/[\x00-\x1f\x7f]/.test(shown)).toBe(false)
  expect(`${mail.text}${mail.html}`.includes('\0')).toBe(false)
  const texts = (mail.text?.length ?? 0) + (mail.html?.length ?? 0)
  const files = mail.attachments.reduce((sum, { size }) => sum + size, 0)
  expect((mail.text?.length ?? 0) + files).toBeLessThanOrEqual(bytes.length * 8 + 1_000)
  expect(body.text.length + (body.quoted?.length ?? 0)).toBeLessThanOrEqual(texts * 3 + 100)
  expect(replyKeysOf(mail, []).tokens.length).toBeLessThanOrEqual(20)
  expect(readInbound(mail).recipients.length).toBeLessThanOrEqual(1_000)
  const automatic = automaticOf(mail, null)
  expect([null, ...AUTOMATIC_KINDS]).toContain(automatic?.kind ?? null)
  expect(typeof mayAnswer(automatic, mail)).toBe('boolean')
}
