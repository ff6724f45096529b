import { expect, test } from 'vitest'
import { ENGINE } from '../../../src/db/database.ts'
import { ensureConfiguredRoute } from '../../../src/delivery/routes/configured-route.ts'
import { changeRoute, listRoutes, makeDefault, removeRoute, sealOf } from '../../../src/delivery/routes/manage.ts'
import { createSecrets, type Secrets } from '../../../src/lib/secrets.ts'
import { parseSmtpUrl, type SmtpAddress } from '../../../src/lib/smtp-url.ts'
import { world } from '../../support/world.ts'

function address(url: string): SmtpAddress {
  const parsed = parseSmtpUrl(url)
  if (!parsed.ok) throw new Error(parsed.why)
  return parsed.value
}

/** A workspace with its sandbox, and what a start with this address makes of it. */
async function aServer() {
  const { database, workspaceId, secrets, clock } = await world({ route: 'sandbox' })
  const routeNamed = async (name: string) => (await listRoutes(database.db, workspaceId)).find((route) => route.name === name)!
  return {
    secrets,
    names: async () => (await listRoutes(database.db, workspaceId)).map(({ name }) => name).toSorted(),
    rename: async (from: string, to: string) => {
      const { id } = await routeNamed(from)
      await database.transaction(ENGINE, (tx) => changeRoute(tx, secrets, workspaceId, id, { name: to }, null, clock.now()))
    },
    remove: async (name: string) => {
      const { id } = await routeNamed(name)
      const sandbox = await routeNamed('Sandbox')
      await database.transaction(ENGINE, async (tx) => {
        await makeDefault(tx, workspaceId, sandbox.id, null, clock.now())
        await removeRoute(tx, workspaceId, id, null, clock.now())
      })
    },
    begin: (url: string) =>
      database.transaction(ENGINE, (tx) => ensureConfiguredRoute(tx, secrets, workspaceId, address(url), clock.now())),
    async start(url: string, withSecrets: Secrets = secrets) {
      await database.transaction(ENGINE, (tx) => ensureConfiguredRoute(tx, withSecrets, workspaceId, address(url), clock.now()))
      const routes = await listRoutes(database.db, workspaceId)
      const route = routes.find(({ name }) => name === 'WAYBILL_SMTP_URL')!
      const way = route.way.kind === 'smtp' ? route.way : null
      const password = way?.sealedSecret ? withSecrets.open(way.sealedSecret, sealOf(route.id)) : null
      return { count: routes.length, version: route.version, isDefault: route.isDefault, settings: way?.settings, password }
    },
  }
}

test('WAYBILL_SMTP_URL is the default route from the first start on, once, and is left alone while it stays the same', async () => {
  const server = await aServer()
  const first = await server.start('smtp://shop:secret@relay.example.com')
  expect(first).toMatchObject({ count: 2, version: 1, isDefault: true, password: 'secret' })
  expect(first.settings).toMatchObject({
    host: 'relay.example.com',
    port: 587,
    security: 'starttls',
    user: 'shop',
    allow_private: true,
  })
  expect(await server.start('smtp://shop:secret@relay.example.com')).toEqual(first)
})

test.each([
  ['another host', 'smtp://shop:secret@other.example.com', { host: 'other.example.com' }, 'secret'],
  ['another password', 'smtp://shop:newer@relay.example.com', { host: 'relay.example.com' }, 'newer'],
  ['no log-in any more', 'smtp://relay.example.com?security=none', { user: null, port: 25 }, null],
])('with %s the route is changed at the next start', async (_, url, settings, password) => {
  const server = await aServer()
  await server.start('smtp://shop:secret@relay.example.com')
  expect(await server.start(url)).toMatchObject({ count: 2, version: 2, settings, password })
})

test('a log-in that is added later is kept', async () => {
  const server = await aServer()
  await server.start('smtp://relay.example.com')
  expect(await server.start('smtp://shop:secret@relay.example.com')).toMatchObject({ version: 2, password: 'secret' })
})

test('with another WAYBILL_SECRET the server still starts, and the password is sealed anew', async () => {
  const server = await aServer()
  const url = 'smtp://shop:secret@relay.example.com'
  await server.start(url)
  expect(await server.start(url, createSecrets('another secret, also long enough'))).toMatchObject({
    version: 2,
    password: 'secret',
  })
})

test('renamed, it stays the one that the variable is about', async () => {
  const server = await aServer()
  await server.begin('smtp://shop:secret@relay.example.com')
  await server.rename('WAYBILL_SMTP_URL', 'Relay')
  await server.begin('smtp://shop:secret@other.example.com')
  expect(await server.names()).toEqual(['Relay', 'Sandbox'])
})

test('removed, it stays away while the variable names the same server, and comes back for another, not as the default', async () => {
  const server = await aServer()
  await server.begin('smtp://shop:secret@relay.example.com')
  await server.remove('WAYBILL_SMTP_URL')
  await server.begin('smtp://shop:newer@relay.example.com')
  expect(await server.names()).toEqual(['Sandbox'])
  expect(await server.start('smtp://shop:secret@other.example.com')).toMatchObject({ isDefault: false, password: 'secret' })
  expect(await server.start('smtp://shop:secret@other.example.com')).toMatchObject({ count: 2, version: 1 })
})
