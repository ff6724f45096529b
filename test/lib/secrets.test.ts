import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSecrets, isSameSecret, randomToken, SealBroken } from '../../src/lib/secrets.ts'

const secrets = createSecrets('a secret of thirty-two characters')

test('what was sealed opens to the same text, in the place it was sealed for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, context) => {
      const wellFormed = text.toWellFormed()
      expect(secrets.open(secrets.seal(wellFormed, context), context)).toBe(wellFormed)
    }),
  )
})

test('a sealed value opens in no other place, with no other secret, and not when a single bit was changed', () => {
  const sealed = secrets.seal('hunter2', 'route:1')
  expect(() => secrets.open(sealed, 'route:2')).toThrow(SealBroken)
  expect(() => createSecrets('another secret of many characters').open(sealed, 'route:1')).toThrow(SealBroken)
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed)
    changed[i] = (changed[i] ?? 0) ^ 1
    expect(() => secrets.open(changed, 'route:1')).toThrow(SealBroken)
  }
  expect(() => secrets.open(sealed.subarray(0, sealed.length - 1), 'route:1')).toThrow(SealBroken)
  expect(() => secrets.open(Buffer.alloc(0), 'route:1')).toThrow(SealBroken)
})

test('sealing twice gives two different texts, and neither contains the plain one', () => {
  const [one, two] = [secrets.seal('a canary in the mine', 'x'), secrets.seal('a canary in the mine', 'x')]
  expect(one.equals(two)).toBe(false)
  expect(one.includes('canary')).toBe(false)
})

test('what is made for one purpose is of no use for another', () => {
  expect(secrets.hmac('setup-code', 'x').equals(secrets.hmac('other', 'x'))).toBe(false)
  expect(secrets.hmac('setup-code', 'x').equals(secrets.hmac('setup-code', 'x'))).toBe(true)
})

test('a short secret is refused instead of being stretched', () => {
  expect(() => createSecrets('short')).toThrow('at least')
})

test('two secrets are the same only when every character is, and nothing equals the empty one', () => {
  expect(isSameSecret('abc', 'abc')).toBe(true)
  for (const other of ['abC', 'ab', 'abcd', '', 'abc\0']) expect(isSameSecret(other, 'abc')).toBe(false)
  expect(isSameSecret('', '')).toBe(false)
})

test('a token has 256 bits and is never the same', () => {
  expect(randomToken()).toMatch(/^[\w-]{43}$/)
  expect(new Set(Array.from({ length: 100 }, () => randomToken())).size).toBe(100)
})
