import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isBatch, measureOf, reachOf } from '../../../src/delivery/dispatch/room.ts'

test('a sender has 400 milliseconds of its speed in hand, what its provider works on at once at least, and never more than 2,000', () => {
  expect(measureOf({ capacity: 30, ratePerMs: 0, reach: 0 })).toBe(30)
  expect(measureOf({ capacity: 30, ratePerMs: 2, reach: 0 })).toBe(800)
  expect(measureOf({ capacity: 30, ratePerMs: 20, reach: 0 })).toBe(2_000)
  expect(measureOf({ capacity: 30, ratePerMs: 0, reach: 5_000 })).toBe(2_000)
})

test('a small measure waits until half of it is free, a large one for a quarter, and a hundred are always enough', () => {
  expect([14, 15].map((free) => isBatch(free, 30))).toEqual([false, true])
  expect([99, 100].map((free) => isBatch(free, 300))).toEqual([false, true])
  expect([249, 250].map((free) => isBatch(free, 1_000))).toEqual([false, true])
})

test('a sender with nothing in hand may always claim', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.double({ min: 0, max: 100, noNaN: true }), fc.nat(10_000), (capacity, ratePerMs, reach) => {
      fc.pre(capacity > 0)
      const measure = measureOf({ capacity, ratePerMs, reach })
      expect(isBatch(measure, measure)).toBe(true)
    }),
  )
})

test('one that ran dry before each claim finds the speed of its wire by doubling, one that did not goes by its speed', () => {
  const measures: number[] = []
  let reach = 0
  for (let claims = 0; claims < 7; claims++) {
    const measure = measureOf({ capacity: 30, ratePerMs: 0.01, reach })
    measures.push(measure)
    // Each time it was out within a tenth of a second.
    reach = reachOf({ hadInHand: measure, agoMs: 50, ratePerMs: measure / 100 })
  }
  expect(measures).toEqual([30, 60, 120, 240, 480, 960, 1_920])
  expect(measureOf({ capacity: 30, ratePerMs: 1, reach: reachOf({ hadInHand: 1_920, agoMs: 401, ratePerMs: 1 }) })).toBe(400)
})

test('however fast it ran dry, it has no more in hand than 600 milliseconds of its speed, or a few', () => {
  expect(reachOf({ hadInHand: 1_000, agoMs: 0, ratePerMs: 0.6 })).toBe(360)
  expect(reachOf({ hadInHand: 1_000, agoMs: 0, ratePerMs: 0 })).toBe(200)
})
