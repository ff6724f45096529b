import { expect, test } from 'vitest'
import { lifeOf } from '../../src/gateway/prepare.ts'
import { DAY } from '../../src/lib/clock.ts'

const NOW = new Date('2026-11-22T09:00:00Z')
const after = (ms: number) => new Date(NOW.getTime() + ms)
const life = (scheduledAt: Date | null, expiresAt: Date) => lifeOf({ scheduledAt, expiresAt, stream: 'bulk' }, NOW)

test('a message may be tried for up to 30 days from the time that it may go', () => {
  expect(life(null, after(30 * DAY)).expiresAt).toEqual(after(30 * DAY))
  expect(life(after(100 * DAY), after(130 * DAY)).expiresAt).toEqual(after(130 * DAY))
})

test.each([
  ['at once', null, 30 * DAY + 1],
  ['later', after(100 * DAY), 130 * DAY + 1],
])('one that may go %s and would be tried for longer is refused by the name of the field', (_, scheduledAt, expiresMs) => {
  expect(() => life(scheduledAt, after(expiresMs))).toThrow(
    expect.objectContaining({ code: 'invalid_request', details: expect.objectContaining({ pointer: '/expires_at' }) }),
  )
})
