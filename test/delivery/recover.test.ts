import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Provider } from '../../src/delivery/providers/provider.ts'
import { MINUTE, SECOND } from '../../src/lib/clock.ts'
import type { DispatcherId } from '../../src/lib/ids.ts'
import { gate } from '../support/gate.ts'
import { aMessage, HOST, type World, world } from '../support/world.ts'

const LEASE = 30 * SECOND

/** A dispatcher that holds deliveries, as a process leaves it that ended from one moment to the next. */
async function aDeadDispatcher(
  w: World,
  { count, window, pid = 4242, host = HOST }: { count: number; window: number; pid?: number; host?: string },
): Promise<DispatcherId> {
  for (let i = 1; i <= count; i++) await w.submit(aMessage({ to: [`r${i}@example.org`], stream: 'conversation' }))
  const { rows } = await sql<{ id: DispatcherId }>`
    with gone as (
      insert into dispatcher (id, route_id, host, pid, state, started_at, lease_expires_at, window_position)
      values (gen_random_uuid(), ${w.routeId}, ${host}, ${pid}, 'live', ${w.clock.now()}, ${new Date(w.clock.now().getTime() + LEASE)}, ${window})
      returning id
    ), held as (
      update delivery as d
         set state = 'sending', attempt = 1, due_at = null, route_id = ${w.routeId}, lease_owner = gone.id, lease_position = substr(recipient, 2, position('@' in recipient) - 2)::int
        from gone
      returning d.stream
    ), counted as (
      insert into delivery_count (workspace_id, stream, state, n)
      select ${w.workspaceId}::uuid, stream, s, n * count(*) from held cross join (values ('queued', -1), ('sending', 1)) as v (s, n) group by stream, s, n
    )
    select id from gone`.execute(w.database.db)
  return rows[0]!.id
}

test('a process of this machine that is gone is found at once: what its window covers is unknown, the rest waits again', async () => {
  const w = await world()
  await aDeadDispatcher(w, { count: 5, window: 2 })
  expect(await w.recover((pid) => pid !== 4242)).toEqual({ requeued: 3, unknown: 2 })
  expect(await w.states()).toEqual({
    'r1@example.org': 'unknown',
    'r2@example.org': 'unknown',
    'r3@example.org': 'queued',
    'r4@example.org': 'queued',
    'r5@example.org': 'queued',
  })
  expect(await w.deliveryOf('r1@example.org')).toMatchObject({
    policy: 'ask',
    attempt: 1,
    failures: 0,
    reason: { code: 'process_ended' },
    attempts: [],
  })
  expect(await w.events('delivery.unknown')).toHaveLength(2)
  await w.dispatch()
  expect(w.smtp.received().toSorted()).toEqual(['r3@example.org', 'r4@example.org', 'r5@example.org'])
  expect(await w.deliveryOf('r3@example.org')).toMatchObject({ state: 'sent', attempt: 2 })
})

test('one of another machine is given until its lease ends', async () => {
  const w = await world()
  await aDeadDispatcher(w, { count: 1, window: 0, host: 'another machine' })
  w.clock.advance(LEASE)
  expect(await w.recover(() => false)).toEqual({ requeued: 0, unknown: 0 })
  w.clock.advance(1)
  expect(await w.recover(() => false)).toEqual({ requeued: 1, unknown: 0 })
  await w.dispatch()
})

test('one that lives keeps what it holds', async () => {
  const w = await world()
  const answer = gate()
  w.smtp.next('DOT', { reply: '250 2.0.0 ok', after: answer })
  await w.submit(aMessage())
  w.dispatcher().start()
  await answer.reached
  expect(await w.recover(() => true)).toEqual({ requeued: 0, unknown: 0 })
  answer.open()
  await w.quiet()
  expect(await w.states()).toEqual({ 'bob@example.org': 'sent' })
})

test('what several look for at once is taken back once', async () => {
  const w = await world()
  await aDeadDispatcher(w, { count: 30, window: 10 })
  const found = await Promise.all(Array.from({ length: 6 }, () => w.recover((pid) => pid !== 4242)))
  const total = found.reduce((sum, one) => ({ requeued: sum.requeued + one.requeued, unknown: sum.unknown + one.unknown }))
  expect(total).toEqual({ requeued: 20, unknown: 10 })
  expect(await w.events('delivery.unknown')).toHaveLength(10)
  await w.dispatch()
})

/** A provider whose answers a test gives, and which asks for permission first. */
function aHandProvider() {
  const asked = gate()
  const answer = gate()
  const permits: boolean[] = []
  const provider: Provider = {
    kind: 'smtp',
    capacity: 10,
    async send(handoff) {
      permits.push(await handoff.mayLeave())
      await asked.arrive()
      if (permits.length > 0) await answer.arrive()
      return {
        outcomes: handoff.recipients.map(() => ({ kind: 'accepted', reply: { code: 250, enhanced: null, text: 'ok' } })),
        trace: { host: 'by hand', port: null, address: null, tls: null, stagesMs: {}, transcript: null },
      }
    },
    close: async () => {},
  }
  asked.open()
  return { provider, asked, answer, permits }
}

test('the late answer of a process that was taken for dead changes nothing: what it sent stays unknown', async () => {
  const w = await world()
  const hand = aHandProvider()
  await w.submit(aMessage({ stream: 'conversation' }))
  const zombie = w.dispatcher({ openProvider: () => hand.provider })
  zombie.start()
  await hand.answer.reached
  // It stands still for two minutes; its lease ends, another process takes over.
  w.clock.advance(2 * MINUTE)
  expect(await w.recover()).toEqual({ requeued: 0, unknown: 1 })
  hand.answer.open()
  await zombie.stop(1_000)
  expect(await w.deliveryOf('bob@example.org')).toMatchObject({ state: 'unknown', attempts: [], attempt: 1 })
  expect(await w.events('delivery.sent')).toEqual([])
})

test('nor does it when the delivery is already being sent again by another', async () => {
  const w = await world()
  const [first, second] = [aHandProvider(), aHandProvider()]
  await w.submit(aMessage())
  let standsStill = false
  const zombie = w.dispatcher({ openProvider: () => first.provider, mayClaim: () => !standsStill })
  zombie.start()
  await first.answer.reached
  standsStill = true
  w.clock.advance(2 * MINUTE)
  await w.recover()
  w.clock.advance(MINUTE)
  await w.jobs()
  const other = w.dispatcher({ openProvider: () => second.provider })
  other.start()
  await second.answer.reached
  first.answer.open()
  await zombie.stop(1_000)
  expect(await w.states()).toEqual({ 'bob@example.org': 'sending' })
  second.answer.open()
  await w.quiet()
  expect(await w.deliveryOf('bob@example.org')).toMatchObject({ state: 'sent', attempt: 2, attempts: [{ attempt: 2 }] })
  expect(await w.events('delivery.sent')).toHaveLength(1)
})

test('a dispatcher that was declared lost begins anew and goes on', async () => {
  const w = await world()
  const answer = gate()
  w.smtp.next('DOT', { reply: '250 2.0.0 ok', after: answer })
  await w.submit(aMessage({ to: ['ann@example.org'], stream: 'conversation' }))
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await answer.reached
  w.clock.advance(2 * MINUTE)
  expect(await w.recover()).toEqual({ requeued: 0, unknown: 1 })
  answer.open()
  await w.submit(aMessage({ to: ['bob@example.org'], stream: 'conversation' }))
  dispatcher.wake()
  await w.quiet()
  expect(await w.states()).toEqual({ 'ann@example.org': 'unknown', 'bob@example.org': 'sent' })
  expect(w.smtp.received()).toEqual(['ann@example.org', 'bob@example.org'])
})

test('a claim whose commit went through without an answer: nothing of it is stuck, lost, or called unknown', async () => {
  const w = await world()
  const recipients = Array.from({ length: 20 }, (_, i) => `r${i}@example.org`)
  for (const recipient of recipients) await w.submit(aMessage({ to: [recipient], stream: 'conversation' }))
  let unheard = 1
  const flaky = {
    ...w.database,
    transaction: (async (scope, work, options) => {
      const result = await w.database.transaction(scope, work, options)
      if (Array.isArray(result) && unheard-- > 0) throw new Error('Connection terminated unexpectedly')
      return result
    }) as typeof w.database.transaction,
  }
  const dispatcher = w.dispatcher({ database: flaky })
  dispatcher.start()
  await expect.poll(async () => (await w.recover()).requeued, { timeout: 20_000 }).toBe(20)
  dispatcher.wake()
  await w.quiet()
  expect(Object.values(await w.states())).toEqual(recipients.map(() => 'sent'))
  expect(w.smtp.received().toSorted()).toEqual(recipients.toSorted())
})

test('a settle whose commit went through without an answer writes nothing twice', async () => {
  const w = await world()
  w.smtp.answer('nobody@example.org', '550 5.1.1 user unknown').always()
  w.smtp.answer('later@example.org', '451 4.7.1 greylisted').thenAccept()
  const to = ['ann@example.org', 'nobody@example.org', 'later@example.org']
  await w.submit(aMessage({ to }))
  const heard: boolean[] = []
  const flaky = {
    ...w.database,
    transaction: (async (scope, work, options) => {
      const result = await w.database.transaction(scope, work, options)
      const isSettle = typeof result === 'object' && result !== null && 'late' in result
      if (isSettle) heard.push(heard.length > 1)
      if (isSettle && heard.length <= 2) throw new Error('Connection terminated unexpectedly')
      return result
    }) as typeof w.database.transaction,
  }
  await w.dispatch({ database: flaky })
  expect(await w.states()).toEqual({ 'ann@example.org': 'sent', 'nobody@example.org': 'bounced', 'later@example.org': 'queued' })
  expect(await w.attempts()).toHaveLength(3)
  expect((await w.events()).filter(({ type }) => type.startsWith('delivery.'))).toHaveLength(3)
  expect(w.smtp.messages).toHaveLength(1)
  expect(heard.length).toBeGreaterThan(2)
})

test('a database that stays away longer than a sender has to sign off: what was taken is known as taken', async () => {
  const w = await world()
  const away = { is: false }
  let failures = 0
  const refuse = () => {
    failures += 1
    return Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))
  }
  const flaky = {
    ...w.database,
    transaction: ((...all) => (away.is ? refuse() : w.database.transaction(...all))) as typeof w.database.transaction,
  }
  const answer = gate()
  w.smtp.next('DOT', { reply: '250 2.0.0 ok', after: answer })
  await w.submit(aMessage({ to: ['ann@example.org'], stream: 'conversation' }))
  const dispatcher = w.dispatcher({ database: flaky })
  dispatcher.start()
  await answer.reached
  away.is = true
  answer.open()
  await w.submit(aMessage({ to: ['bob@example.org'], stream: 'conversation' }))
  dispatcher.wake()
  await expect.poll(() => dispatcher.status().trouble, { timeout: 30_000 }).not.toBeNull()
  // Far longer than any sender is given when the process ends.
  w.clock.elapse(5 * MINUTE)
  await expect.poll(() => failures, { timeout: 30_000 }).toBeGreaterThan(8)
  away.is = false
  await w.quiet()
  expect(await w.states()).toEqual({ 'ann@example.org': 'sent', 'bob@example.org': 'sent' })
})
