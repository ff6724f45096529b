import { expect, onTestFinished, test } from 'vitest'
import { ENGINE } from '../../../src/db/database.ts'
import { createRoute } from '../../../src/delivery/routes/manage.ts'
import { MxSettings } from '../../../src/delivery/routes/route.ts'
import { createResolver } from '../../../src/dns/resolver.ts'
import { listOpenIncidents } from '../../../src/incidents/incidents.ts'
import { trialsOf } from '../../../src/insight/reputation/blocklist-answer.ts'
import { BLOCKLISTS } from '../../../src/insight/reputation/blocklists.ts'
import { lookAtComplaints, lookAtReputation, type ReputationDeps } from '../../../src/insight/reputation/look.ts'
import { selectChanges, selectFindings } from '../../../src/insight/reputation/queries.ts'
import { DAY } from '../../../src/lib/clock.ts'
import { type DnsScript, type DnsServer, dnsServer } from '../../support/dns-server.ts'
import { type World, world } from '../../support/world.ts'
import { count, tell } from '../board/support.ts'

const ADDRESS = '203.0.113.7'
const a = (address: string) => ({ addresses: [{ address, ttlSeconds: 5 }] })
/** Lists that work, and an address that is in order. */
const HEALTHY: DnsScript = {
  '7.113.0.203.in-addr.arpa': { ptr: ['mail.shop.example'] },
  'mail.shop.example': a(ADDRESS),
  ...Object.fromEntries(BLOCKLISTS.map((list) => [trialsOf(list).listed, a('127.0.0.2')])),
}

async function direct(w: World, dns: DnsServer, change: Partial<ReputationDeps> = {}) {
  const settings = MxSettings.parse({ helo_name: 'mail.shop.example' })
  const wanted = { name: 'Direct', way: { kind: 'mx' as const, settings }, secret: null, isDefault: false }
  await w.database.transaction(ENGINE, (tx) => createRoute(tx, w.secrets, w.workspaceId, wanted, null, w.clock.now()))
  // A resolver of its own for each look: what one remembers for seconds is a matter of its own tests.
  const look = () => {
    const resolver = createResolver({ servers: [dns.address], timeoutMs: 200, tries: 1, hostsFile: '/nowhere' })
    const deps = {
      database: w.database,
      resolver,
      publicAddresses: [ADDRESS],
      sourceAddress: async () => '10.0.0.5',
      heloName: 'waybill.example.com',
    }
    return lookAtReputation({ ...deps, ...change }, w.clock.now())
  }
  const states = async () =>
    Object.fromEntries((await selectFindings(w.database.db, w.workspaceId)).map(({ checkId, state }) => [checkId, state]))
  return { look, states }
}

const incidents = async (w: World) =>
  (await listOpenIncidents(w.database.db, w.workspaceId, 50)).filter(({ kind }) => kind.startsWith('reputation.'))

async function nameServer(script: DnsScript): Promise<DnsServer> {
  const server = await dnsServer(script)
  onTestFinished(() => server[Symbol.asyncDispose]())
  return server
}

test('an address that leaves mail in order is good in everything, and troubles nobody', async () => {
  const [w, dns] = [await world(), await nameServer(HEALTHY)]
  const { look, states } = await direct(w, dns)
  await look()
  const found = await states()
  expect(Object.keys(found).length).toBeGreaterThanOrEqual(8)
  expect(new Set(Object.values(found))).toEqual(new Set(['good']))
  expect(await incidents(w)).toEqual([])
})

test('a listing is an incident with the way off, stays while the list is silent, and ends when it is gone', async () => {
  const [w, dns] = [
    await world(),
    await nameServer({ ...HEALTHY, '7.113.0.203.zen.spamhaus.org': { ...a('127.0.0.3'), txt: ['Listed by CSS'] } }),
  ]
  const { look, states } = await direct(w, dns)
  await look()
  expect(await incidents(w)).toMatchObject([
    {
      kind: 'reputation.blocklist',
      severity: 'critical',
      sentence: '203.0.113.7 is on Spamhaus ZEN (CSS: behaves like a spammer): Listed by CSS.',
    },
  ])
  dns.script = { ...HEALTHY, '7.113.0.203.zen.spamhaus.org': 'servfail' }
  await look()
  expect((await states())['blocklist:zen.spamhaus.org']).toBe('bad')
  expect(await incidents(w)).toHaveLength(1)
  dns.script = HEALTHY
  await look()
  expect(await incidents(w)).toEqual([])
  expect((await selectChanges(w.database.db, w.workspaceId, 10)).map(({ state }) => state)).toEqual(['good', 'bad'])
})

test('a list that refuses us lists nobody; one that lists everybody, or nobody, is not asked', async () => {
  const broken = { '1.0.0.127.bl.spamcop.net': a('127.0.0.2'), '7.113.0.203.bl.spamcop.net': a('127.0.0.2') }
  const script = {
    ...HEALTHY,
    ...broken,
    '7.113.0.203.zen.spamhaus.org': a('127.255.255.254'),
    '2.0.0.127.psbl.surriel.com': 'nxdomain',
  } as const
  const [w, dns] = [await world(), await nameServer(script)]
  const { look, states } = await direct(w, dns)
  await look()
  const found = await states()
  expect(found['blocklist:zen.spamhaus.org']).toBe('unknown')
  expect(found).not.toHaveProperty('blocklist:bl.spamcop.net')
  expect(found).not.toHaveProperty('blocklist:psbl.surriel.com')
  expect(await incidents(w)).toEqual([])
})

test('an address without a name is an incident that says who sets it', async () => {
  const [w, dns] = [await world(), await nameServer({ ...HEALTHY, '7.113.0.203.in-addr.arpa': 'nxdomain' })]
  await (await direct(w, dns)).look()
  const [incident] = await incidents(w)
  expect(incident).toMatchObject({ kind: 'reputation.reverse_dns', sentence: '203.0.113.7 has no name (PTR record).' })
  expect(incident?.hint).toContain('mail.shop.example')
})

test('behind address translation nobody is asked what our address is: it says so and waits to be told', async () => {
  const [w, dns] = [await world(), await nameServer(HEALTHY)]
  const { look, states } = await direct(w, dns, { publicAddresses: [] })
  await look()
  expect(await states()).toEqual({ source: 'warning' })
  expect(dns.questions.filter((question) => question.includes('10.0.0.5') || question.includes('5.0.0.10'))).toEqual([])
})

test('complaints above what receivers bear are told by receiver, and no more when they have passed', async () => {
  const w = await world()
  await tell(w, w.clock.now(), [
    { type: 'delivery.sent', receiver: 'yahoo', n: 1_000 },
    { type: 'delivery.complained', receiver: 'yahoo', n: 4 },
    { type: 'delivery.sent', receiver: 'google', n: 1_000 },
  ])
  await expect
    .poll(
      async () => {
        await count(w)
        await lookAtComplaints(w.database, w.clock.now())
        return (await incidents(w)).map(({ kind, severity, subject }) => [kind, severity, subject?.id])
      },
      { timeout: 40_000 },
    )
    .toEqual([['reputation.complaints', 'critical', 'yahoo']])
  w.clock.advance(8 * DAY)
  await tell(w, w.clock.now(), [{ type: 'delivery.sent', receiver: 'yahoo', n: 500 }])
  await expect
    .poll(
      async () => {
        await count(w)
        await lookAtComplaints(w.database, w.clock.now())
        await count(w)
        return incidents(w)
      },
      { timeout: 40_000 },
    )
    .toEqual([])
})
