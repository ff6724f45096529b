import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { gate } from '../support/gate.ts'
import { aMessage, type World, world } from '../support/world.ts'

const RECIPIENTS = Array.from({ length: 60 }, (_, i) => `r${i}@example.org`)

/** Every statement that writes to these tables fails now and then, as if another transaction had been in its way. */
async function makeFlaky(w: World, state: string, every: number): Promise<void> {
  await sql
    .raw(
      `create sequence flaky;
       create function stumble() returns trigger language plpgsql as $$
       begin
         if nextval('flaky') % ${every} = 0 then raise exception 'in the way' using errcode = '${state}'; end if;
         return null;
       end $$;
       grant usage on sequence flaky to waybill_api;
       create trigger stumble before insert or update on delivery for each statement execute function stumble();
       create trigger stumble before insert on event for each statement execute function stumble();
       create trigger stumble before insert on attempt for each statement execute function stumble();
       create trigger stumble before insert on message for each statement execute function stumble();`,
    )
    .execute(w.database.db)
}

test.each([
  ['a serialization failure', '40001'],
  ['a deadlock', '40P01'],
])('every tenth statement meets %s: nobody is told, everything is sent once', async (_, state) => {
  const w = await world()
  await makeFlaky(w, state, 10)
  for (const recipient of RECIPIENTS) await w.submit(aMessage({ to: [recipient] }))
  await w.dispatch()
  expect(Object.values(await w.states())).toEqual(RECIPIENTS.map(() => 'sent'))
  expect(w.smtp.received().toSorted()).toEqual(RECIPIENTS.toSorted())
  expect(await w.events('delivery.sent')).toHaveLength(RECIPIENTS.length)
  await sql`drop function stumble cascade`.execute(w.database.db)
})

test('with one connection for everything, and fifty who want one, all are served: nobody holds one and waits for another', async () => {
  const w = await world({ connections: 1 })
  w.smtp.answer('nobody@example.org', '550 5.1.1 user unknown').always()
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await Promise.all([...RECIPIENTS.slice(0, 49), 'nobody@example.org'].map((to) => w.submit(aMessage({ to: [to] }), { key: to })))
  dispatcher.wake()
  await w.quiet()
  expect(w.smtp.received()).toHaveLength(49)
  await w.jobs()
  await dispatcher.stop(1_000)
})

test('when no connection can be had for long, who waits is refused in a bounded time, and the next one is served', async () => {
  const w = await world()
  const one = openDatabase({ connection: { ...w.connection }, maxConnections: 1, applicationName: 'test' })
  const held = gate()
  const holding = one.transaction({ as: 'engine' }, () => held.arrive())
  await held.reached
  await expect(w.submit(aMessage(), { database: one })).rejects.toThrow(/timeout/)
  held.open()
  await holding
  await w.submit(aMessage(), { database: one })
  await one.close()
  await w.dispatch()
  expect(w.smtp.received()).toEqual(['bob@example.org'])
})

test('a table that somebody locks makes everything wait, and nothing worse', async () => {
  const w = await world()
  for (const recipient of RECIPIENTS) await w.submit(aMessage({ to: [recipient] }))
  const locked = gate()
  const locker = openDatabase({ connection: { ...w.connection }, maxConnections: 1, applicationName: 'test' })
  const locking = locker.transaction({ as: 'engine' }, async (tx) => {
    await sql`lock table delivery in access exclusive mode`.execute(tx)
    await locked.arrive()
  })
  await locked.reached
  const dispatcher = w.dispatcher()
  dispatcher.start()
  const waiting = w.submit(aMessage({ to: ['late@example.org'] }))
  const blocked = () =>
    sql<{ n: number }>`select count(*) as n from pg_locks where not granted and relation = 'delivery'::regclass`.execute(
      w.database.db,
    )
  await expect.poll(async () => (await blocked()).rows[0]!.n, { timeout: 30_000 }).toBeGreaterThanOrEqual(2)
  expect(w.smtp.messages).toEqual([])
  locked.open()
  await locking
  await waiting
  await locker.close()
  dispatcher.wake()
  await w.quiet()
  expect(w.smtp.received()).toHaveLength(61)
})
