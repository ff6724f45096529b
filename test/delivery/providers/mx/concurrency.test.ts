import fc from 'fast-check'
import { expect, test } from 'vitest'
import { beginWith, connectionsOf, grow, shrink, withMax } from '../../../../src/delivery/providers/mx/concurrency.ts'

test('it takes as many answers as there are connections to change by one', () => {
  let concurrency = beginWith(20)
  expect(connectionsOf(concurrency)).toBe(5)
  for (let i = 0; i < 5; i++) concurrency = grow(concurrency)
  expect(connectionsOf(concurrency)).toBe(5)
  concurrency = grow(concurrency)
  expect(connectionsOf(concurrency)).toBe(6)
})

test('whatever is answered, there is at least one connection and never more than the ceiling', () => {
  const answers = fc.array(fc.constantFrom(grow, shrink), { maxLength: 300 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), answers, (max, steps) => {
      let concurrency = beginWith(max)
      for (const step of steps) {
        const before = connectionsOf(concurrency)
        concurrency = step(concurrency)
        const after = connectionsOf(concurrency)
        expect(after).toBeGreaterThanOrEqual(1)
        expect(after).toBeLessThanOrEqual(max)
        expect(Math.abs(after - before)).toBeLessThanOrEqual(1)
      }
    }),
  )
})

test('a lower ceiling holds at once, a higher one has to be earned', () => {
  const ten = { limit: 10, max: 10 }
  expect(connectionsOf(withMax(ten, 3))).toBe(3)
  expect(connectionsOf(withMax(ten, 30))).toBe(10)
})
