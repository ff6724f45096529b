import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addFigures,
  attemptsOf,
  type Figures,
  NO_FIGURES,
  sumFigures,
  TIME_EDGES,
  timeWithin,
} from '../../../src/insight/board/figures.ts'

const n = fc.nat(10_000)
const times = fc.array(fc.nat(500), { maxLength: TIME_EDGES.length + 1 })
const someFigures: fc.Arbitrary<Figures> = fc
  .record({ sent: n, deferred: n, blocked: n, refused: n, returned: n, complained: n, delivered: n, unknown: n, times })
  .map(({ refused, returned, ...rest }) => ({ ...rest, bounced: refused + returned, returned }))

test('figures are added place by place, in any order', () => {
  fc.assert(
    fc.property(someFigures, someFigures, someFigures, (a, b, c) => {
      expect(addFigures(a, b)).toEqual(addFigures(b, a))
      expect(addFigures(addFigures(a, b), c)).toEqual(addFigures(a, addFigures(b, c)))
      expect(sumFigures([a, NO_FIGURES])).toEqual(a)
      expect(attemptsOf(addFigures(a, b))).toBe(attemptsOf(a) + attemptsOf(b))
    }),
  )
})

test('the time within which a part was accepted grows with the part and lies where the counters say', () => {
  fc.assert(
    fc.property(
      times,
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (counted, a, b) => {
        const [less, more] = [timeWithin(counted, Math.min(a, b)), timeWithin(counted, Math.max(a, b))]
        if (counted.every((each) => each === 0)) {
          expect([less, more]).toEqual([null, null])
          return
        }
        expect(less).toBeLessThanOrEqual(more as number)
        expect(less).toBeGreaterThanOrEqual(0)
        expect(more).toBeLessThanOrEqual(TIME_EDGES.at(-1) as number)
      },
    ),
  )
})

test.each([
  ['all within the first second', [100], 0.5, 0.5],
  ['half in two seconds, half in a minute', [0, 50, 0, 0, 0, 50], 0.5, 2],
  ['the tail is in the tail', [0, 95, 0, 0, 0, 0, 0, 5], 0.95, 2],
  ['and beyond it', [0, 90, 0, 0, 0, 0, 0, 10], 0.95, 600],
  ['what took longer than a day is at least a day', [...new Array<number>(11).fill(0), 3], 0.5, 86_400],
])('%s', (_, counted, part, seconds) => {
  expect(timeWithin(counted, part)).toBeCloseTo(seconds, 6)
})
