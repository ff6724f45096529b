import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReplyReader, toReply } from '../../src/mail/smtp-reply.ts'

function readAll(chunks: readonly string[]): { replies: [number, string][]; garbage: string | null; pending: boolean } {
  const reader = new ReplyReader()
  const replies: [number, string][] = []
  for (const chunk of chunks) {
    reader.feed(chunk)
    while (reader.next()) replies.push([reader.code, reader.text])
  }
  return { replies, garbage: reader.garbage, pending: reader.pending }
}

const line = fc.string({ unit: fc.constantFrom('a', 'B', '7', ' ', '.', '-', 'é', '\t'), maxLength: 12 })
const reply = fc.record({ code: fc.integer({ min: 200, max: 599 }), lines: fc.array(line, { minLength: 1, maxLength: 4 }) })

function written({ code, lines }: { code: number; lines: string[] }): string {
  return lines.map((text, index) => `${code}${index === lines.length - 1 ? ' ' : '-'}${text}\r\n`).join('')
}

function cut(text: string, sizes: readonly number[]): string[] {
  const chunks: string[] = []
  let at = 0
  for (let index = 0; at < text.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1
    chunks.push(text.slice(at, at + size))
    at += size
  }
  return chunks
}

test('replies are the same however the stream of bytes is cut', () => {
  fc.assert(
    fc.property(
      fc.array(reply, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 }),
      (replies, sizes) => {
        const stream = replies.map(written).join('')
        const expected = { replies: replies.map(({ code, lines }) => [code, lines.join('\n')]), garbage: null, pending: false }
        expect(readAll([stream])).toEqual(expected)
        expect(readAll(cut(stream, sizes))).toEqual(expected)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('any bytes, however cut, end in the same replies and the same refusal', () => {
  const noise = fc.array(
    fc.oneof(
      reply.map(written),
      fc.string({ unit: 'binary-ascii', maxLength: 8 }),
      fc.constantFrom('\r\n', '\n', '250', '250-', '999 x\r\n'),
    ),
    { maxLength: 10 },
  )
  fc.assert(
    fc.property(noise, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (parts, sizes) => {
      const stream = parts.join('')
      const whole = readAll([stream])
      const pieces = readAll(cut(stream, sizes))
      expect(pieces.replies).toEqual(whole.replies)
      expect(pieces.garbage).toBe(whole.garbage)
    }),
    { numRuns: 1_000 },
  )
})

test.each([
  ['220\r\n', [[220, '']]],
  ['220 \r\n', [[220, '']]],
  ['250 ok\n', [[250, 'ok']]],
  ['250-a\n250 b\r\n', [[250, 'a\nb']]],
] as const)('%j is a reply', (bytes, replies) => {
  expect(readAll([bytes])).toMatchObject({ replies, garbage: null })
})

test.each([
  '22 hello\r\n',
  '2500 hello\r\n',
  '199 x\r\n',
  '600 x\r\n',
  '999 x\r\n',
  'hello\r\n',
  '\r\n',
  '\n',
  '250_ok\r\n',
  '25x ok\r\n',
  '250-a\r\n251 b\r\n',
  '250-a\r\nnext\r\n',
  '\x16\x03\x01\r\n',
])('%j is not', (bytes) => {
  expect(readAll([bytes])).toEqual({
    replies: [],
    garbage: expect.stringMatching(/^the server sent /),
    pending: expect.any(Boolean),
  })
})

test('once out of step, a reader stays so', () => {
  expect(readAll(['nonsense\r\n', '250 ok\r\n'])).toMatchObject({ replies: [], garbage: expect.any(String) })
})

test('a line or a reply without end is given up, and what was read of it is forgotten', () => {
  expect(readAll(['x'.repeat(5_000)]).garbage).toContain('4096')
  expect(readAll(new Array(50).fill('y'.repeat(100))).garbage).toContain('4096')
  expect(readAll(['250-more\r\n'.repeat(200)]).garbage).toContain('128 lines')
  expect(readAll([`250-${'z'.repeat(4_000)}\r\n`.repeat(20)]).garbage).toContain('65536')
})

test.each([
  [250, '2.0.0 Ok: queued as 4F', { enhanced: '2.0.0', text: 'Ok: queued as 4F' }],
  [550, '5.1.1 unknown\n5.1.1 see example.com', { enhanced: '5.1.1', text: 'unknown\nsee example.com' }],
  [452, '4.5.3', { enhanced: '4.5.3', text: '' }],
  [550, '5.7.139 disabled', { enhanced: '5.7.139', text: 'disabled' }],
  [250, 'Ok', { enhanced: null, text: 'Ok' }],
  [550, '5.1 is not one', { enhanced: null, text: '5.1 is not one' }],
  [550, '5.1.1234 neither', { enhanced: null, text: '5.1.1234 neither' }],
  [550, '3.1.1 nor this', { enhanced: null, text: '3.1.1 nor this' }],
  [550, '5.1.1: colon', { enhanced: null, text: '5.1.1: colon' }],
] as const)('%i %j is understood', (code, text, expected) => {
  expect(toReply(code, text)).toEqual({ code, ...expected })
})

test('what a stranger wrote is made fit to keep and to show', () => {
  expect(toReply(550, 'Empf\xc3\xa4nger unbekannt').text).toBe('Empfänger unbekannt')
  expect(toReply(550, 'Empf\xe4nger').text).toBe('Empfänger')
  expect(toReply(550, 'a\0b\x1b[31mc\x7f').text).toBe('a b [31mc ')
  expect(toReply(550, 'x'.repeat(10_000)).text.length).toBeLessThan(4_200)
})
