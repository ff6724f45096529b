import { expect, test } from 'vitest'
import { capsOf } from '../../../web/limits/caps.ts'
import { amountOf, evenly } from '../../../web/limits/pace-words.ts'

test.each([
  [35, 'hour', '35 an hour', 'one about every 103 seconds'],
  [60, 'minute', '60 a minute', 'one about every 1 second'],
  [10, 'hour', '10 an hour', 'one about every 6 minutes'],
  [2, 'day', '2 a day', 'one about every 12 hours'],
  [10, 'second', '10 a second', 'one about every 100 ms, at most 10 together'],
  [86_400, 'hour', '86,400 an hour', 'one about every 42 ms, at most 24 together'],
  [5_000, 'second', '5,000 a second', 'one about every 0.2 ms, at most 5,000 together'],
] as const)('%d a %s is "%s": %s', (amount, per, says, means) => {
  expect(amountOf({ amount, per })).toBe(says)
  expect(evenly({ amount, per })).toBe(means)
})

test.each([
  ['50, 100, 200', [50, 100, 200]],
  ['50 100\n200;', [50, 100, 200]],
  ['', null],
  ['50, zero', null],
  ['0, 1', null],
  ['1.5', null],
  [Array(121).fill('1').join(), null],
])('a curve written as %j', (text, caps) => {
  expect(capsOf(text)).toEqual(caps)
})
