import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ENGINE } from '../../src/db/database.ts'
import { DELIVERY_STATES, type DeliveryState } from '../../src/delivery/delivery.ts'
import { NEWS_KINDS, type NewsKind, standAfter } from '../../src/delivery/feedback/news.ts'
import { type Feedback, type Heard, recordFeedback } from '../../src/delivery/record-feedback.ts'
import { SECOND } from '../../src/lib/clock.ts'
import type { DeliveryId } from '../../src/lib/ids.ts'
import { classifyReport } from '../../src/mail/failure-report.ts'
import { gate } from '../support/gate.ts'
import { aMessage, type World, world } from '../support/world.ts'

const NOW = new Date('2026-11-22T12:00:00Z')

function heard(key: string, more: Partial<Heard> = {}): Heard {
  return { source: 'ses', key, happenedAt: NOW, status: null, diagnostic: null, feedbackId: null, ...more }
}

function aFeedback(kind: NewsKind, key: string = kind, diagnostic = '550 5.1.1 user unknown'): Feedback {
  if (kind === 'complained') return { kind, heard: heard(key), note: 'abuse' }
  if (kind !== 'bounced') return { kind, heard: heard(key, { diagnostic: `said with ${key}` }) }
  const failure = classifyReport({ action: 'failed', diagnostic, recipient: 'bob@example.org' })
  return {
    kind,
    heard: heard(key, { diagnostic }),
    reason: { code: failure.class, sentence: failure.sentence, hint: failure.hint, failure, at: NOW },
  }
}

async function tell(w: World, recipient: string, ...feedback: Feedback[]) {
  const { id } = await w.deliveryOf(recipient)
  const results = []
  for (const one of feedback)
    results.push(
      await w.database.transaction(ENGINE, (tx) => recordFeedback(tx, w.workspaceId, id as DeliveryId, one, w.clock.now())),
    )
  return results
}

async function sent(...to: string[]): Promise<World> {
  const w = await world()
  await w.submit(aMessage({ to }))
  await w.dispatch()
  return w
}

const typesOf = async (w: World, recipient: string) => (await w.deliveryOf(recipient)).events.map(({ type }) => type)

function endOf(start: DeliveryState, kinds: readonly NewsKind[]): DeliveryState {
  return kinds.reduce<DeliveryState>((state, kind) => {
    const to = standAfter(state, kind)
    return to === null || to === 'wait' ? state : to
  }, start)
}

test('any order of the same news, each told up to five times, ends in the same state', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...DELIVERY_STATES),
      fc.array(fc.constantFrom(...NEWS_KINDS), { maxLength: 6 }).chain((news) =>
        fc.record({
          once: fc.constant(news),
          often: fc.shuffledSubarray(
            news.flatMap((kind) => Array<NewsKind>(5).fill(kind)),
            { minLength: news.length * 5 },
          ),
        }),
      ),
      (start, { once, often }) => endOf(start, once) === endOf(start, often),
    ),
  )
})

test('a state never goes backwards', () => {
  const height = (state: DeliveryState) => ['sent', 'delivered', 'bounced'].indexOf(state)
  fc.assert(
    fc.property(fc.constantFrom(...DELIVERY_STATES), fc.constantFrom(...NEWS_KINDS), (state, kind) => {
      const to = standAfter(state, kind)
      return to === null || to === 'wait' || height(to) > height(state)
    }),
  )
})

test('shuffled and repeated news leaves every recipient in the same state, with the same events and one suppression', async () => {
  const recipients = Array.from({ length: 12 }, (_, i) => `r${i}@example.org`)
  const w = await sent(...recipients)
  const news = [
    aFeedback('delivered'),
    aFeedback('delayed', 'first delay'),
    aFeedback('delayed', 'second delay'),
    aFeedback('complained'),
    aFeedback('bounced'),
    aFeedback('delivered', 'told by another'),
  ]
  const orders = fc.sample(
    fc.shuffledSubarray(
      news.flatMap((one) => Array<Feedback>(5).fill(one)),
      { minLength: news.length * 5 },
    ),
    { numRuns: recipients.length, seed: 7 },
  )
  for (const [i, recipient] of recipients.entries()) await tell(w, recipient, ...orders[i]!)
  for (const recipient of recipients) {
    expect(await w.deliveryOf(recipient)).toMatchObject({ state: 'bounced', complainedAt: expect.any(Date) })
    const types = await typesOf(w, recipient)
    expect(types.filter((type) => type === 'delivery.delayed')).toHaveLength(2)
    expect(types.filter((type) => type === 'delivery.bounced')).toHaveLength(1)
    expect(types.filter((type) => type === 'delivery.complained')).toHaveLength(1)
    expect(types.filter((type) => type === 'delivery.delivered').length).toBeLessThanOrEqual(1)
  }
  expect(await w.suppressions()).toEqual(expect.arrayContaining(recipients))
})

test('a bounce after the 250 takes the delivery back, says why, and suppresses an address that is gone', async () => {
  const w = await sent('bob@example.org', 'eve@example.org')
  await tell(w, 'bob@example.org', aFeedback('delivered'), aFeedback('bounced'))
  expect(await w.deliveryOf('bob@example.org')).toMatchObject({ state: 'bounced', reason: { code: 'recipient_unknown' } })
  expect(await w.suppressions()).toEqual(['bob@example.org'])
  expect(await w.states()).toMatchObject({ 'eve@example.org': 'sent' })
})

test('a bounce for what the message held, or for our reputation, suppresses nobody', async () => {
  const w = await sent('bob@example.org', 'eve@example.org')
  await tell(w, 'bob@example.org', aFeedback('bounced', 'spam', '554 5.7.1 message identified as spam'))
  await tell(w, 'eve@example.org', aFeedback('bounced', 'full', '552 5.2.2 mailbox full'))
  expect(await w.states()).toEqual({ 'bob@example.org': 'bounced', 'eve@example.org': 'bounced' })
  expect(await w.suppressions()).toEqual([])
})

test('a delay is written down with its words and changes nothing', async () => {
  const w = await sent('bob@example.org')
  expect(await tell(w, 'bob@example.org', aFeedback('delayed'), aFeedback('delayed'))).toEqual(['recorded', 'known'])
  const delivery = await w.deliveryOf('bob@example.org')
  expect(delivery).toMatchObject({ state: 'sent', reason: null })
  expect(delivery.events.at(-1)).toMatchObject({
    type: 'delivery.delayed',
    data: { source: 'ses', diagnostic: 'said with delayed', happened_at: NOW.toISOString() },
  })
})

test('an unheard answer is settled by what is heard later, and not sent once more', async () => {
  const w = await world()
  w.smtp.next('DOT', { afterwards: 'close' })
  await w.submit(aMessage())
  await w.dispatch()
  expect(await w.states()).toEqual({ 'bob@example.org': 'unknown' })
  await tell(w, 'bob@example.org', aFeedback('delivered'))
  w.clock.advance(60 * SECOND)
  await w.jobs()
  await w.dispatch()
  expect(await w.deliveryOf('bob@example.org')).toMatchObject({
    state: 'delivered',
    policy: null,
    attempts: [{ outcome: 'unknown' }],
  })
})

test('what is on the wire at this moment waits, and is recorded when it is told again', async () => {
  const held = gate()
  const w = await world({ script: { on: { DOT: { after: held, reply: '250 taken' } } } })
  await w.submit(aMessage())
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await expect.poll(() => w.states(), { timeout: 30_000 }).toEqual({ 'bob@example.org': 'sending' })
  expect(await tell(w, 'bob@example.org', aFeedback('delivered'))).toEqual(['early'])
  held.open()
  await w.quiet()
  expect(await tell(w, 'bob@example.org', aFeedback('delivered'))).toEqual(['recorded'])
  await dispatcher.stop(1_000)
  expect(await w.states()).toEqual({ 'bob@example.org': 'delivered' })
})
