import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lessonOfDismissal, lessonOfRefusal } from '../../../src/delivery/receivers/lesson.ts'
import { type LimitsRow, limitsNow } from '../../../src/delivery/receivers/limits.ts'
import { DAY } from '../../../src/lib/clock.ts'
import { toReply } from '../../../src/mail/smtp-reply.ts'

const SEED = { maxConnections: 10, maxMessagesPerConnection: 100 }
const AT = new Date('2026-11-01T00:00:00Z')

function learned(connections: number | null, messages: number | null): LimitsRow {
  return { receiver: 'google', set: null, learned: { connections, messages, at: AT, why: '421 too many' } }
}

const daysLater = (days: number) => new Date(AT.getTime() + days * DAY)

test('without a word about it the seed holds', () => {
  expect(limitsNow(SEED, null, AT)).toEqual(SEED)
})

test('what a person set stands in the place of the seed, also above it', () => {
  const row: LimitsRow = { receiver: 'google', set: { connections: 40, messages: null, at: AT }, learned: null }
  expect(limitsNow(SEED, row, AT)).toEqual({ maxConnections: 40, maxMessagesPerConnection: 100 })
})

test('what was learned lowers it, and fades by a tenth of the usual a day', () => {
  const row = learned(2, 20)
  expect([0, 1, 3, 8, 100].map((days) => limitsNow(SEED, row, daysLater(days)))).toEqual([
    { maxConnections: 2, maxMessagesPerConnection: 20 },
    { maxConnections: 3, maxMessagesPerConnection: 30 },
    { maxConnections: 5, maxMessagesPerConnection: 50 },
    { maxConnections: 10, maxMessagesPerConnection: 100 },
    SEED,
  ])
})

test('what was learned never raises a limit, and never forbids everything', () => {
  const few = fc.option(fc.integer({ min: 1, max: 50 }))
  fc.assert(
    fc.property(few, few, fc.integer({ min: -5, max: 400 }), (connections, messages, days) => {
      const { maxConnections, maxMessagesPerConnection } = limitsNow(SEED, learned(connections, messages), daysLater(days))
      expect(maxConnections).toBeGreaterThanOrEqual(1)
      expect(maxConnections).toBeLessThanOrEqual(10)
      expect(maxMessagesPerConnection).toBeGreaterThanOrEqual(1)
      expect(maxMessagesPerConnection).toBeLessThanOrEqual(100)
    }),
  )
})

test.each([
  '4.7.0 too many messages in this session',
  '4.5.0 Too many mails for this connection, reconnect',
  'maximum messages per session exceeded',
  '4.3.2 Message count limit reached',
])('"421 %s" after five messages teaches a limit of five', (text) => {
  expect(lessonOfDismissal(5, toReply(421, text))).toMatchObject({ messages: 5, why: `421 ${text}` })
})

test.each(['4.4.2 Bad connection', '4.3.2 Service shutting down', '4.7.28 unusual rate of unsolicited mail'])(
  '"421 %s" teaches nothing about messages a connection',
  (text) => {
    expect(lessonOfDismissal(5, toReply(421, text))).toBeNull()
  },
)

test.each([
  '4.7.0 too many connections',
  '4.7.0 Too many concurrent SMTP connections from your IP',
  '4.3.2 Connection rate limit exceeded',
  'Maximum number of simultaneous connections reached',
])('"421 %s" beside three others teaches a limit of three', (text) => {
  expect(lessonOfRefusal(3, toReply(421, text))).toMatchObject({ connections: 3 })
  expect(lessonOfRefusal(0, toReply(421, text))).toBeNull()
})

test('a server that is busy teaches nothing about connections', () => {
  expect(lessonOfRefusal(3, toReply(421, '4.3.2 try again later'))).toBeNull()
})
