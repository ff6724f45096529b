import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/lib/clock.ts'
import { nextTryAt, RETRY_DELAYS_MS, retryAfterMs, verdictOf } from '../../src/webhooks/ladder.ts'

const now = new Date('2026-11-22T10:00:00Z')
const waitMs = (tries: number, retryAfter: number | null = null, random = 0) =>
  (nextTryAt(tries, retryAfter, random, now)?.getTime() ?? Number.NaN) - now.getTime()

test('the ladder takes about 32 hours and then ends', () => {
  expect(RETRY_DELAYS_MS.map((_, i) => waitMs(i + 1))).toEqual([...RETRY_DELAYS_MS])
  const all = RETRY_DELAYS_MS.reduce((sum, ms) => sum + ms, 0)
  expect(all).toBe(31 * HOUR + 42 * MINUTE + 35 * SECOND)
  expect(nextTryAt(RETRY_DELAYS_MS.length + 1, null, 0, now)).toBeNull()
})

test('chance makes a wait up to a tenth longer, never shorter', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (tries, random) => {
      const delayMs = RETRY_DELAYS_MS[tries - 1] ?? 0
      expect(waitMs(tries, null, random)).toBeGreaterThanOrEqual(delayMs)
      expect(waitMs(tries, null, random)).toBeLessThanOrEqual(delayMs * 1.1)
    }),
  )
})

test('an endpoint that names a time is given it, but no more than a day', () => {
  expect(waitMs(1, 10 * MINUTE)).toBe(10 * MINUTE)
  expect(waitMs(9, 10 * MINUTE)).toBe(14 * HOUR)
  expect(waitMs(1, 400 * DAY)).toBe(DAY)
})

test.each([
  ['120', 120_000],
  ['Sun, 22 Nov 2026 10:05:00 GMT', 300_000],
  ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
  ['soon', null],
  [undefined, null],
])('Retry-After %s is %s ms', (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms)
})

test.each([
  [200, 'taken'],
  [204, 'taken'],
  [299, 'taken'],
  [301, 'failed'],
  [307, 'failed'],
  [400, 'failed'],
  [410, 'gone'],
  [429, 'failed'],
  [500, 'failed'],
  [null, 'failed'],
] as const)('an answer %s means %s', (status, verdict) => {
  expect(verdictOf(status)).toBe(verdict)
})
