import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMailbox } from '../../src/mail/address.ts'
import { compose } from '../../src/mail/compose.ts'
import { parseMail } from '../../src/mail/parse.ts'

const words = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((text) => /^[^\p{C}\p{Z}][^\p{C}\u2028\u2029]*[^\p{C}\p{Z}]$/u.test(text))
const lines = fc.array(words, { minLength: 1, maxLength: 20 }).map((all) => all.join('\n'))
const file = fc.record({
  filename: fc.stringMatching(/^[a-zA-Z0-9äöü 日本-]{1,80}\.(?:pdf|txt|bin)$/).filter((name) => name.trim() === name),
  content: fc.uint8Array({ maxLength: 400 }),
})

test('what we write is what we read: subject, words, pages and files, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(words, lines, fc.option(lines), fc.array(file, { maxLength: 4 }), async (subject, text, html, files) => {
      const { content } = compose({
        from: parseMailbox('ann@example.org')!,
        to: [parseMailbox('bob@example.org')!],
        subject,
        text,
        ...(html === null ? {} : { html }),
        date: new Date('2026-11-22T10:00:00Z'),
        messageId: '<1@example.org>',
        attachments: files.map(({ filename, content: bytes }) => ({
          filename,
          contentType: 'application/octet-stream',
          content: Buffer.from(bytes),
        })),
      })
      const result = await parseMail(Buffer.from(content, 'latin1'))
      if (result.kind !== 'parsed') throw new Error(result.reason)
      const { mail } = result
      expect(mail.subject).toBe(subject)
      expect(mail.text?.trimEnd()).toBe(text.trimEnd())
      expect(mail.html?.trimEnd() ?? null).toBe(html?.trimEnd() ?? null)
      expect(mail.attachments.map(({ filename, bytes }) => [filename, Buffer.from(bytes).toString('hex')])).toEqual(
        files.map(({ filename, content: bytes }) => [
          filename.replace(/\s+/g, ' ').normalize('NFC'),
          Buffer.from(bytes).toString('hex'),
        ]),
      )
    }),
    { numRuns: 300 },
  )
})
