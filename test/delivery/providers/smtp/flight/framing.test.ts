import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toChunk, toData } from '../../../../../src/delivery/providers/smtp/flight/framing.ts'

/** Text made of what smuggling is made of, with a little of everything else. */
const hostile = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('\r', '\n', '.', '\r\n', '\r\n.', '\r\n.\r\n', '\n.\n', '\r.\r', 'a', ' ') },
      fc.string({ unit: 'binary-ascii', maxLength: 5 }),
    ),
    {
      maxLength: 60,
    },
  )
  .map((parts) => parts.join(''))

test('for any content the only end of data on the wire is the one we write', () => {
  fc.assert(
    fc.property(hostile, (content) => {
      const wire = `${toData(content)}.\r\n`
      // However a server reads line ends (CRLF, CR, LF), a lone dot stands on the last line only.
      for (const ends of [/\r\n/, /\r\n|\n/, /\r\n|\r/, /\r\n|\r|\n/]) {
        const lines = wire.split(ends)
        expect(lines.indexOf('.')).toBe(lines.length - 2)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('what is written has strict lines, and a server that undoes the dots has the content with its line ends corrected', () => {
  fc.assert(
    fc.property(hostile, (content) => {
      const data = toData(content)
      expect(data.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
      expect(data === '' || data.endsWith('\r\n')).toBe(true)
      const undone = data.replace(/(^|\r\n)\./g, '$1')
      expect(undone).toBe(toChunk(content))
      const lines = content.replace(/\r\n|\r|\n/g, '\r\n')
      expect(undone).toBe(lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`)
    }),
    { numRuns: 2_000 },
  )
})

test('content in order is passed on as it is', () => {
  for (const content of ['', 'a\r\n', 'a\r\n\r\nb\r\n', `${'x'.repeat(998)}\r\n`]) {
    expect(toData(content)).toBe(content)
    expect(toChunk(content)).toBe(content)
  }
})
