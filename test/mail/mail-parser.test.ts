import { expect, test, vi } from 'vitest'
import { createMailParser, parseMailSafely } from '../../src/mail/mail-parser.ts'

vi.setConfig({ testTimeout: 90_000 })

function mailOf(bytes: number): Buffer {
  return Buffer.from(
    `Subject: large\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Disposition: attachment; filename=x\n\n${'x\n'.repeat(bytes / 2)}--b--\n`,
  )
}

test('small and large mails are read alike, many at a time', async () => {
  const parser = createMailParser({ deadlineMs: 60_000 })
  try {
    const results = await Promise.all([100, 200_000, 1_000_000, 100, 300_000].map((bytes) => parser.parse(mailOf(bytes))))
    expect(
      results.map(
        (result) => result.kind === 'parsed' && [result.mail.subject, result.mail.text?.trim(), result.mail.attachments.length],
      ),
    ).toEqual(results.map(() => ['large', 'hello', 1]))
    const [, large] = results
    expect(large?.kind === 'parsed' && large.mail.attachments[0]?.bytes.byteLength).toBe(199_999)
  } finally {
    await parser.close()
  }
})

test('new words are told from quoted ones, in a thread where that takes long, and two mails are read at once', async () => {
  const parser = createMailParser({ deadlineMs: 60_000 })
  const quote = '<div class="gmail_quote"><blockquote>old</blockquote></div>'
  const page = (filler: number) =>
    Buffer.from(`Content-Type: text/html\n\n<p>new</p>${'<p>some more words</p>'.repeat(filler)}${quote}`)
  try {
    const read = await Promise.all([1, 6_000, 6_000].map((filler) => parser.read(page(filler))))
    for (const mail of read)
      expect(mail).toMatchObject({ kind: 'parsed', body: { text: expect.stringMatching(/^new/), quoted: '> old' } })
  } finally {
    await parser.close()
  }
})

test('a mail that takes too long is given up, and the next one is read', async () => {
  const parser = createMailParser({ deadlineMs: 1 })
  const late = await parser.parse(mailOf(20_000_000))
  expect(late).toEqual({
    kind: 'unreadable',
    reason: 'reading it took longer than 0.001 seconds',
  })
  expect((await parser.parse(mailOf(100))).kind).toBe('parsed')
  await parser.close()

  const patient = createMailParser({ deadlineMs: 60_000 })
  expect((await patient.parse(mailOf(100_000))).kind).toBe('parsed')
  await patient.close()
})

test('a mail that takes too much memory is given up without harm to the process', async () => {
  const words = `Content-Type: text/plain\n\n${'é '.repeat(10_000_000)}`
  const result = await parseMailSafely(Buffer.from(words), { memoryMb: 8, deadlineMs: 60_000 })
  expect(result).toMatchObject({ kind: 'unreadable', reason: expect.stringMatching(/memory|stopped/) })
})

test('a parser that is closed answers everybody', async () => {
  const parser = createMailParser()
  const waiting = [parser.parse(mailOf(5_000_000)), parser.parse(mailOf(5_000_000))]
  await parser.close()
  for (const result of await Promise.all(waiting))
    expect(result).toMatchObject({ kind: 'unreadable', reason: expect.stringMatching(/stopping/) })
  expect((await parser.parse(mailOf(10))).kind).toBe('unreadable')
})

test('one mail alone can be read with a deadline', async () => {
  expect((await parseMailSafely(mailOf(500_000), { deadlineMs: 60_000 })).kind).toBe('parsed')
})
