import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineCheck } from '../../../src/smtp/protocol/line-check.ts'

function look(text: string, cuts: readonly number[] = []): LineCheck {
  const check = new LineCheck()
  const bytes = Buffer.from(text, 'latin1')
  let from = 0
  for (const to of [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)) {
    check.take(bytes.subarray(from, to))
    from = to
  }
  check.end()
  return check
}

test.each([
  ['a\nb\r\n', 'bare_lf', 1],
  ['a\r\n\nb\r\n', 'bare_lf', 2],
  ['a\rb\r\n', 'bare_cr', 1],
  ['a\r\r\n', 'bare_cr', 1],
  ['a\r\nb\r', 'bare_cr', 2],
  ['a\n\r', 'bare_lf', 1],
  ['a\r\n\0\r\n', 'nul', 1],
  [`${'x'.repeat(999)}\r\n`, 'long_line', 1],
])('%j is refused as %s', (text, kind, line) => {
  expect(look(text).fault).toMatchObject({ kind, line })
})

test('a line of 998 bytes and its CRLF is as long as a line may be', () => {
  expect(look(`${'x'.repeat(998)}\r\n`.repeat(3)).fault).toBeNull()
})

test('the same is found wherever the wire cuts', () => {
  const text = fc.string({ unit: fc.constantFrom('\r', '\n', '\r\n', 'a', 'bc'), maxLength: 40 })
  fc.assert(
    fc.property(text, fc.array(fc.nat(100), { maxLength: 6 }), (written, cuts) => {
      const isStrict = !/\r(?!\n)|(?<!\r)\n/.test(written)
      expect(look(written, cuts).fault === null).toBe(isStrict)
      expect(look(written, cuts).fault).toEqual(look(written).fault)
    }),
    { numRuns: 500 },
  )
})

test('bytes above 127 are seen', () => {
  expect(look('a\r\n').eightBit).toBe(false)
  expect(look('a\r\n\xe4\r\n', [3, 4]).eightBit).toBe(true)
})
