import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../../src/lib/clock.ts'
import { type GrantEnd, grantEnd, lastDayToWarn, nearnessOfGrant, nearnessOfSecret } from '../../../src/mailboxes/oauth/ends.ts'

const NOW = new Date('2026-11-22T10:00:00.000Z')
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY)
const token = (granted: number, refreshed: number, refreshEndsAt: Date | null = null) => ({
  grantedAt: daysAgo(granted),
  refreshedAt: daysAgo(refreshed),
  refreshEndsAt,
})
const MICROSOFT = { provider: 'microsoft', inTesting: false } as const
const GOOGLE = { provider: 'google', inTesting: false } as const
const TESTING = { provider: 'google', inTesting: true } as const

test.each<[string, ReturnType<typeof token>, Parameters<typeof grantEnd>[1], GrantEnd['because'], number, string]>([
  ['Microsoft, used an hour ago', token(400, 1 / 24), MICROSOFT, 'unused', 90 - 1 / 24, 'far'],
  ['Microsoft, unused for 75 days', token(400, 75), MICROSOFT, 'unused', 15, 'far'],
  ['Microsoft, unused for 76 days', token(400, 76), MICROSOFT, 'unused', 14, 'near'],
  ['Microsoft, unused for 87 days', token(400, 87), MICROSOFT, 'unused', 3, 'close'],
  ['Microsoft, unused for 90 days', token(400, 90), MICROSOFT, 'unused', 0, 'over'],
  ['Google, unused for 100 days', token(400, 100), GOOGLE, 'unused', 80, 'far'],
  ['Google, unused for half a year', token(400, 181), GOOGLE, 'unused', -1, 'over'],
  ['Google in testing, of today', token(0, 0), TESTING, 'testing', 7, 'far'],
  ['Google in testing, four days old and used', token(4, 0), TESTING, 'testing', 3, 'close'],
  ['Google, which says six days', token(1, 0, daysAgo(-6)), GOOGLE, 'told', 6, 'far'],
  ['Google, which says two days', token(5, 0, daysAgo(-2)), GOOGLE, 'told', 2, 'close'],
  ['Microsoft, which says ten days of a year', token(355, 0, daysAgo(-10)), MICROSOFT, 'told', 10, 'near'],
])('%s: when the access ends, why, and how near that is', (_, stored, app, because, days, nearness) => {
  const end = grantEnd(stored, app)
  expect(end).toEqual({ at: daysAgo(-days), because })
  expect(nearnessOfGrant(stored, end, NOW)).toBe(nearness)
})

test.each([
  ['2026-12-07', 'far'],
  ['2026-12-06', 'near'],
  ['2026-11-26', 'near'],
  ['2026-11-25', 'close'],
  ['2026-11-22', 'over'],
])('a secret that ends on %s is %s on 22 November', (day, nearness) => {
  expect(nearnessOfSecret(day, NOW)).toBe(nearness)
  // What is asked of the database leaves out no day that is warned of.
  expect(nearness === 'far' || day <= lastDayToWarn(NOW)).toBe(true)
  expect(nearnessOfSecret(day, new Date(NOW.getTime() + 365 * DAY + HOUR))).toBe('over')
})
