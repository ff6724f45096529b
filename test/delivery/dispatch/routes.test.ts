import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { changeRoute, makeDefault, removeRoute } from '../../../src/delivery/routes/manage.ts'
import { Refusal } from '../../../src/errors.ts'
import { gate } from '../../support/gate.ts'
import { refusedPort, smtpServer } from '../../support/smtp-server.ts'
import { aMessage, world } from '../../support/world.ts'

test('another default takes over what waits and what is new', async () => {
  const w = await world({ route: { port: await refusedPort() } })
  await using other = await smtpServer()
  const route = await w.addRoute('other', { port: other.port })
  await w.submit(aMessage({ to: ['ann@example.org'] }))
  await w.dispatch()
  expect(await w.states()).toEqual({ 'ann@example.org': 'queued' })
  await w.inWorkspace((tx) => makeDefault(tx, w.workspaceId, route.id, 'user:1', w.clock.now()))
  await w.submit(aMessage({ to: ['bob@example.org'] }))
  await w.dispatch()
  expect(other.received().toSorted()).toEqual(['ann@example.org', 'bob@example.org'])
  expect((await w.attempts()).map(({ recipient, route: used }) => [recipient, used.name])).toContainEqual([
    'ann@example.org',
    'other',
  ])
})

test('a message that was given a route of its own takes it, whatever the default is', async () => {
  const w = await world()
  await using other = await smtpServer()
  const route = await w.addRoute('other', { port: other.port })
  await w.submit(aMessage({ to: ['ann@example.org'], viaRoute: route.id }))
  await w.submit(aMessage({ to: ['bob@example.org'] }))
  await w.dispatch()
  expect([other.received(), w.smtp.received()]).toEqual([['ann@example.org'], ['bob@example.org']])
})

test('what was given a route of its own takes the default when that route is removed', async () => {
  const w = await world()
  const route = await w.addRoute('other', { port: await refusedPort() })
  await w.submit(aMessage({ viaRoute: route.id }))
  await w.dispatch()
  expect(await w.states()).toEqual({ 'bob@example.org': 'queued' })
  await w.inWorkspace((tx) => removeRoute(tx, w.workspaceId, route.id, null, w.clock.now()))
  await w.dispatch()
  expect(w.smtp.received()).toEqual(['bob@example.org'])
  expect(await w.attempts()).toMatchObject([{ route: { name: 'other' } }, { route: { name: 'relay' } }])
})

test('what was given a route that was removed in the same moment takes the default', async () => {
  const w = await world()
  const route = await w.addRoute('other', { port: await refusedPort() })
  await w.inWorkspace((tx) => removeRoute(tx, w.workspaceId, route.id, null, w.clock.now()))
  await w.submit(aMessage({ viaRoute: route.id }))
  await w.dispatch()
  expect(w.smtp.received()).toEqual(['bob@example.org'])
})

test('neither the default nor the sandbox can be removed', async () => {
  const w = await world()
  const { rows } = await sql<{ id: typeof w.routeId }>`select id from route where kind = 'sandbox'`.execute(w.database.db)
  for (const id of [w.routeId, rows[0]!.id]) {
    const removed = w.inWorkspace((tx) => removeRoute(tx, w.workspaceId, id, null, w.clock.now()))
    await expect(removed).rejects.toBeInstanceOf(Refusal)
  }
})

test('settings that change while mail is on the wire: what is under way is finished, the rest goes the new way, nobody twice', async () => {
  const w = await world({ route: { max_connections: 2 } })
  await using other = await smtpServer()
  const recipients = Array.from({ length: 200 }, (_, i) => `r${i}@example.org`)
  await w.submitAll(recipients.map((to) => aMessage({ to: [to] })))
  const answer = gate()
  w.smtp.next('DOT', { reply: '250 2.0.0 ok', after: answer })
  const dispatcher = w.dispatcher()
  dispatcher.start()
  await answer.reached
  await w.inWorkspace((tx) =>
    changeRoute(tx, w.secrets, w.workspaceId, w.routeId, { settings: { port: other.port } }, null, w.clock.now()),
  )
  dispatcher.wake()
  answer.open()
  await w.quiet()
  expect([...w.smtp.received(), ...other.received()].toSorted()).toEqual(recipients.toSorted())
  expect(other.received().length).toBeGreaterThan(0)
  expect(Object.values(await w.states())).toEqual(recipients.map(() => 'sent'))
})

test('the sandbox is the default until a route is set: nothing leaves by accident', async () => {
  const w = await world({ route: 'sandbox' })
  const route = await w.addRoute('relay')
  await w.submit(aMessage())
  await w.dispatch()
  expect(w.smtp.connections).toEqual([])
  expect(await w.states()).toEqual({ 'bob@example.org': 'sent' })
  await w.inWorkspace((tx) => makeDefault(tx, w.workspaceId, route.id, null, w.clock.now()))
  await w.submit(aMessage())
  await w.dispatch()
  expect(w.smtp.received()).toEqual(['bob@example.org'])
})

test('workspaces send by their own routes only', async () => {
  const w = await world()
  await using other = await smtpServer()
  const theirs = await w.addWorkspace('Other', { port: other.port })
  await w.submit(aMessage({ to: ['ann@example.org'] }))
  await w.submit(aMessage({ to: ['bob@example.org'] }), { workspaceId: theirs.workspaceId })
  await w.dispatch()
  expect([w.smtp.received(), other.received()]).toEqual([['ann@example.org'], ['bob@example.org']])
})
