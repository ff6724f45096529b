import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Circuit, open, waitingSentence } from '../../../src/delivery/routes/circuit.ts'
import { HOUR, SECOND } from '../../../src/lib/clock.ts'
import { FAILURES } from '../../support/failures.ts'

const NOW = new Date('2026-11-21T12:00:00.000Z')
const later = (ms: number) => new Date(NOW.getTime() + ms)

test('the first refusal opens a circuit for the first wait, with what was said', () => {
  expect(open({ state: 'closed' }, FAILURES.refused, 0, NOW)).toEqual({
    state: 'open',
    since: NOW,
    failures: 1,
    until: later(15 * SECOND),
    reason: expect.objectContaining({ code: 'tcp_refused', sentence: expect.stringContaining('10.0.0.5:587') }),
  })
})

test('whatever was in flight together counts once', () => {
  const first = open({ state: 'closed' }, FAILURES.refused, 0, NOW)
  expect(open(first, FAILURES.refused, 0, later(14 * SECOND))).toBe(first)
})

test('a probe that is refused again lengthens the wait and keeps the beginning', () => {
  let circuit: Circuit = { state: 'closed' }
  let now = NOW
  const waits: number[] = []
  for (let i = 0; i < 5; i++) {
    const next = open(circuit, FAILURES.refused, 0, now)
    waits.push((next.until.getTime() - now.getTime()) / SECOND)
    expect(next.since).toEqual(NOW)
    circuit = { ...next, state: 'probing' }
    now = next.until
  }
  expect(waits).toEqual([15, 60, 120, 300, 600])
})

test('an open circuit always has a next probe, at most a day and a tenth away', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(FAILURES)),
      fc.nat(500),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failure, failures, random) => {
        const before: Circuit =
          failures === 0 ? { state: 'closed' } : { ...open({ state: 'closed' }, failure, 0, NOW), state: 'probing', failures }
        const { until } = open(before, failure, random, NOW)
        expect(until.getTime()).toBeGreaterThan(NOW.getTime())
        expect(until.getTime()).toBeLessThanOrEqual(later(26.4 * HOUR).getTime())
      },
    ),
  )
})

test('what waits says of which route and why', () => {
  expect(waitingSentence('relay', open({ state: 'closed' }, FAILURES.refused, 0, NOW))).toMatch(
    /^Route relay: .*10\.0\.0\.5:587.*[^.]\.$/,
  )
})
