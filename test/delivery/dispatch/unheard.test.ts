import { expect, test } from 'vitest'
import { recordFeedback } from '../../../src/delivery/record-feedback.ts'
import { HOUR, SECOND } from '../../../src/lib/clock.ts'
import { gate } from '../../support/gate.ts'
import { aMessage, type World, world } from '../../support/world.ts'

const BOB = 'bob@example.org'
const SWALLOW = { afterwards: 'close' } as const

/** Everything that is done in the course of a minute. */
async function aMinute(w: World): Promise<void> {
  w.clock.advance(60 * SECOND)
  await w.jobs()
  await w.dispatch()
}

function messageIds(w: World): string[] {
  return w.smtp.messages.map(({ content }) => /^Message-ID: (.*)$/m.exec(content)?.[1]?.trim() ?? '')
}

test('a transactional message whose answer was not heard is sent once more with the same Message-ID and content', async () => {
  const w = await world()
  w.smtp.next('DOT', SWALLOW)
  await w.submit(aMessage())
  await w.dispatch()
  expect(await w.deliveryOf(BOB)).toMatchObject({
    state: 'unknown',
    policy: 'resend',
    failures: 0,
    reason: { code: 'no_reply_after_dot' },
    attempts: [{ outcome: 'unknown', stage: 'dot' }],
  })
  await aMinute(w)
  expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'sent', attempts: [{ outcome: 'unknown' }, { outcome: 'accepted' }] })
  expect(w.smtp.messages.map(({ fate }) => fate)).toEqual(['swallowed', 'accepted'])
  expect(new Set(messageIds(w)).size).toBe(1)
  expect(new Set(w.smtp.messages.map(({ sha256 }) => sha256)).size).toBe(1)
  expect((await w.deliveryOf(BOB)).events.map(({ type }) => type)).toEqual([
    'delivery.unknown',
    'delivery.requeued',
    'delivery.sent',
  ])
})

test('it is not sent a third time: then a person is asked', async () => {
  const w = await world({ script: { on: { DOT: SWALLOW } } })
  await w.submit(aMessage())
  await w.dispatch()
  for (let i = 0; i < 5; i++) await aMinute(w)
  expect(w.smtp.messages).toHaveLength(2)
  expect(await w.deliveryOf(BOB)).toMatchObject({
    state: 'unknown',
    policy: 'ask',
    actions: ['resend', 'leave', 'hold', 'cancel'],
  })
})

test.each([
  ['bulk', 'leave'],
  ['conversation', 'ask'],
] as const)('a %s message whose answer was not heard is left as it is (%s)', async (stream, policy) => {
  const w = await world({ script: { on: { DOT: SWALLOW } } })
  await w.submit(aMessage({ stream }))
  await w.dispatch()
  for (let i = 0; i < 3; i++) await aMinute(w)
  expect(w.smtp.messages).toHaveLength(1)
  expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'unknown', policy })
})

test('before it is sent once more, feedback gets a moment to say that it arrived', async () => {
  const w = await world()
  w.smtp.next('DOT', SWALLOW)
  await w.submit(aMessage())
  await w.dispatch()
  w.clock.advance(9 * SECOND)
  await w.jobs()
  const { id } = await w.deliveryOf(BOB)
  const heard = { source: 'dsn', key: 'one', happenedAt: null, status: '2.0.0', diagnostic: null, feedbackId: null } as const
  await w.inWorkspace((tx) => recordFeedback(tx, w.workspaceId, id, { kind: 'delivered', heard }, w.clock.now()))
  await aMinute(w)
  expect(await w.states()).toEqual({ [BOB]: 'delivered' })
  expect(w.smtp.messages).toHaveLength(1)
})

test('a server that never answers the body is waited for as long as the route says, and then it is unknown', async () => {
  const w = await world({ script: { on: { DOT: { afterwards: 'silence' } } }, timeouts: { dot: 300 } })
  await w.submit(aMessage({ stream: 'bulk' }))
  await w.dispatch()
  expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'unknown', attempts: [{ outcome: 'unknown', stage: 'dot' }] })
})

test('a slow answer holds up at most what went behind it on its own connection', async () => {
  const slow = gate()
  const w = await world({ limits: { maxConnections: 3 } })
  w.smtp.next('DOT', { reply: '250 2.0.0 at last', after: slow })
  await w.submit(aMessage({ to: ['slow@example.org'] }))
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await slow.reached
  const others = Array.from({ length: 40 }, (_, i) => `r${i}@example.org`)
  for (const recipient of others) await w.submit(aMessage({ to: [recipient] }))
  dispatcher.wake()
  // One envelope may follow a body that is not yet answered (RFC 2920); everybody else has two connections left.
  await w.smtp.when(({ messages }) => messages.length >= 40)
  expect(await w.states()).toMatchObject({ 'slow@example.org': 'sending' })
  slow.open()
  await w.quiet()
  expect(await w.states()).toMatchObject({ 'slow@example.org': 'sent' })
})

test('of several recipients in one transaction all are unknown that the server had taken, and no other', async () => {
  const w = await world({ limits: { maxConnections: 20 } })
  w.smtp.answer('nobody@example.org', '550 5.1.1 user unknown').always()
  w.smtp.next('DOT', SWALLOW)
  await w.submit(aMessage({ to: ['ann@example.org', 'nobody@example.org', BOB], stream: 'conversation' }))
  await w.dispatch()
  expect(await w.states()).toEqual({ 'ann@example.org': 'unknown', 'nobody@example.org': 'bounced', [BOB]: 'unknown' })
})

test('an unknown delivery does not expire into something it may not be', async () => {
  const w = await world({ script: { on: { DOT: SWALLOW } } })
  await w.submit(aMessage({ stream: 'conversation', expiresAt: new Date(w.clock.now().getTime() + HOUR) }))
  await w.dispatch()
  w.clock.advance(2 * HOUR)
  await w.jobs()
  expect(await w.states()).toEqual({ [BOB]: 'unknown' })
})

test('what was to be sent once more and has expired by then is not sent', async () => {
  const w = await world({ script: { on: { DOT: [SWALLOW] } } })
  await w.submit(aMessage({ expiresAt: new Date(w.clock.now().getTime() + 30 * SECOND) }))
  await w.dispatch()
  await aMinute(w)
  await aMinute(w)
  expect(w.smtp.messages).toHaveLength(1)
  expect(await w.states()).toEqual({ [BOB]: 'expired' })
})
