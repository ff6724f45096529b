import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addWorkingDays, addWorkingTime, type Calendar, faultOfCalendar, isOpen, nextOpen } from '../../src/lib/calendar.ts'

const NINE_TO_FIVE = [{ from: '09:00', to: '17:00' }]
const BERLIN: Calendar = {
  zone: 'Europe/Berlin',
  week: [
    NINE_TO_FIVE,
    NINE_TO_FIVE,
    NINE_TO_FIVE,
    NINE_TO_FIVE,
    [
      { from: '09:00', to: '12:00' },
      { from: '13:00', to: '15:00' },
    ],
    [],
    [],
  ],
  closed: ['12-25', '2026-12-24'],
}
const HOUR = 3_600_000
const at = (text: string) => new Date(text)

test.each([
  ['a Monday morning', '2026-11-23T08:30:00Z', true],
  ['as it opens', '2026-11-23T08:00:00Z', true],
  ['as it closes', '2026-11-23T16:00:00Z', false],
  ['in the break', '2026-11-27T11:30:00Z', false],
  ['on Sunday', '2026-11-22T10:00:00Z', false],
  ['on a day off', '2026-12-24T10:00:00Z', false],
  ['on a day off of every year', '2029-12-25T10:00:00Z', false],
])('%s', (_, moment, open) => expect(isOpen(BERLIN, at(moment))).toBe(open))

test.each([
  ['within one day', '2026-11-23T09:00:00Z', 2, '2026-11-23T11:00:00Z'],
  ['over the night', '2026-11-23T15:00:00Z', 2, '2026-11-24T09:00:00Z'],
  ['over the break and the weekend', '2026-11-27T10:00:00Z', 4, '2026-11-30T09:00:00Z'],
  ['from a Sunday', '2026-11-22T10:00:00Z', 1, '2026-11-23T09:00:00Z'],
  ['up to the closing', '2026-11-23T15:00:00Z', 1, '2026-11-23T16:00:00Z'],
  ['over Christmas', '2026-12-23T15:00:00Z', 2, '2026-12-28T09:00:00Z'],
])('%s: %s and %i h of work is %s', (_, from, hours, until) => {
  expect(addWorkingTime(BERLIN, at(from), hours * HOUR)).toEqual(at(until))
})

test.each([
  ['three working days', '2026-11-24T13:30:00Z', 3, '2026-11-27T13:30:00Z'],
  ['over the weekend', '2026-11-26T14:00:00Z', 2, '2026-11-30T14:00:00Z'],
  ['from a Saturday it begins on Monday', '2026-11-21T14:00:00Z', 1, '2026-11-24T08:00:00Z'],
  ['what would end after hours ends at the next opening', '2026-11-26T15:30:00Z', 1, '2026-11-30T08:00:00Z'],
  ['none is now', '2026-11-24T14:00:00Z', 0, '2026-11-24T14:00:00Z'],
  ['over a change of the clocks at the same hour', '2026-10-23T07:00:00Z', 1, '2026-10-26T08:00:00Z'],
])('%s: %s and %i days is %s', (_, from, days, until) => {
  expect(addWorkingDays(BERLIN, at(from), days)).toEqual(at(until))
})

test('a night in which the clocks are put forward has an hour less of work', () => {
  const always: Calendar = {
    zone: 'Europe/Berlin',
    week: Array.from({ length: 7 }, () => [{ from: '00:00', to: '24:00' }]),
    closed: [],
  }
  expect(addWorkingTime(always, at('2026-03-28T23:00:00Z'), 24 * HOUR)).toEqual(at('2026-03-29T23:00:00Z'))
  const night: Calendar = { ...always, week: Array.from({ length: 7 }, () => [{ from: '01:00', to: '04:00' }]) }
  expect(addWorkingTime(night, at('2026-03-29T00:00:00Z'), 2 * HOUR)).toEqual(at('2026-03-29T02:00:00Z'))
})

const moment = fc.date({ min: at('2026-01-01T00:00:00Z'), max: at('2027-12-31T00:00:00Z'), noInvalidDate: true })

test('working time adds up, never goes back, and ends when people work', () => {
  fc.assert(
    fc.property(moment, fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), (from, a, b) => {
      const [first, second] = [a * 60_000, b * 60_000]
      const middle = addWorkingTime(BERLIN, from, first)
      expect(addWorkingTime(BERLIN, middle, second)).toEqual(addWorkingTime(BERLIN, from, first + second))
      expect(middle.getTime()).toBeGreaterThanOrEqual(from.getTime() + first)
      expect(isOpen(BERLIN, new Date(middle.getTime() - 1))).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('the next opening is open, and nothing between is', () => {
  fc.assert(
    fc.property(moment, (from) => {
      const opening = nextOpen(BERLIN, from)
      expect(isOpen(BERLIN, opening)).toBe(true)
      if (opening > from) {
        expect(isOpen(BERLIN, from)).toBe(false)
        expect(isOpen(BERLIN, new Date((from.getTime() + opening.getTime()) / 2))).toBe(false)
      }
    }),
    { numRuns: 60 },
  )
})

test.each<[Partial<Calendar>, RegExp]>([
  [{ week: [] }, /seven days/],
  [{ week: Array.from({ length: 7 }, () => []) }, /no hour in the week/],
  [{ week: [[{ from: '9:00', to: '17:00' }], [], [], [], [], [], []] }, /written as in 09:00/],
  [{ week: [[{ from: '17:00', to: '09:00' }], [], [], [], [], [], []] }, /end after they begin/],
  [
    {
      week: [
        [
          { from: '09:00', to: '12:00' },
          { from: '11:00', to: '13:00' },
        ],
        [],
        [],
        [],
        [],
        [],
        [],
      ],
    },
    /do not touch/,
  ],
  [{ closed: ['24.12.'] }, /written as in 2026-12-24/],
])('%j is refused with a sentence', (wrong, why) => {
  expect(faultOfCalendar({ ...BERLIN, ...wrong })).toMatch(why)
  expect(faultOfCalendar(BERLIN)).toBeNull()
})
