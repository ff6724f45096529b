import { expect, test } from 'vitest'
import { ENGINE } from '../../../src/db/database.ts'
import { accountJobs, findAccount, recordExamination, routeDomains } from '../../../src/delivery/provider-accounts/refresh.ts'
import { changeRoute, createRoute } from '../../../src/delivery/routes/manage.ts'
import { HOUR } from '../../../src/lib/clock.ts'
import { fixedResolver } from '../../support/dns.ts'
import { SES_KEY, SesServer, sesSettings } from '../../support/ses-server.ts'
import { world } from '../../support/world.ts'

const identity = (name: string, ok = true) => ({
  IdentityName: name,
  IdentityType: 'DOMAIN',
  SendingEnabled: ok,
  VerificationStatus: ok ? 'SUCCESS' : 'PENDING',
})

async function aSesRoute(server: SesServer) {
  const { database, workspaceId, secrets, clock } = await world({ route: 'sandbox' })
  const way = { kind: 'ses', settings: sesSettings(server) } as const
  const wanted = { name: 'SES', way, secret: SES_KEY.secret, isDefault: false }
  const route = await database.transaction(ENGINE, (tx) => createRoute(tx, secrets, workspaceId, wanted, null, clock.now()))
  const [job] = accountJobs(database, { clock, secrets, resolver: fixedResolver(), allowPrivateNetworks: true })
  return {
    database,
    route,
    clock,
    look: () => job!.run(clock.now()),
    verified: async () =>
      (await routeDomains(database.db, route)).filter(({ state }) => state === 'verified').map(({ domain }) => domain),
    change: () =>
      database.transaction(ENGINE, (tx) =>
        changeRoute(tx, secrets, workspaceId, route.id, { settings: { max_connections: 2 } }, null, clock.now()),
      ),
    asked: () => server.requests.filter(({ path }) => path === '/v2/email/account').length,
  }
}

test('a new route is asked about at once, then every six hours, and when its settings change', async () => {
  await using server = await new SesServer({ identities: [identity('example.com'), identity('new.example.com', false)] }).listen()
  const { database, route, clock, look, change, asked, verified } = await aSesRoute(server)
  expect(await verified()).toEqual([])
  await look()
  expect(await verified()).toEqual(['example.com'])
  expect(await findAccount(database.db, route)).toMatchObject({ quota: { used: 120, limit: 50_000 }, examinedAt: clock.now() })
  await look()
  expect(asked()).toBe(1)
  clock.advance(HOUR)
  await change()
  await look()
  expect(asked()).toBe(2)
  clock.advance(6 * HOUR + 1_000)
  await look()
  expect(asked()).toBe(3)
})

test('domains that the provider no longer has are forgotten; those that cannot be read stay as they were', async () => {
  await using server = await new SesServer({ identities: [identity('example.com'), identity('old.example.com')] }).listen()
  const { database, route, clock, look, verified } = await aSesRoute(server)
  await look()
  expect((await routeDomains(database.db, route)).map(({ domain }) => domain)).toEqual(['example.com', 'old.example.com'])
  await recordExamination(database, route, { checks: [], quota: null, domains: null }, clock.now())
  expect(await verified()).toEqual(['example.com', 'old.example.com'])
  const domains = [{ domain: 'example.com', state: 'failed', detail: 'dns' }] as const
  await recordExamination(database, route, { checks: [], quota: null, domains }, clock.now())
  expect(await routeDomains(database.db, route)).toMatchObject([{ domain: 'example.com', state: 'failed', detail: 'dns' }])
})
