import { expect, test } from 'vitest'
import { ENGINE } from '../../../src/db/database.ts'
import { ensureConfiguredRoute } from '../../../src/delivery/routes/configured-route.ts'
import { listRoutes, sealOf } from '../../../src/delivery/routes/manage.ts'
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
  return {
    secrets,
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
