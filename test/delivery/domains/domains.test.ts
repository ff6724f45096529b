import { expect, test } from 'vitest'
import { ENGINE } from '../../../src/db/database.ts'
import { checkDueDomains } from '../../../src/delivery/domains/check-domains.ts'
import { makeKeys } from '../../../src/delivery/domains/make-keys.ts'
import {
  addDomain,
  findDomain,
  listCheckChanges,
  listChecks,
  listKeys,
  removeDomain,
  rotateKeys,
} from '../../../src/delivery/domains/manage.ts'
import type { Resolver } from '../../../src/dns/resolver.ts'
import { listOpenIncidents } from '../../../src/incidents/incidents.ts'
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.ts'
import { managedDomain } from '../../support/managed-domain.ts'
import { world } from '../../support/world.ts'

test('a domain is pending until its keys are in the DNS, and then verified', async () => {
  const app = await world()
  await using shop = await managedDomain(app)
  expect((await shop.check()).state).toBe('pending')
  expect(Object.values(await shop.keys())).toEqual(['new', 'new'])

  await shop.publish()
  app.clock.advance(MINUTE)
  const { state, verifiedAt } = await shop.check()
  expect({ state, verifiedAt }).toEqual({ state: 'verified', verifiedAt: app.clock.now() })
  expect(Object.values(await shop.keys())).toEqual(['active', 'active'])
})

test('name servers that fail for days take no verified domain down', async () => {
  const app = await world()
  await using shop = await verified(app)
  const names = Object.keys(shop.dns.script)
  shop.dns.script = Object.fromEntries(names.map((name) => [name, 'servfail']))
  for (let day = 0; day < 3; day++) {
    app.clock.advance(DAY)
    expect((await shop.check()).state).toBe('verified')
  }
  const checks = await listChecks(app.database.db, app.workspaceId, shop.domain.id)
  expect(new Set(checks.map(({ status }) => status))).toEqual(new Set(['error']))
  expect(checks.find(({ subject }) => subject === 'return_path')?.answeredStatus).toBe('correct')
})

test('a record that disappears is a warning and an incident for a day; then the domain lapses; back in the DNS it is verified at once', async () => {
  const app = await world()
  await using shop = await verified(app)
  const zone = shop.dns.script
  const incidents = async () =>
    (await listOpenIncidents(app.database.db, app.workspaceId, 10)).map(({ kind, severity }) => `${kind} ${severity}`)

  shop.dns.script = {}
  expect((await shop.check()).state).toBe('warning')
  expect(await incidents()).toEqual(['domain.records warning'])
  app.clock.advance(DAY - 1)
  expect((await shop.check()).state).toBe('warning')
  app.clock.advance(1)
  expect((await shop.check()).state).toBe('lapsed')
  expect(await incidents()).toEqual(['domain.records critical'])

  shop.dns.script = zone
  await shop.check()
  expect((await shop.check()).state).toBe('verified')
  expect(await incidents()).toEqual([])
})

test('keys rotate: the new ones sign once they were seen for an hour, the old ones stay published for a week and are then gone', async () => {
  const app = await world()
  await using shop = await verified(app)
  const before = Object.keys(await shop.keys())
  const keys = await makeKeys()
  const rotate = async (made = keys) =>
    app.inWorkspace((tx) => rotateKeys(tx, app.secrets, app.workspaceId, shop.domain.id, made, 'user:x', app.clock.now()))
  await rotate()
  await expect(makeKeys().then(rotate)).rejects.toMatchObject({ code: 'rotation_under_way' })

  const statesOf = async () => {
    const now = await shop.keys()
    return { old: before.map((name) => now[name]), new: keys.map(({ selector }) => now[selector]) }
  }
  await shop.check()
  expect(await statesOf()).toEqual({ old: ['active', 'active'], new: ['new', 'new'] })
  await shop.publish()
  await shop.check()
  expect(await statesOf()).toEqual({ old: ['active', 'active'], new: ['published', 'published'] })
  app.clock.advance(HOUR)
  await shop.check()
  expect(await statesOf()).toEqual({ old: ['retiring', 'retiring'], new: ['active', 'active'] })
  app.clock.advance(7 * DAY)
  await shop.check()
  expect(await statesOf()).toEqual({ old: ['revoked', 'revoked'], new: ['active', 'active'] })
  const { rows } = await app.database.pool.query('select count(*)::int as n from dkim_key where private_key is not null')
  expect(rows).toEqual([{ n: 2 }])
})

test('each change of a record is kept with what was found', async () => {
  const app = await world()
  await using shop = await verified(app)
  shop.dns.script = { ...shop.dns.script, '_dmarc.example.com': { txt: ['v=DMARC1; p=reject'] } }
  await shop.check()
  await shop.check()
  const changes = await listCheckChanges(app.database.db, app.workspaceId, shop.domain.id, 100)
  expect(changes.filter(({ subject }) => subject === 'dmarc').map(({ was, status, found }) => [was, status, found])).toEqual([
    ['insecure', 'correct', ['v=DMARC1; p=reject']],
    [null, 'insecure', ['v=DMARC1; p=none; rua=mailto:postmaster@example.com']],
  ])
})

test('domains are looked at when their time has come, soon while they are new and hourly later', async () => {
  const app = await world()
  await using shop = await managedDomain(app)
  const look = () => checkDueDomains(shop.deps)
  expect(await look()).toBe(1)
  expect(await look()).toBe(0)
  app.clock.advance(5 * MINUTE)
  await shop.publish()
  expect(await look()).toBe(1)
  expect((await findDomain(app.database.db, app.workspaceId, shop.domain.id))?.state).toBe('verified')
  app.clock.advance(59 * MINUTE)
  expect(await look()).toBe(0)
  app.clock.advance(MINUTE)
  expect(await look()).toBe(1)
})

test('two processes that look at the same moment do not look twice', async () => {
  const app = await world()
  await using shop = await managedDomain(app)
  const looked = await Promise.all([checkDueDomains(shop.deps), checkDueDomains(shop.deps)])
  expect(looked.toSorted()).toEqual([0, 1])
})

test('a domain is refused that is none, that is there already, or whose hosts lie elsewhere', async () => {
  const app = await world()
  await using shop = await managedDomain(app)
  const keys = await makeKeys()
  const add = (name: string, more = {}) =>
    app.inWorkspace((tx) => addDomain(tx, app.secrets, app.workspaceId, { name, keys, ...more }, null, app.clock.now()))
  await expect(add('EXAMPLE.com.')).rejects.toMatchObject({ code: 'domain_taken' })
  await expect(add('not a domain')).rejects.toMatchObject({ code: 'invalid_request' })
  await expect(add('localhost')).rejects.toMatchObject({ code: 'invalid_request' })
  await expect(add('example.net', { returnPathHost: 'bounces.example.org' })).rejects.toMatchObject({ code: 'invalid_request' })
  expect((await add('Bücher.example')).name).toBe('xn--bcher-kva.example')
  expect(shop.domain.returnPathHost).toBe('bounces.example.com')
})

test('a removed domain leaves no key behind, and its incident goes', async () => {
  const app = await world()
  await using shop = await verified(app)
  shop.dns.script = {}
  await shop.check()
  await app.inWorkspace((tx) => removeDomain(tx, app.workspaceId, shop.domain.id, null, app.clock.now()))
  expect(await listKeys(app.database.db, app.workspaceId, shop.domain.id)).toEqual([])
  expect(await listOpenIncidents(app.database.db, app.workspaceId, 10)).toEqual([])
})

test('a domain that is removed while it is looked at is not written to', async () => {
  const app = await world()
  await using shop = await managedDomain(app)
  const { resolver } = shop.deps
  let removal: Promise<void> | null = null
  const removing: Resolver = {
    ...resolver,
    async txt(name) {
      removal ??= app.database.transaction(ENGINE, (tx) =>
        removeDomain(tx, app.workspaceId, shop.domain.id, null, app.clock.now()),
      )
      await removal
      return resolver.txt(name)
    },
  }
  expect(await checkDueDomains({ ...shop.deps, resolver: removing })).toBe(1)
  expect(await listChecks(app.database.db, app.workspaceId, shop.domain.id)).toEqual([])
})

async function verified(app: Awaited<ReturnType<typeof world>>) {
  const shop = await managedDomain(app)
  await shop.publish()
  await shop.check()
  return shop
}
