import { expect, test } from 'vitest'
import { listOpenIncidents } from '../../../src/incidents/incidents.ts'
import { foldReceivers } from '../../../src/insight/board/count-receivers.ts'
import type { Figures } from '../../../src/insight/board/figures.ts'
import { type BoardWindow, readBoard } from '../../../src/insight/board/read-board.ts'
import { learnUsual, watchBoard } from '../../../src/insight/board/watch.ts'
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.ts'
import { aMessage, type World, world } from '../../support/world.ts'
import { count, tell } from './support.ts'

const POLL = { timeout: 40_000 }

/** The figures by receiver that a user sees; only those that are not zero. */
async function board(w: World, window: BoardWindow = '24h'): Promise<Record<string, Partial<Figures>>> {
  await count(w)
  const { receivers } = await w.inWorkspace((tx) => readBoard(tx, w.workspaceId, { window }, w.clock.now()))
  return Object.fromEntries(
    receivers.map(({ receiver, figures: { times: _, ...figures } }) => [
      receiver,
      Object.fromEntries(Object.entries(figures).filter(([, n]) => n > 0)),
    ]),
  )
}

const incidents = async (w: World) =>
  (await listOpenIncidents(w.database.db, w.workspaceId, 10)).filter(({ kind }) => kind.startsWith('receiver.'))

/** Seven days in which google reports what it took: 60 an hour, two of them lost. */
async function aGoodWeek(w: World, deliveredOf60 = 58): Promise<void> {
  const end = w.clock.now().getTime() - 2 * HOUR
  for (let at = end - 6 * DAY; at <= end; at += 6 * HOUR) {
    await tell(w, new Date(at), [
      { type: 'delivery.sent', n: 60 },
      { type: 'delivery.delivered', n: deliveredOf60 },
    ])
  }
  await expect.poll(async () => (await board(w, '30d')).google?.sent, POLL).toBe(25 * 60)
  await learnUsual(w.database, w.clock.now())
}

test('what really came of mail is on the board, by receiver and route, with the time it took', async () => {
  const w = await world()
  w.smtp.answer('nobody@example.org', '550 5.1.1 user unknown').always()
  await w.submit(aMessage({ to: ['ann@example.org', 'bob@example.org', 'nobody@example.org'] }))
  await w.dispatch()
  await expect
    .poll(async () => Object.values(await board(w)).map(({ sent, bounced }) => ({ sent, bounced })), POLL)
    .toEqual([{ sent: 2, bounced: 1 }])
  const { receivers } = await w.inWorkspace((tx) => readBoard(tx, w.workspaceId, { window: '1h' }, w.clock.now()))
  expect(receivers[0]?.routes).toMatchObject([{ routeId: w.routeId, routeName: 'relay' }])
  expect(receivers[0]?.figures.times.reduce((sum, n) => sum + n, 0)).toBe(2)
})

test('each event is counted once, in its five minutes, and only in its own workspace', async () => {
  const w = await world()
  const other = await w.addWorkspace('Other')
  const now = w.clock.now()
  await tell(w, now, [
    { type: 'delivery.sent', n: 3 },
    { type: 'delivery.sent', receiver: 'yahoo' },
    { type: 'delivery.deferred', n: 2 },
    { type: 'delivery.bounced' },
    { type: 'delivery.bounced', source: 'dsn' },
    { type: 'delivery.complained' },
    { type: 'delivery.delivered', n: 2 },
    { type: 'delivery.unknown' },
    { type: 'delivery.sent', workspaceId: other.workspaceId, routeId: other.routeId, n: 9 },
  ])
  const expected = {
    google: { sent: 3, deferred: 2, bounced: 2, returned: 1, complained: 1, delivered: 2, unknown: 1 },
    yahoo: { sent: 1 },
  }
  await expect.poll(() => board(w), POLL).toEqual(expected)
  await Promise.all([count(w), count(w), count(w)])
  expect(await board(w, '1h')).toEqual(expected)
})

test('five minutes become days after eight days and end after four hundred; nothing is lost or counted twice on the way', async () => {
  const w = await world()
  const long = new Date(w.clock.now().getTime() - 20 * DAY)
  await tell(w, long, [{ type: 'delivery.sent', n: 5 }])
  await tell(w, new Date(long.getTime() + 10 * MINUTE), [{ type: 'delivery.delivered', n: 4 }])
  await tell(w, w.clock.now(), [{ type: 'delivery.sent', n: 2 }])
  const month = { google: { sent: 7, delivered: 4 } }
  await expect.poll(() => board(w, '30d'), POLL).toEqual(month)
  await foldReceivers(w.database, w.clock.now())
  await foldReceivers(w.database, w.clock.now())
  expect(await board(w, '30d')).toEqual(month)
  // What is told late of a day that was folded finds its way into it as well.
  await tell(w, long, [{ type: 'delivery.complained' }])
  await expect.poll(() => board(w, '30d'), POLL).toEqual({ google: { sent: 7, delivered: 4, complained: 1 } })
  await foldReceivers(w.database, w.clock.now())
  expect(await board(w, '30d')).toEqual({ google: { sent: 7, delivered: 4, complained: 1 } })
  await foldReceivers(w.database, new Date(w.clock.now().getTime() + 385 * DAY))
  expect(await board(w, '30d')).toEqual({ google: { sent: 2 } })
})

test('a relay that takes everything and silently drops google is told within half an hour, and told over when mail arrives again', async () => {
  const w = await world()
  await aGoodWeek(w)
  await watchBoard(w.database, w.clock.now())
  expect(await incidents(w)).toEqual([])

  const began = w.clock.now()
  await tell(w, began, [{ type: 'delivery.sent', n: 214 }])
  w.clock.advance(15 * MINUTE)
  await expect.poll(async () => (await board(w, '1h')).google?.sent, POLL).toBe(214)
  await watchBoard(w.database, w.clock.now())
  const [incident, ...more] = await incidents(w)
  expect(more).toEqual([])
  expect(incident).toMatchObject({
    kind: 'receiver.not_arriving',
    severity: 'critical',
    sentence: 'google: 0 delivered of 214 relayed in 30 minutes through relay; usually 97 %.',
    subject: { kind: 'receiver', id: 'google' },
  })

  // Silence is no recovery; and bad days do not become what is usual.
  w.clock.advance(3 * HOUR)
  await learnUsual(w.database, w.clock.now())
  await watchBoard(w.database, w.clock.now())
  expect(await incidents(w)).toHaveLength(1)

  await tell(w, w.clock.now(), [
    { type: 'delivery.sent', n: 50 },
    { type: 'delivery.delivered', n: 49 },
  ])
  w.clock.advance(15 * MINUTE)
  await expect.poll(async () => (await board(w, '1h')).google?.delivered, POLL).toBe(49)
  await watchBoard(w.database, w.clock.now())
  expect(await incidents(w)).toEqual([])
})

test('a route that never tells deliveries raises nothing of the sort', async () => {
  const w = await world()
  await aGoodWeek(w, 0)
  await tell(w, w.clock.now(), [{ type: 'delivery.sent', n: 214 }])
  w.clock.advance(15 * MINUTE)
  await expect.poll(async () => (await board(w, '1h')).google?.sent, POLL).toBe(214)
  await watchBoard(w.database, w.clock.now())
  expect(await incidents(w)).toEqual([])
})

test('an alert about a way that no mail takes any more ends after a day', async () => {
  const w = await world()
  await tell(w, w.clock.now(), [{ type: 'delivery.bounced', receiver: 'yahoo', n: 40 }])
  await expect.poll(async () => (await board(w)).yahoo?.bounced, POLL).toBe(40)
  await watchBoard(w.database, w.clock.now())
  expect((await incidents(w)).map(({ kind }) => kind)).toEqual(['receiver.refused'])
  w.clock.advance(23 * HOUR)
  await watchBoard(w.database, w.clock.now())
  expect(await incidents(w)).toHaveLength(1)
  w.clock.advance(26 * HOUR)
  await watchBoard(w.database, w.clock.now())
  expect(await incidents(w)).toEqual([])
  await expect.poll(async () => (await board(w)).yahoo, POLL).toBeUndefined()
})
