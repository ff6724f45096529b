import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE } from '../../../src/db/database.ts'
import { learnSlower } from '../../../src/delivery/pace/learn.ts'
import { addPace, listPaces, startWarmUp } from '../../../src/delivery/pace/manage.ts'
import { changeRule, createRule, type RuleDraft, removeRule } from '../../../src/delivery/routing/manage.ts'
import type { Rule, Trip } from '../../../src/delivery/routing/rule.ts'
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.ts'
import { aMessage } from '../../support/a-message.ts'
import { type ScriptedSmtpServer, smtpServer } from '../../support/smtp-server.ts'
import { type World, world } from '../../support/world.ts'

const BLOCKED =
  '550 5.7.1 Our system has detected that this message is suspicious due to the very low reputation of the sending IP'
const TRIP: Trip = { classes: ['reputation_blocked'], failures: 2, within_seconds: 300, share: null, pause_seconds: 900 }

async function secondServer(w: World, name = 'second') {
  const server = await smtpServer({})
  const route = await w.addRoute(name, { port: server.port })
  return { server, route }
}

function add(w: World, draft: Partial<RuleDraft> & Pick<RuleDraft, 'targets'>): Promise<Rule> {
  const whole = { name: 'a rule', enabled: true, conditions: {}, trip: null, ...draft }
  return w.inWorkspace((tx) => createRule(tx, w.workspaceId, whole, null, w.clock.now()))
}

const to = (server: Pick<ScriptedSmtpServer, 'received'>) => server.received().toSorted()

test('a rule shifts one receiver to another route, and a change of it moves what is queued as well', async () => {
  const w = await world()
  const { server, route } = await secondServer(w)
  await w.submit(aMessage({ to: ['ann@gmail.com', 'bob@example.org'], scheduledAt: new Date(w.clock.now().getTime() + MINUTE) }))
  await add(w, { conditions: { receivers: ['google'] }, targets: [{ route_id: route.id, weight: 1 }] })
  w.clock.advance(2 * MINUTE)
  await w.dispatch()
  expect(to(w.smtp)).toEqual(['bob@example.org'])
  expect(to(server)).toEqual(['ann@gmail.com'])
  await server.close()
})

test('rules on tag, size and recipient domain apply to what was queued before they existed', async () => {
  const w = await world()
  const { server, route } = await secondServer(w)
  const later = new Date(w.clock.now().getTime() + MINUTE)
  await w.submit(aMessage({ to: ['ann@example.org', 'cid@example.net'], scheduledAt: later }))
  await w.submit(aMessage({ to: ['big@example.org'], body: `${'x'.repeat(70)}\r\n`.repeat(400), scheduledAt: later }))
  await add(w, { conditions: { recipient_domains: ['example.net'] }, targets: [{ route_id: route.id, weight: 1 }] })
  const big = await add(w, { conditions: { min_bytes: 20_000 }, targets: [{ route_id: route.id, weight: 1 }] })
  w.clock.advance(2 * MINUTE)
  await w.dispatch()
  expect(to(w.smtp)).toEqual(['ann@example.org'])
  expect(to(server)).toEqual(['big@example.org', 'cid@example.net'])
  await w.inWorkspace((tx) => removeRule(tx, w.workspaceId, big.id, null, w.clock.now()))
  await w.submit(aMessage({ to: ['dora@example.org'], body: `${'x'.repeat(70)}\r\n`.repeat(400) }))
  await w.dispatch()
  expect(to(w.smtp)).toEqual(['ann@example.org', 'dora@example.org'])
  await server.close()
})

test('weights share mail out, and a route of weight 0 stands by until the others cannot', async () => {
  const w = await world()
  const second = await secondServer(w)
  const spare = await secondServer(w, 'spare')
  const targets = [
    { route_id: w.routeId, weight: 1 },
    { route_id: second.route.id, weight: 1 },
    { route_id: spare.route.id, weight: 0 },
  ]
  const rule = await add(w, { targets })
  const recipients = Array.from({ length: 200 }, (_, i) => `r${i}@example.org`)
  for (const recipient of recipients) await w.submit(aMessage({ to: [recipient] }))
  let turn = 0
  await w.dispatch({ random: () => (turn++ % 10) / 10 })
  expect(to(w.smtp).length).toBeGreaterThan(30)
  expect(to(second.server).length).toBeGreaterThan(30)
  expect(to(spare.server)).toEqual([])
  await w.inWorkspace((tx) =>
    changeRule(tx, w.workspaceId, rule.id, { targets: targets.filter(({ weight }) => weight === 0) }, null, w.clock.now()),
  )
  await w.submit(aMessage({ to: ['last@example.org'] }))
  await w.dispatch()
  expect(to(spare.server)).toEqual(['last@example.org'])
  await Promise.all([second.server.close(), spare.server.close()])
})

test('a route that is turned away for what we are is left alone for that receiver; the next takes over, other receivers stay', async () => {
  const w = await world({ script: { refuseRecipients: undefined } as never })
  const { server, route } = await secondServer(w)
  await add(w, {
    targets: [
      { route_id: w.routeId, weight: 1 },
      { route_id: route.id, weight: 0 },
    ],
    trip: TRIP,
  })
  w.smtp.next('DOT', BLOCKED)
  w.smtp.next('DOT', BLOCKED)
  await w.submit(aMessage({ to: ['ann@gmail.com'] }))
  await w.dispatch()
  // Refused twice as ourselves, then carried by the other: nobody bounced.
  expect(await w.states()).toEqual({ 'ann@gmail.com': 'sent' })
  expect(to(server)).toEqual(['ann@gmail.com'])
  await w.submit(aMessage({ to: ['cid@gmail.com'] }))
  await w.submit(aMessage({ to: ['bob@example.org'] }))
  await w.dispatch()
  expect(to(w.smtp)).toEqual(['bob@example.org'])
  expect(to(server)).toEqual(['ann@gmail.com', 'cid@gmail.com'])
  expect(await w.suppressions()).toEqual([])
  // After the pause one message finds out that the first works again.
  w.clock.advance(16 * MINUTE)
  await w.submit(aMessage({ to: ['dora@gmail.com'] }))
  await w.dispatch()
  expect(to(w.smtp)).toEqual(['bob@example.org', 'dora@gmail.com'])
  await w.submit(aMessage({ to: ['eve@gmail.com'] }))
  await w.dispatch()
  expect(to(w.smtp)).toContain('eve@gmail.com')
  await server.close()
})

test('a recipient that does not exist and a content that is refused never go another way', async () => {
  const w = await world()
  const { server, route } = await secondServer(w)
  await add(w, {
    targets: [
      { route_id: w.routeId, weight: 1 },
      { route_id: route.id, weight: 0 },
    ],
    trip: TRIP,
  })
  w.smtp.next('RCPT', '550 5.1.1 no such user')
  await w.submit(aMessage({ to: ['gone@gmail.com'] }))
  await w.dispatch()
  w.smtp.next('DOT', '550 5.7.1 message rejected as spam')
  await w.submit(aMessage({ to: ['spam@gmail.com'] }))
  await w.dispatch()
  expect(await w.states()).toEqual({ 'gone@gmail.com': 'bounced', 'spam@gmail.com': 'bounced' })
  expect(to(server)).toEqual([])
  await server.close()
})

test('a route whose server is gone gives its mail to the one that stands by, and costs it no try', async () => {
  const w = await world()
  const { server, route } = await secondServer(w)
  await add(w, {
    targets: [
      { route_id: w.routeId, weight: 1 },
      { route_id: route.id, weight: 0 },
    ],
  })
  await w.smtp.close()
  const recipients = ['ann@example.org', 'bob@example.org', 'cid@example.org']
  for (const recipient of recipients) await w.submit(aMessage({ to: [recipient] }))
  await w.dispatch()
  expect(to(server)).toEqual(recipients)
  expect(Object.values(await w.deliveries()).map(({ failures }) => failures)).toEqual([0, 0, 0])
  await server.close()
})

test('after the body left without an answer nothing goes another way unless the stream says so', async () => {
  const w = await world()
  const { server, route } = await secondServer(w)
  await add(w, {
    targets: [
      { route_id: w.routeId, weight: 1 },
      { route_id: route.id, weight: 0 },
    ],
  })
  w.smtp.next('DOT', { afterwards: 'close' })
  await w.submit(aMessage({ to: ['ann@example.org'], stream: 'conversation' }))
  await w.dispatch()
  expect(await w.states()).toEqual({ 'ann@example.org': 'unknown' })
  expect(to(server)).toEqual([])
  await server.close()
})

test('a limit of 60 an hour lets one a minute go, says so, and nothing that was not handed over is counted', async () => {
  const w = await world()
  const pace = { scope: 'receiver', subject: 'google', routeId: null, per: 'hour', amount: 60 } as const
  await w.inWorkspace((tx) => addPace(tx, w.workspaceId, pace, null, w.clock.now()))
  for (let i = 0; i < 4; i++) await w.submit(aMessage({ to: [`r${i}@gmail.com`] }))
  await w.submit(aMessage({ to: ['bob@example.org'] }))
  await w.dispatch()
  expect(to(w.smtp)).toEqual(['bob@example.org', 'r0@gmail.com'])
  const waiting = Object.values(await w.deliveries()).find(({ state }) => state === 'queued')
  expect(waiting?.waitingOn?.sentence).toBe('The limit of google is 60 an hour: one leaves about every 60 seconds.')
  w.clock.advance(MINUTE)
  await w.dispatch()
  expect(w.smtp.received()).toHaveLength(3)
  // The server is away: nothing was sent, so the turn is not lost.
  w.clock.advance(MINUTE)
  w.smtp.next('EHLO', '421 4.3.2 closing')
  await w.dispatch()
  const { rows } = await sql<{ late: boolean }>`select next_at > ${w.clock.now()} as late from pace`.execute(w.database.db)
  expect(rows).toEqual([{ late: false }])
})

test('a route in its warm-up takes its day and no more; the rest goes by the other route', async () => {
  const w = await world()
  const { server, route } = await secondServer(w, 'new')
  await add(w, {
    targets: [
      { route_id: route.id, weight: 1 },
      { route_id: w.routeId, weight: 0 },
    ],
  })
  const warmUp = { routeId: route.id, receiver: '', dailyCaps: [2, 4] }
  await w.inWorkspace((tx) => startWarmUp(tx, w.workspaceId, warmUp, null, w.clock.now()))
  const send = async (day: string, n: number) => {
    for (let i = 0; i < n; i++) await w.submit(aMessage({ to: [`${day}${i}@example.org`] }))
    await w.dispatch()
  }
  await send('a', 5)
  expect([server.received().length, w.smtp.received().length]).toEqual([2, 3])
  w.clock.advance(DAY)
  await send('b', 5)
  expect([server.received().length, w.smtp.received().length]).toEqual([6, 4])
  w.clock.advance(DAY)
  await send('c', 5)
  expect([server.received().length, w.smtp.received().length]).toEqual([11, 4])
  await server.close()
})

test('a receiver that says we are too fast is sent to more slowly, which passes by itself; what a person set stays', async () => {
  const w = await world()
  const direct = { workspaceId: w.workspaceId, routeId: w.routeId, receiver: 'yahoo' }
  const limits = () => listPaces(w.database.db, w.workspaceId)
  const teach = (perMinute: number) =>
    w.database.transaction(ENGINE, (tx) => learnSlower(tx, direct, { perMinute, why: '421 4.7.0 [TSS04]' }, w.clock.now()))
  await teach(100)
  await teach(100)
  expect(await limits()).toMatchObject([{ amount: 50, per: 'minute', subject: 'yahoo', learnedWhy: '421 4.7.0 [TSS04]' }])
  w.clock.advance(2 * MINUTE)
  await teach(100)
  expect(await limits()).toMatchObject([{ amount: 25 }])
  w.clock.advance(HOUR)
  await w.jobs()
  expect(await limits()).toMatchObject([{ amount: 32 }])
  w.clock.advance(DAY)
  await w.jobs()
  expect(await limits()).toEqual([])
  const set = { scope: 'receiver', subject: 'yahoo', routeId: w.routeId, per: 'minute', amount: 10 } as const
  await w.inWorkspace((tx) => addPace(tx, w.workspaceId, set, null, w.clock.now()))
  await teach(100)
  expect(await limits()).toMatchObject([{ amount: 10, learnedAt: null }])
})

test('two processes together keep one limit', async () => {
  const w = await world()
  const pace = { scope: 'workspace', subject: '', routeId: null, per: 'minute', amount: 6 } as const
  await w.database.transaction(ENGINE, (tx) => addPace(tx, w.workspaceId, pace, null, w.clock.now()))
  for (let i = 0; i < 12; i++) await w.submit(aMessage({ to: [`r${i}@example.org`] }))
  const [one, two] = [w.dispatcher(), w.dispatcher()]
  one.start()
  two.start()
  for (let turn = 0; turn < 6; turn++) {
    await w.quiet()
    expect(w.smtp.received().length).toBeLessThanOrEqual(turn + 1)
    w.clock.advance(10_000)
    one.wake()
    two.wake()
  }
  await w.quiet()
  expect(w.smtp.received()).toHaveLength(7)
})
