import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { changeRoute, probeNow, sealOf } from '../../../src/delivery/routes/manage.ts'
import { HOUR, MINUTE, SECOND } from '../../../src/lib/clock.ts'
import { createSecrets } from '../../../src/lib/secrets.ts'
import { gate } from '../../support/gate.ts'
import { refusedPort, smtpServer } from '../../support/smtp-server.ts'
import { aMessage, HOST, type World, world } from '../../support/world.ts'

const RECIPIENTS = Array.from({ length: 20 }, (_, i) => `r${i}@example.org`)

/** A relay that refuses its greeting, with mail that waits for it. */
async function aBrokenRelay(): Promise<World> {
  const w = await world({ script: { on: { CONNECT: '421 4.3.2 too busy' } } })
  for (const to of RECIPIENTS) await w.submit(aMessage({ to: [to], stream: 'conversation' }))
  await w.dispatch()
  return w
}

async function untilProbe(w: World): Promise<void> {
  const circuit = await w.circuit()
  if (circuit.state === 'closed') throw new Error('the circuit is closed')
  w.clock.advance(circuit.until.getTime() - w.clock.now().getTime())
}

test('while a circuit is open nothing knocks, however often somebody looks', async () => {
  const w = await aBrokenRelay()
  const knocks = w.smtp.connections.length
  for (let i = 0; i < 3; i++) {
    w.clock.advance(MINUTE)
    await w.dispatch()
  }
  expect(w.smtp.connections).toHaveLength(knocks)
  expect(knocks).toBe(1)
})

test('a probe is one message on one connection, and each failure lengthens the wait', async () => {
  const w = await aBrokenRelay()
  const waits: number[] = []
  for (let i = 0; i < 3; i++) {
    const before = w.clock.now().getTime()
    await untilProbe(w)
    waits.push((w.clock.now().getTime() - before) / MINUTE)
    const knocks = w.smtp.connections.length
    await w.dispatch()
    expect(w.smtp.connections).toHaveLength(knocks + 1)
  }
  expect(waits).toEqual([15, 30, 60])
  expect(await w.circuit()).toMatchObject({ state: 'open', failures: 4 })
  expect(new Set((await w.attempts()).map(({ outcome }) => outcome))).toEqual(new Set(['blocked']))
  expect(await w.attempts()).toHaveLength(4)
})

test('a healed relay is shown one message first, and then gets the rest', async () => {
  const w = await aBrokenRelay()
  const answer = gate()
  w.smtp.always('CONNECT', null)
  w.smtp.next('DOT', { reply: '250 2.0.0 taken', after: answer })
  await untilProbe(w)
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await answer.reached
  // It has the probe in hand and has not answered: no other message may be on its way.
  expect(await w.circuit()).toMatchObject({ state: 'probing' })
  expect(dispatcher.status().inHand).toBe(1)
  expect(w.smtp.messages).toHaveLength(1)
  answer.open()
  await w.quiet()
  expect(w.smtp.received().toSorted()).toEqual(RECIPIENTS.toSorted())
  expect(await w.circuit()).toEqual({ state: 'closed' })
})

test('a probe that the relay answers with a verdict on its message proves the route all the same', async () => {
  const w = await aBrokenRelay()
  w.smtp.always('CONNECT', null)
  w.smtp.next('RCPT', '550 5.1.1 user unknown')
  await untilProbe(w)
  await w.dispatch()
  expect(await w.circuit()).toEqual({ state: 'closed' })
  const states = Object.values(await w.states())
  expect(states.filter((state) => state === 'bounced')).toHaveLength(1)
  expect(states.filter((state) => state === 'sent')).toHaveLength(19)
})

test('of four dispatchers one probes', async () => {
  const w = await aBrokenRelay()
  const knocks = w.smtp.connections.length
  await untilProbe(w)
  const four = Array.from({ length: 4 }, () => w.dispatcher())
  for (const dispatcher of four) dispatcher.start()
  await w.quiet()
  expect(w.smtp.connections).toHaveLength(knocks + 1)
  expect(await w.circuit()).toMatchObject({ state: 'open', failures: 2 })
})

test('"try now" ends the wait', async () => {
  const w = await aBrokenRelay()
  w.smtp.always('CONNECT', null)
  await w.inWorkspace((tx) => probeNow(tx, w.workspaceId, w.routeId, 'user:1', w.clock.now()))
  await w.dispatch()
  expect(Object.values(await w.states())).toEqual(RECIPIENTS.map(() => 'sent'))
  expect((await w.events()).map(({ type }) => type)).toEqual(
    expect.arrayContaining(['route.opened', 'route.probed', 'route.closed']),
  )
})

test('a change of its settings ends the wait', async () => {
  const w = await world()
  const port = await refusedPort()
  await w.inWorkspace((tx) => changeRoute(tx, w.secrets, w.workspaceId, w.routeId, { settings: { port } }, null, w.clock.now()))
  await w.submit(aMessage())
  await w.dispatch()
  expect(await w.circuit()).toMatchObject({ state: 'open', reason: { code: 'tcp_refused' } })
  await w.inWorkspace((tx) =>
    changeRoute(tx, w.secrets, w.workspaceId, w.routeId, { settings: { port: w.smtp.port } }, null, w.clock.now()),
  )
  await w.dispatch()
  expect(w.smtp.received()).toEqual(['bob@example.org'])
})

test('a failure of the settings before does not open the circuit of the settings now', async () => {
  const greeting = gate()
  const w = await world({ script: { on: { CONNECT: { reply: '554 5.7.1 no service', after: greeting, afterwards: 'close' } } } })
  await w.submit(aMessage())
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await greeting.reached
  await using mended = await smtpServer()
  await w.inWorkspace((tx) =>
    changeRoute(tx, w.secrets, w.workspaceId, w.routeId, { settings: { port: mended.port } }, null, w.clock.now()),
  )
  greeting.open()
  await w.quiet()
  expect(await w.circuit()).toEqual({ state: 'closed' })
  expect(mended.received()).toEqual(['bob@example.org'])
})

test('what expires behind an open circuit says what it waited for', async () => {
  const w = await world({ script: { on: { CONNECT: '421 4.3.2 too busy' } } })
  const expiresAt = new Date(w.clock.now().getTime() + HOUR)
  await w.submit(aMessage({ to: ['ann@example.org'], expiresAt }))
  await w.submit(aMessage({ to: ['bob@example.org'], expiresAt }))
  await w.submit(aMessage({ to: ['cid@example.org'], expiresAt: new Date(w.clock.now().getTime() + 10 * HOUR) }))
  await w.dispatch()
  w.clock.advance(HOUR)
  await w.jobs()
  expect(await w.states()).toEqual({ 'ann@example.org': 'expired', 'bob@example.org': 'expired', 'cid@example.org': 'queued' })
  for (const recipient of ['ann@example.org', 'bob@example.org']) {
    expect((await w.deliveryOf(recipient)).reason?.sentence).toContain('too busy')
  }
  expect(await w.events('delivery.expired')).toHaveLength(2)
  await w.dispatch()
})

test('one broken route does not hold up another', async () => {
  const w = await aBrokenRelay()
  const other = await w.addWorkspace('Other', { port: await refusedPort() })
  await using healthy = await smtpServer()
  const third = await w.addWorkspace('Third', { port: healthy.port })
  await w.submit(aMessage(), { workspaceId: other.workspaceId })
  await w.submit(aMessage(), { workspaceId: third.workspaceId })
  await w.dispatch()
  expect(await other.states()).toEqual({ 'bob@example.org': 'queued' })
  expect(await third.states()).toEqual({ 'bob@example.org': 'sent' })
  expect(healthy.received()).toEqual(['bob@example.org'])
})

test('a route whose password cannot be unsealed waits with that reason; the others go on', async () => {
  const w = await world({
    route: { user: 'shop' },
    password: 'secret',
    script: { auth: { mechanisms: ['PLAIN'], user: 'shop', password: 'secret' } },
  })
  await using healthy = await smtpServer()
  const other = await w.addWorkspace('Other', { port: healthy.port })
  const anotherSecret = createSecrets('not the secret it was sealed with')
  await w.submit(aMessage({ to: ['ann@example.org'] }))
  await w.submit(aMessage(), { workspaceId: other.workspaceId })
  const dispatcher = w.dispatcher({
    openProvider(route) {
      if (route.way.kind === 'smtp' && route.way.sealedSecret && route.id === w.routeId)
        anotherSecret.open(route.way.sealedSecret, sealOf(route.id))
      return w.openProvider(route)
    },
  })
  dispatcher.start()
  await w.quiet()
  expect(await other.states()).toEqual({ 'bob@example.org': 'sent' })
  expect(await w.states()).toEqual({ 'ann@example.org': 'queued' })
  expect(await w.circuit()).toMatchObject({ state: 'open', reason: { code: 'configuration_wrong' } })
  expect((await w.deliveryOf('ann@example.org')).waitingOn?.sentence).toMatch(/WAYBILL_SECRET/)
})

test('the route is probed again as soon as whoever was probing it is known to be gone', async () => {
  const w = await aBrokenRelay()
  w.smtp.always('CONNECT', null)
  await untilProbe(w)
  // What a process leaves behind that ends in the middle of its probe.
  await sql`
    with gone as (
      insert into dispatcher (id, route_id, host, pid, state, started_at, lease_expires_at)
      values (gen_random_uuid(), ${w.routeId}, ${HOST}, 4242, 'live', now(), ${new Date(w.clock.now().getTime() + 30 * SECOND)}) returning id
    )
    update route set circuit = 'probing', probe_owner = gone.id, probe_expires_at = ${new Date(w.clock.now().getTime() + HOUR)} from gone where route.id = ${w.routeId}`.execute(
    w.database.db,
  )
  await w.recover((pid) => pid !== 4242)
  await w.dispatch()
  expect(await w.circuit()).toEqual({ state: 'closed' })
  expect(Object.values(await w.states())).toEqual(RECIPIENTS.map(() => 'sent'))
})

test('a probe that could not be claimed, because the database was away, is tried again at once', async () => {
  const w = await aBrokenRelay()
  w.smtp.always('CONNECT', null)
  await untilProbe(w)
  let failures = 1
  const flaky = {
    ...w.database,
    transaction: ((scope, work, options) => {
      if (failures-- > 0) return Promise.reject(new Error('Connection terminated unexpectedly'))
      return w.database.transaction(scope, work, options)
    }) as typeof w.database.transaction,
  }
  const dispatcher = w.dispatcher({ database: flaky })
  dispatcher.start()
  await w.quiet()
  expect(await w.circuit()).toEqual({ state: 'closed' })
  expect(Object.values(await w.states())).toEqual(RECIPIENTS.map(() => 'sent'))
})

test('the wait that a server asks for is kept', async () => {
  const w = await world({ script: { on: { CONNECT: '421 4.3.2 too busy, try again in 20 minutes' } } })
  await w.submit(aMessage())
  await w.dispatch()
  const circuit = await w.circuit()
  expect(circuit.state === 'open' && circuit.until.getTime() - w.clock.now().getTime()).toBe(20 * MINUTE)
})
