import { expect, test } from 'vitest'
import { createTokenBuckets } from '../../src/lib/token-bucket.ts'

test('a burst passes at once, then one in each interval', () => {
  const buckets = createTokenBuckets({ perSecond: 10, burst: 3, keys: 10 })
  expect([1, 2, 3].map(() => buckets.take('a', 1_000))).toEqual([0, 0, 0])
  expect(buckets.take('a', 1_000)).toBeCloseTo(100)
  expect(buckets.take('a', 1_050)).toBeCloseTo(50)
  expect(buckets.take('a', 1_100)).toBe(0)
  expect(buckets.take('a', 1_100)).toBeGreaterThan(0)
})

test('keys do not share, and only so many are remembered', () => {
  const buckets = createTokenBuckets({ perSecond: 1, burst: 1, keys: 2 })
  expect(['a', 'b', 'c'].map((key) => buckets.take(key, 0))).toEqual([0, 0, 0])
  expect(buckets.take('c', 0)).toBeGreaterThan(0)
  expect(buckets.take('a', 0)).toBe(0)
})
