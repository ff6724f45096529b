import { expect, test } from 'vitest'
import { type Act, actOnDelivery, actOnMessage } from '../../../src/delivery/acts/act.ts'
import { sendAgain } from '../../../src/delivery/acts/send-again.ts'
import { DELIVERY_STATES, type DeliveryState } from '../../../src/delivery/delivery.ts'
import { Refusal } from '../../../src/errors.ts'
import { HOUR, MINUTE } from '../../../src/lib/clock.ts'
import { type DeliveryId, type MessageId, newId } from '../../../src/lib/ids.ts'
import { gate } from '../../support/gate.ts'
import { aMessage, type World, world } from '../../support/world.ts'

const BOB = 'bob@example.org'
const ACTOR = 'user:01a20000-0000-7000-8000-000000000001'

function act(w: World, recipient: string, what: Act): Promise<void> {
  return w
    .deliveryOf(recipient)
    .then(({ id }) => w.inWorkspace((tx) => actOnDelivery(tx, w.workspaceId, id, what, ACTOR, w.clock.now())))
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Refusal)) throw error ?? new Error('it was not refused')
  return error.code
}

/** Makes a delivery to BOB that is in the state asked for, by what brings one there. */
const WAYS: Partial<Record<DeliveryState, (w: World) => Promise<void>>> = {
  queued: async (w) => void (await w.submit(aMessage({ scheduledAt: new Date(w.clock.now().getTime() + HOUR) }))),
  held: async (w) => {
    await WAYS.queued!(w)
    await act(w, BOB, 'hold')
  },
  unknown: async (w) => {
    w.smtp.next('DOT', { afterwards: 'close' })
    await w.submit(aMessage({ stream: 'conversation' }))
    await w.dispatch()
  },
  sent: async (w) => {
    await w.submit(aMessage())
    await w.dispatch()
  },
  bounced: async (w) => {
    w.smtp.next('DOT', '554 5.7.1 spam')
    await w.submit(aMessage())
    await w.dispatch()
  },
  cancelled: async (w) => {
    await WAYS.queued!(w)
    await act(w, BOB, 'cancel')
  },
}

test('retry sends at once what waits for its next try, and keeps what it has used of its tries', async () => {
  const w = await world()
  w.smtp.answer(BOB, '451 4.7.1 greylisted').thenAccept()
  await w.submit(aMessage())
  await w.dispatch()
  await act(w, BOB, 'retry')
  await w.dispatch()
  expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'sent', failures: 1, attempt: 2 })
})

test('what is held is not sent until it is released', async () => {
  const w = await world()
  await w.submit(aMessage())
  await act(w, BOB, 'hold')
  w.clock.advance(HOUR)
  await w.dispatch()
  expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'held', reason: { code: 'held_by_person' }, dueAt: null })
  expect(w.smtp.messages).toEqual([])
  await act(w, BOB, 'release')
  await w.dispatch()
  expect(await w.states()).toEqual({ [BOB]: 'sent' })
  expect((await w.deliveryOf(BOB)).events.map(({ type, actor }) => [type, actor])).toEqual([
    ['delivery.held', ACTOR],
    ['delivery.released', ACTOR],
    ['delivery.sent', null],
  ])
})

test('what is held expires like any other', async () => {
  const w = await world()
  await w.submit(aMessage({ expiresAt: new Date(w.clock.now().getTime() + HOUR) }))
  await act(w, BOB, 'hold')
  w.clock.advance(HOUR)
  await w.jobs()
  expect(await w.states()).toEqual({ [BOB]: 'expired' })
})

test('what is cancelled is never sent', async () => {
  const w = await world()
  await w.submit(aMessage({ scheduledAt: new Date(w.clock.now().getTime() + HOUR) }))
  await act(w, BOB, 'cancel')
  w.clock.advance(2 * HOUR)
  await w.dispatch()
  expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'cancelled', settledAt: expect.any(Date), attempts: [] })
  expect(w.smtp.messages).toEqual([])
})

test('of an unheard answer a person may say: send it once more, with the same Message-ID', async () => {
  const w = await world()
  await WAYS.unknown!(w)
  await act(w, BOB, 'resend')
  await w.dispatch()
  expect(await w.states()).toEqual({ [BOB]: 'sent' })
  expect(new Set(w.smtp.messages.map(({ sha256 }) => sha256)).size).toBe(1)
})

test('of an unheard answer a person may say: leave it, it counts as sent', async () => {
  const w = await world()
  await WAYS.unknown!(w)
  await act(w, BOB, 'leave')
  await w.dispatch()
  expect(await w.deliveryOf(BOB)).toMatchObject({ state: 'sent', policy: null })
  expect(w.smtp.messages).toHaveLength(1)
})

test('what is being sent is nobody\u2019s to move', async () => {
  const w = await world()
  const answer = gate()
  w.smtp.next('DOT', { reply: '250 2.0.0 ok', after: answer })
  await w.submit(aMessage())
  w.dispatcher().start()
  await answer.reached
  for (const what of ['retry', 'hold', 'release', 'cancel', 'resend', 'leave'] as const)
    expect(await codeOf(act(w, BOB, what))).toBe('wrong_state')
  answer.open()
  await w.quiet()
})

test.each(Object.keys(WAYS) as DeliveryState[])(
  'in the state %s exactly what its page offers is allowed, and nothing moves otherwise',
  async (state) => {
    const w = await world()
    for (const what of ['retry', 'hold', 'release', 'cancel', 'leave'] as const) {
      await WAYS[state]!(w)
      const before = await w.deliveryOf(BOB)
      expect(before.state).toBe(state)
      if (before.actions.includes(what)) {
        await act(w, BOB, what)
        expect((await w.deliveryOf(BOB)).events.at(-1)).toMatchObject({ actor: ACTOR })
      } else {
        expect(await codeOf(act(w, BOB, what))).toBe('wrong_state')
        expect(await w.deliveryOf(BOB)).toEqual(before)
      }
    }
  },
)

test('the ways above are to every state that a person can act on', () => {
  const untouchable = ['sending', 'delivered', 'failed', 'expired', 'suppressed']
  expect([...Object.keys(WAYS), ...untouchable].toSorted()).toEqual([...DELIVERY_STATES].toSorted())
})

test('on a message an act moves every delivery to which it applies and says how many', async () => {
  const w = await world()
  w.smtp.answer('ann@example.org', '451 4.7.1 greylisted').thenAccept()
  w.smtp.answer('cid@example.org', '451 4.7.1 greylisted').thenAccept()
  const { id } = await w.submit(aMessage({ to: ['ann@example.org', BOB, 'cid@example.org'] }))
  await w.dispatch()
  const on = (what: Act) => w.inWorkspace((tx) => actOnMessage(tx, w.workspaceId, id as MessageId, what, ACTOR, w.clock.now()))
  expect(await on('hold')).toBe(2)
  expect(await w.states()).toEqual({ 'ann@example.org': 'held', [BOB]: 'sent', 'cid@example.org': 'held' })
  expect(await codeOf(on('hold'))).toBe('nothing_to_do')
  expect(await on('cancel')).toBe(2)
})

test('another workspace cannot touch it, nor learn that it exists', async () => {
  const w = await world()
  const other = await w.addWorkspace('Other')
  const { id } = await w.submit(aMessage())
  const delivery = await w.deliveryOf(BOB)
  const as = { as: 'api', workspaceId: other.workspaceId } as const
  const onDelivery = (deliveryId: DeliveryId) =>
    w.database.transaction(as, (tx) => actOnDelivery(tx, other.workspaceId, deliveryId, 'cancel', null, w.clock.now()))
  expect(await codeOf(onDelivery(delivery.id))).toBe('not_found')
  expect(await codeOf(onDelivery(newId<DeliveryId>()))).toBe('not_found')
  expect(
    await codeOf(
      w.database.transaction(as, (tx) => actOnMessage(tx, other.workspaceId, id as MessageId, 'cancel', null, w.clock.now())),
    ),
  ).toBe('not_found')
  await w.dispatch()
  expect(await w.states()).toEqual({ [BOB]: 'sent' })
})

test('an act and a claim at the same moment: one of them has it', async () => {
  const w = await world()
  const recipients = Array.from({ length: 60 }, (_, i) => `r${i}@example.org`)
  for (const recipient of recipients) await w.submit(aMessage({ to: [recipient] }))
  const ids = Object.values(await w.deliveries()).map(({ id }) => id)
  const dispatcher = w.dispatcher()
  dispatcher.start()
  const cancelled = await Promise.all(
    ids.map((id) =>
      w
        .inWorkspace((tx) => actOnDelivery(tx, w.workspaceId, id, 'cancel', ACTOR, w.clock.now()))
        .then(
          () => true,
          () => false,
        ),
    ),
  )
  await w.quiet()
  const states = Object.values(await w.states())
  expect(states.filter((state) => state === 'cancelled')).toHaveLength(cancelled.filter(Boolean).length)
  expect(w.smtp.received()).toHaveLength(60 - cancelled.filter(Boolean).length)
})

test('a settled message goes again as a new one: same content and Message-ID, a story of its own', async () => {
  const w = await world()
  const { id } = await w.submit(aMessage({ to: ['ann@example.org', BOB] }))
  await w.dispatch()
  const again = await w.inWorkspace((tx) => sendAgain(tx, w.blobs, w.workspaceId, id as MessageId, [BOB], ACTOR, w.clock.now()))
  await w.dispatch()
  expect(await w.story(again)).toMatchObject({
    resendOf: id,
    counts: { sent: 1 },
    deliveries: [{ recipient: BOB, state: 'sent', attempt: 1 }],
    events: [{ type: 'message.submitted', actor: ACTOR, data: { resend_of: id } }],
  })
  expect(await w.story(id)).toMatchObject({ counts: { sent: 2 } })
  expect(w.smtp.received()).toEqual(['ann@example.org', BOB, BOB])
  expect(new Set(w.smtp.messages.map(({ sha256 }) => sha256)).size).toBe(1)
})

test('sending a message again means those of its recipients that are settled', async () => {
  const w = await world()
  w.smtp.answer(BOB, '451 4.7.1 greylisted').always()
  w.smtp.answer('cid@example.org', '554 5.7.1 no').thenAccept()
  const { id } = await w.submit(aMessage({ to: ['ann@example.org', BOB, 'cid@example.org'] }))
  await w.dispatch()
  const again = await w.inWorkspace((tx) => sendAgain(tx, w.blobs, w.workspaceId, id as MessageId, null, ACTOR, w.clock.now()))
  expect((await w.story(again)).deliveries.map(({ recipient }) => recipient)).toEqual(['ann@example.org', 'cid@example.org'])
  await w.dispatch()
  w.clock.advance(MINUTE)
})

test('a message of which nothing is settled cannot be sent again, nor can one that does not exist', async () => {
  const w = await world()
  const { id } = await w.submit(aMessage({ scheduledAt: new Date(w.clock.now().getTime() + HOUR) }))
  const again = (message: string) =>
    w.inWorkspace((tx) => sendAgain(tx, w.blobs, w.workspaceId, message as MessageId, null, ACTOR, w.clock.now()))
  expect(await codeOf(again(id))).toBe('nothing_to_do')
  expect(await codeOf(again(newId()))).toBe('not_found')
})
