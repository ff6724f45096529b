import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBase32, encodeBase32 } from '../../src/lib/base32.ts'

test.each([
  ['', ''],
  ['f', 'my'],
  ['fo', 'mzxq'],
  ['foo', 'mzxw6'],
  ['foob', 'mzxw6yq'],
  ['fooba', 'mzxw6ytb'],
  ['foobar', 'mzxw6ytboi'],
])('%j is written as %j (RFC 4648 §10)', (text, encoded) => {
  expect(encodeBase32(Buffer.from(text))).toBe(encoded)
  expect(decodeBase32(encoded.toUpperCase())?.toString()).toBe(text)
})

test('what is read is what was written, and every text is written in one way only', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => decodeBase32(encodeBase32(bytes))?.equals(bytes) === true))
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), (text) => {
      const bytes = decodeBase32(text)
      return bytes === null || encodeBase32(bytes) === text.toLowerCase()
    }),
  )
  expect(decodeBase32('mz')).toBeNull() // "f" with a bit left over that should be zero
})
