import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openDatabase } from '../../../src/db/database.ts'
import { MINUTE } from '../../../src/lib/clock.ts'
import { gate } from '../../support/gate.ts'
import { aMessage, type World, world } from '../../support/world.ts'

async function finish(w: World, count: number): Promise<void> {
  await expect
    .poll(
      async () =>
        (await sql<{ n: number }>`select count(*) as n from delivery where state = 'sent'`.execute(w.database.db)).rows[0]!.n,
      { timeout: 90_000, interval: 100 },
    )
    .toBe(count)
}

function times(recipients: readonly string[]): Map<string, number> {
  const seen = new Map<string, number>()
  for (const recipient of recipients) seen.set(recipient, (seen.get(recipient) ?? 0) + 1)
  return seen
}

test('sixteen dispatchers, each on connections of its own, send ten thousand deliveries: no recipient twice, none left out', async () => {
  const w = await world({ route: { max_connections: 2 } })
  const recipients = Array.from({ length: 10_000 }, (_, i) => `r${i}@example.org`)
  for (let at = 0; at < recipients.length; at += 1_000) {
    await w.submitAll(recipients.slice(at, at + 1_000).map((to) => aMessage({ to: [to], stream: 'bulk' })))
  }
  const databases = Array.from({ length: 16 }, () =>
    openDatabase({ connection: { ...w.connection }, maxConnections: 3, applicationName: 'test' }),
  )
  const dispatchers = databases.map((database) => w.dispatcher({ database, random: Math.random }))
  try {
    for (const dispatcher of dispatchers) dispatcher.start()
    await finish(w, recipients.length)
  } finally {
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.stop(5_000)))
    await Promise.all(databases.map((database) => database.close()))
  }
  const seen = times(w.smtp.received())
  expect(seen.size).toBe(10_000)
  expect([...seen.values()].every((count) => count === 1)).toBe(true)
  const { rows } = await sql<{ attempts: number; events: number; most: number }>`
    select (select count(*) from attempt) as attempts, (select count(*) from event where type = 'delivery.sent') as events,
           (select max(attempt) from delivery) as most`.execute(w.database.db)
  expect(rows).toEqual([{ attempts: 10_000, events: 10_000, most: 1 }])
  expect(dispatchers.filter((dispatcher) => dispatcher.status().handed > 0).length).toBeGreaterThan(8)
}, 120_000)

test('a dispatcher of an older program leaves the queue of a newer schema alone, and says why', async () => {
  const w = await world()
  await w.submit(aMessage())
  const older = w.dispatcher({ mayClaim: () => false })
  older.start()
  await expect.poll(() => older.status().trouble, { timeout: 30_000 }).toMatch(/newer Waybill/)
  expect(await w.states()).toEqual({ 'bob@example.org': 'queued' })
  expect(w.smtp.connections).toEqual([])
  await older.stop(1_000)
  await w.dispatch()
  expect(await w.states()).toEqual({ 'bob@example.org': 'sent' })
})

test('a sign-in code behind fifty thousand newsletters leaves at once', async () => {
  // What it leaves behind is a queue; to look at all of it takes longer than the test.
  const w = await world({ route: { max_connections: 4 }, endsWell: false })
  for (let at = 0; at < 50_000; at += 5_000) {
    await w.submitAll([aMessage({ to: Array.from({ length: 5_000 }, (_, i) => `n${at + i}@example.org`), stream: 'bulk' })])
  }
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await w.smtp.when((smtp) => smtp.messages.length >= 20)
  await w.submit(aMessage({ to: ['code@example.org'] }))
  const before = w.smtp.received().length
  dispatcher.wake()
  await w.smtp.when((smtp) => smtp.received().includes('code@example.org'))
  const ahead = w.smtp.received().indexOf('code@example.org') - before
  // What a sender takes ahead of the wire is limited, and that alone can be in front of it.
  expect(ahead).toBeLessThanOrEqual(4_000)
  await dispatcher.stop(10_000)
  expect(await w.deliveryOf('code@example.org')).toMatchObject({ state: 'sent' })
}, 90_000)

test('whoever shares a route gets a share: no stream waits until another is empty', async () => {
  const w = await world({ route: { max_connections: 2 } })
  await w.submitAll(Array.from({ length: 300 }, (_, i) => aMessage({ to: [`t${i}@example.org`] })))
  await w.submitAll(Array.from({ length: 300 }, (_, i) => aMessage({ to: [`b${i}@example.org`], stream: 'bulk' })))
  await w.dispatch()
  const order = w.smtp.received()
  expect(order.findIndex((recipient) => recipient.startsWith('b'))).toBeLessThan(200)
  expect(order.slice(0, 300).filter((recipient) => recipient.startsWith('t')).length).toBeGreaterThan(150)
})

test('who had nothing to send for a minute signs off, and another takes over when there is mail again', async () => {
  const w = await world()
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await w.submit(aMessage({ to: ['ann@example.org'] }))
  dispatcher.wake()
  await w.quiet()
  w.clock.elapse(61_000)
  dispatcher.wake()
  const rows = async () =>
    (await sql<{ state: string }>`select state from dispatcher order by started_at, id`.execute(w.database.db)).rows.map(
      ({ state }) => state,
    )
  await expect.poll(rows, { timeout: 30_000 }).toEqual(['stopped'])
  // Its goodbye may be heard a moment after it is written down.
  await expect.poll(() => w.smtp.connections.every(({ ended }) => ended), { timeout: 30_000 }).toBe(true)
  await w.submit(aMessage({ to: ['bob@example.org'] }))
  dispatcher.wake()
  await w.quiet()
  expect(w.smtp.received()).toEqual(['ann@example.org', 'bob@example.org'])
  expect(await rows()).toEqual(['stopped', 'live'])
})

test('stopping finishes what is on the wire, gives back what is not, and leaves nothing unknown', async () => {
  const w = await world({ route: { max_connections: 1 } })
  const recipients = Array.from({ length: 100 }, (_, i) => `r${i}@example.org`)
  await w.submitAll(recipients.map((to) => aMessage({ to: [to] })))
  const answer = gate()
  w.smtp.next('DOT', { reply: '250 2.0.0 ok', after: answer })
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await answer.reached
  const stopped = dispatcher.stop(10_000)
  answer.open()
  await stopped
  const states = Object.values(await w.states())
  expect(new Set(states)).toEqual(new Set(['sent', 'queued']))
  expect(states.filter((state) => state === 'sent')).toHaveLength(w.smtp.received().length)
  expect(states.filter((state) => state === 'queued').length).toBeGreaterThan(50)
  const { rows } = await sql<{ state: string }>`select distinct state from dispatcher`.execute(w.database.db)
  expect(rows).toEqual([{ state: 'stopped' }])
  await w.dispatch()
  expect(w.smtp.received().toSorted()).toEqual(recipients.toSorted())
})

test('what does not answer within the time to stop is unknown, and nothing else is', async () => {
  const w = await world({ route: { max_connections: 1 } })
  await w.submitAll(Array.from({ length: 10 }, (_, i) => aMessage({ to: [`r${i}@example.org`], stream: 'conversation' })))
  const never = gate()
  w.smtp.next('DOT', { reply: '250 2.0.0 ok', after: never })
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await never.reached
  await dispatcher.stop(200)
  never.open()
  const states = Object.values(await w.states())
  expect(states.filter((state) => state === 'unknown')).toHaveLength(1)
  expect(states.filter((state) => state === 'queued')).toHaveLength(9)
  w.clock.advance(MINUTE)
  await w.dispatch()
})
