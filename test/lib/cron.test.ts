import { expect, test } from 'vitest'
import { faultOfCron, nextTime } from '../../src/lib/cron.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const times = (pattern: string, zone: string, from: string, n: number) => {
  const found: string[] = []
  for (let at: Date | null = new Date(from); found.length < n; ) {
    at = nextTime(pattern, zone, at)
    if (!at) break
    found.push(at.toISOString())
  }
  return found
}

test('it comes again in the zone it was written for', () => {
  expect(times('30 9 * * 1-5', 'Europe/Berlin', '2026-11-20T09:00:00Z', 2)).toEqual([
    '2026-11-23T08:30:00.000Z',
    '2026-11-24T08:30:00.000Z',
  ])
  expect(times('0 9 1 * *', 'America/New_York', '2026-11-20T00:00:00Z', 2)).toEqual([
    '2026-12-01T14:00:00.000Z',
    '2027-01-01T14:00:00.000Z',
  ])
})

test('an hour that the clocks jump over is done when they have jumped', () => {
  expect(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual([
    '2026-03-29T01:00:00.000Z',
    '2026-03-30T00:30:00.000Z',
  ])
})

test('an hour that the clocks show twice is done once', () => {
  expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
    '2026-10-25T00:30:00.000Z',
    '2026-10-26T01:30:00.000Z',
  ])
})

test.each([
  ['* * * * *', null],
  ['0 9 * * MON', null],
  ['0 0 30 2 *', /never comes/],
  ['* * * * * *', /no pattern of five parts/],
  ['61 * * * *', /no pattern of five parts/],
  ['every day', /no pattern of five parts/],
  ['', /no pattern of five parts/],
])('%j', (pattern, why) => {
  const fault = faultOfCron(pattern, 'Europe/Berlin', NOW)
  if (why === null) expect(fault).toBeNull()
  else expect(fault).toMatch(why)
})
