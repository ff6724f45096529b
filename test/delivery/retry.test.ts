import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextProbeAt, nextRetryAt } from '../../src/delivery/retry.ts'
import { STREAM_RULES, STREAMS } from '../../src/delivery/stream.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/lib/clock.ts'
import { RETRY_LADDERS } from '../../src/mail/failure.ts'
import { FAILURES } from '../support/failures.ts'

const NOW = new Date('2026-11-21T12:00:00.000Z')
const later = (ms: number) => new Date(NOW.getTime() + ms)
const NEVER = later(365 * DAY)
const plain = { ...FAILURES.spam, permanent: false, ladder: 'network' } as const

/** The waits after each of the first failures, in minutes. */
function waits(stream: (typeof STREAMS)[number], failure = plain as typeof FAILURES.spam, count = 5): (number | null)[] {
  return Array.from({ length: count }, (_, i) => {
    const at = nextRetryAt(i + 1, failure, STREAM_RULES[stream], NEVER, 0, NOW)
    return at && (at.getTime() - NOW.getTime()) / MINUTE
  })
}

test.each([
  ['transactional', [0.5, 2, 5, 10, 20]],
  ['conversation', [1, 5, 15, 30, 60]],
  ['bulk', [5, 15, 30, 60, 120]],
] as const)('the %s stream has its own patience', (stream, minutes) => {
  expect(waits(stream)).toEqual(minutes)
})

test('greylisting, fullness and slowing down have their own waits on every stream', () => {
  for (const stream of STREAMS) {
    expect(waits(stream, FAILURES.greylisted, 2)).toEqual([5.5, 15])
    expect(waits(stream, FAILURES.mailboxFull, 2)).toEqual([240, 720])
    expect(waits(stream, { ...plain, ladder: 'deferral' }, 2)).toEqual([15, 30])
  }
})

const anyFailure = fc
  .record({
    ladder: fc.constantFrom(...RETRY_LADDERS),
    retryAfterSeconds: fc.option(fc.integer({ min: 0, max: 100_000 })),
  })
  .map((wishes) => ({ ...plain, ...wishes }))
const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const anyCount = fc.integer({ min: 1, max: 100 })

test('jitter makes a try up to a tenth later and never earlier', () => {
  fc.assert(
    fc.property(anyCount, anyFailure, fc.constantFrom(...STREAMS), anyRandom, (failures, failure, stream, random) => {
      const earliest = nextRetryAt(failures, failure, STREAM_RULES[stream], NEVER, 0, NOW)!.getTime() - NOW.getTime()
      const chosen = nextRetryAt(failures, failure, STREAM_RULES[stream], NEVER, random, NOW)!.getTime() - NOW.getTime()
      expect(chosen).toBeGreaterThanOrEqual(earliest)
      expect(chosen).toBeLessThanOrEqual(earliest * 1.1 + 1)
    }),
  )
})

test('a wait that the far end asked for is honoured, with ten seconds on top', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 100_000 }), (failures, seconds) => {
      const at = nextRetryAt(failures, { ...plain, retryAfterSeconds: seconds }, STREAM_RULES.transactional, NEVER, 0, NOW)
      expect(at).toEqual(later((seconds + 10) * SECOND))
    }),
  )
})

test('a server that says "in one second" is believed three times, and then asked no sooner than its ladder says', () => {
  const waits = [1, 2, 3, 4, 5, 6].map((failures) => {
    const failure = { ...FAILURES.refused, ladder: 'none' as const, retryAfterSeconds: 1 }
    return (nextRetryAt(failures, failure, STREAM_RULES.transactional, NEVER, 0, NOW)?.getTime() ?? 0) - NOW.getTime()
  })
  const seconds = waits.map((ms) => ms / 1_000)
  expect(seconds).toEqual([11, 11, 11, 30, 120, 300])
})

test('waits never shrink, and the last one repeats until the message expires', () => {
  for (const stream of STREAMS) {
    const all = waits(stream, plain as typeof FAILURES.spam, 40) as number[]
    expect(all).toEqual(all.toSorted((a, b) => a - b))
    expect(all.at(-1)).toBe(all.at(-2))
  }
})

test('there is no try at or after the end of its life', () => {
  fc.assert(
    fc.property(
      anyCount,
      anyFailure,
      fc.integer({ min: -HOUR, max: 2 * DAY }),
      anyRandom,
      (failures, failure, lifeMs, random) => {
        const at = nextRetryAt(failures, failure, STREAM_RULES.bulk, later(lifeMs), random, NOW)
        if (at) expect(at.getTime()).toBeLessThan(later(lifeMs).getTime())
      },
    ),
  )
})

test('a recipient who answers 4xx for ever is tried a bounded number of times within the life of its message', () => {
  for (const stream of STREAMS) {
    const expiresAt = later(STREAM_RULES[stream].lifetimeMs)
    let at: Date | null = NOW
    let tries = 0
    while (at && tries < 1_000) {
      tries += 1
      at = nextRetryAt(tries, plain as typeof FAILURES.spam, STREAM_RULES[stream], expiresAt, 0, at)
    }
    expect(tries).toBeGreaterThan(5)
    expect(tries).toBeLessThan(30)
  }
})

test('a refused log-in is probed rarely, a network failure soon', () => {
  expect([1, 2, 3, 9].map((n) => (nextProbeAt(n, FAILURES.wrongPassword, 0, NOW).getTime() - NOW.getTime()) / MINUTE)).toEqual([
    30, 60, 120, 240,
  ])
  expect([1, 2, 3, 9].map((n) => (nextProbeAt(n, FAILURES.refused, 0, NOW).getTime() - NOW.getTime()) / SECOND)).toEqual([
    15, 60, 120, 1_800,
  ])
})

test('a probe waits as long as the server asked, a day at the most', () => {
  expect(nextProbeAt(1, { ...FAILURES.refused, retryAfterSeconds: 600 }, 0, NOW)).toEqual(later(10 * MINUTE))
  expect(nextProbeAt(1, { ...FAILURES.refused, retryAfterSeconds: 10 * 86_400 }, 0, NOW)).toEqual(later(DAY))
})

test('a short wait that the server asked for is believed three times for a route too, and then its ladder counts', () => {
  const rate = { ...FAILURES.refused, ladder: 'deferral' as const, retryAfterSeconds: 2 }
  expect([1, 2, 3].map((failures) => nextProbeAt(failures, rate, 0, NOW))).toEqual([later(2_000), later(2_000), later(2_000)])
  expect(nextProbeAt(4, rate, 0, NOW)).toEqual(later(15 * MINUTE))
})
