import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE } from '../../../src/db/database.ts'
import { createRoute, type NewWay } from '../../../src/delivery/routes/manage.ts'
import { SCALEWAY_KEY, ScalewayServer, scalewaySettings } from '../../support/scaleway-server.ts'
import { refusal, SES_KEY, SesServer, sesSettings } from '../../support/ses-server.ts'
import { aMessage, type World, world } from '../../support/world.ts'

async function routed(way: NewWay, secret: string): Promise<World> {
  const app = await world()
  const wanted = { name: 'Provider', way, secret, isDefault: true }
  await app.database.transaction(ENGINE, (tx) => createRoute(tx, app.secrets, app.workspaceId, wanted, null, app.clock.now()))
  return app
}
const throughSes = (server: SesServer) =>
  routed({ kind: 'ses', settings: sesSettings(server, { allow_private: true }) }, SES_KEY.secret)

test('mail leaves through Amazon SES, and what it calls each mail is kept', async () => {
  await using server = await new SesServer().listen()
  const app = await throughSes(server)
  await app.submit(aMessage({ to: ['ann@example.org', 'bob@example.org'] }))
  await app.dispatch()
  expect(await app.states()).toEqual({ 'ann@example.org': 'sent', 'bob@example.org': 'sent' })
  expect(server.mails.map(({ recipient }) => recipient).toSorted()).toEqual(['ann@example.org', 'bob@example.org'])
  const { rows } = await sql<{ provider_id: string; wire_message_id: string }>`
    select provider_id, wire_message_id from provider_message order by provider_id`.execute(app.database.db)
  expect(rows).toEqual([
    { provider_id: '0102-1', wire_message_id: '0102-1@eu-west-1.amazonses.com' },
    { provider_id: '0102-2', wire_message_id: '0102-2@eu-west-1.amazonses.com' },
  ])
})

test('a used up quota stops the route and costs no message a try', async () => {
  await using server = await new SesServer().listen()
  const app = await throughSes(server)
  server.next(refusal(429, 'TooManyRequestsException', 'Daily message quota exceeded.'))
  await app.submit(aMessage({ to: ['ann@example.org'] }))
  await app.dispatch()
  expect(await app.states()).toEqual({ 'ann@example.org': 'queued' })
  expect(server.mails).toEqual([])
})

test('mail leaves through Scaleway, and what it cannot carry bounces with the reason', async () => {
  await using server = await new ScalewayServer().listen()
  const app = await routed({ kind: 'scaleway', settings: scalewaySettings(server, { allow_private: true }) }, SCALEWAY_KEY)
  await app.submit(aMessage({ to: ['ann@example.org'], subject: 'Your order 4711', body: 'It is on its way to you.\r\n' }))
  await app.submit(aMessage({ to: ['bob@example.org'], subject: 'Short', body: 'It is on its way to you.\r\n' }))
  await app.dispatch()
  expect(await app.states()).toEqual({ 'ann@example.org': 'sent', 'bob@example.org': 'bounced' })
  expect(server.mails.map(({ subject }) => subject)).toEqual(['Your order 4711'])
})
