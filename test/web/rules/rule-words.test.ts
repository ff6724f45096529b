import { expect, test } from 'vitest'
import { TRIP_CLASSES } from '../../../src/delivery/routing/rule.ts'
import type { RouteId } from '../../../src/lib/ids.ts'
import { bodyOf, draftOf, USUAL_TRIP } from '../../../web/rules/rule-draft.ts'
import { mailOf, shareOf, spanOf, TRIP_GROUPS, tripSentence } from '../../../web/rules/rule-words.ts'

test.each([
  [{}, 'All mail'],
  [{ receivers: ['google'], from_domains: ['example.com'] }, 'Mail to Google, from example.com'],
  [{ streams: ['bulk'], receivers: ['other'] }, 'Bulk mail to all others'],
  [{ streams: ['bulk', 'conversation'] }, 'Bulk or conversation mail'],
  [{ recipient_domains: ['a.example', 'b.example'], tags: ['x'] }, 'Mail to addresses at a.example or b.example, tagged “x”'],
  [{ min_bytes: 1024, max_bytes: 2048 }, 'Mail of 1 KB to 2 KB'],
  [{ min_bytes: 1_048_576 }, 'Mail of 1 MB or more'],
] as const)('conditions %j are "%s"', (conditions, sentence) => {
  expect(mailOf({ conditions: conditions as never })).toBe(sentence)
})

test('weights are shown as shares of what has weight; without one a route stands by', () => {
  const targets = [{ weight: 9 }, { weight: 1 }, { weight: 0 }]
  expect(targets.map(({ weight }) => shareOf(weight, targets))).toEqual(['90', '10', null])
  expect(shareOf(1, [{ weight: 1 }, { weight: 2 }])).toBe('33')
  expect(shareOf(1, [{ weight: 1 }, { weight: 199 }])).toBe('0.5')
})

test('the groups of the form hold every class that may lead elsewhere, once', () => {
  expect(Object.values(TRIP_GROUPS).flat().toSorted()).toEqual([...TRIP_CLASSES].toSorted())
})

test('a trip is one sentence', () => {
  const trip = { classes: ['rate_limited' as const], failures: 1, within_seconds: 90, share: 0.125, pause_seconds: 7_200 }
  expect(tripSentence(trip)).toBe(
    'When 1 try within 90 seconds, and at least 12.5 % of all, fail because the receiver slows us down, the route is left alone for that receiver for 2 hours.',
  )
  expect(spanOf(60)).toBe('1 minute')
})

test('a rule that is opened and saved is what it was, and a new one asks for what it needs', () => {
  const rule = {
    id: '0193e0a0-4444-7abc-9def-0123456789ab' as never,
    position: 0,
    name: 'Google by SES',
    enabled: true,
    conditions: { receivers: ['google'], min_bytes: 1500 },
    targets: [{ route_id: '0193e0a0-1111-7abc-9def-0123456789ab' as RouteId, weight: 3 }],
    trip: { classes: ['rate_limited' as const], failures: 7, within_seconds: 90, share: 0.125, pause_seconds: 100 },
  }
  const { id: _, position: __, enabled: ___, ...rest } = rule
  expect(bodyOf(draftOf(rule))).toEqual(rest)
  expect(bodyOf({ ...draftOf(null), name: ' New ', conditions: { tags: [] } })).toEqual({
    name: 'New',
    conditions: {},
    targets: [],
    trip: null,
  })
  expect(bodyOf({ ...draftOf(null), hasTrip: true }).trip).toMatchObject({ failures: USUAL_TRIP.failures, within_seconds: 300 })
})
