import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeCursor, encodeCursor } from '../../src/lib/cursor.ts'

const any = () => true

test('a cursor gives back the place it was made of', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 }), (key) => {
      expect(
        decodeCursor(
          'list',
          encodeCursor('list', key),
          key.map(() => any),
        ),
      ).toEqual(key)
    }),
  )
})

test('whatever is not a cursor of this list is refused, and never a fault', () => {
  const good = encodeCursor('deliveries', ['a', 'b'])
  expect(() => decodeCursor('messages', good, [any, any])).toThrow('`after` must be')
  expect(() => decodeCursor('deliveries', good, [any])).toThrow('`after` must be')
  expect(() => decodeCursor('deliveries', good, [any, (part) => part === 'c'])).toThrow('`after` must be')
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => decodeCursor('deliveries', text, [any, any])).toThrow('`after` must be')
    }),
  )
  for (const value of [null, 1, {}, [], ['deliveries', 1, 2], { 0: 'deliveries', length: 3 }]) {
    const text = Buffer.from(JSON.stringify(value)).toString('base64url')
    expect(() => decodeCursor('deliveries', text, [any, any])).toThrow('`after` must be')
  }
})
