import { sql } from 'kysely'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../../../../src/db/database.ts'
import { createPolicies, policyJobs } from '../../../../src/delivery/providers/mx/policies.ts'
import type { Lookup } from '../../../../src/dns/resolver.ts'
import { DAY, MINUTE } from '../../../../src/lib/clock.ts'
import { testClock } from '../../../support/clock.ts'
import { testDatabase } from '../../../support/database.ts'
import { fixedResolver } from '../../../support/dns.ts'

const database = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 3, applicationName: 'test' })
afterAll(() => database.close())
beforeEach(async () => {
  await sql`delete from mta_sts_policy`.execute(database.db)
})

function policyText(mode: string, mx = 'mx1.test', days = 7): string {
  return `version: STSv1\nmode: ${mode}\nmx: ${mx}\nmax_age: ${days * 86_400}\n`
}

/** A domain's TXT record and file, as they are at the moment, and everybody who asks for them. */
function world() {
  const clock = testClock()
  const zone: { txt: Lookup<readonly string[]>; file: string | null } = {
    txt: { ok: true, found: ['v=STSv1; id=1;'] },
    file: policyText('enforce'),
  }
  let fetched = 0
  const make = () =>
    createPolicies({
      database,
      clock,
      resolver: { ...fixedResolver(), txt: async () => zone.txt },
      async fetchText() {
        fetched += 1
        return zone.file
      },
    })
  return {
    clock,
    zone,
    make,
    fetched: () => fetched,
    pass(ms: number) {
      clock.advance(ms)
      clock.elapse(ms)
    },
  }
}

const ENFORCED = { mode: 'enforce', mx: ['mx1.test'] }
const NO_RECORD: Lookup<readonly string[]> = { ok: false, kind: 'nxdomain', message: 'no such name' }

test('a policy is fetched once and kept, also for the next process', async () => {
  const w = world()
  const policies = w.make()
  const asked = await Promise.all([policies.policyOf('example.org'), policies.policyOf('example.org')])
  expect(asked).toMatchObject([ENFORCED, ENFORCED])
  w.pass(10 * MINUTE)
  expect(await policies.policyOf('example.org')).toMatchObject(ENFORCED)
  expect(await w.make().policyOf('example.org')).toMatchObject(ENFORCED)
  expect(w.fetched()).toBe(1)
})

test('a domain without a record has no policy, and its web server is left alone', async () => {
  const w = world()
  w.zone.txt = NO_RECORD
  expect(await w.make().policyOf('example.org')).toBeNull()
  w.zone.txt = { ok: true, found: ['v=STSv1; id=1', 'v=STSv1; id=2'] }
  expect(await w.make().policyOf('example.org')).toBeNull()
  expect(w.fetched()).toBe(0)
})

test('a new id brings the new policy', async () => {
  const w = world()
  const policies = w.make()
  await policies.policyOf('example.org')
  w.zone.txt = { ok: true, found: ['v=STSv1; id=2'] }
  w.zone.file = policyText('testing', 'mx2.test')
  w.pass(6 * MINUTE)
  expect(await policies.policyOf('example.org')).toMatchObject({ mode: 'testing', mx: ['mx2.test'] })
})

test.each([
  ['its record vanishes', { txt: NO_RECORD }],
  ['name servers fail', { txt: { ok: false, kind: 'servfail', message: 'broken' } as const }],
  ['its file cannot be fetched', { txt: { ok: true, found: ['v=STSv1; id=2'] } as const, file: null }],
  ['its file is no policy', { txt: { ok: true, found: ['v=STSv1; id=2'] } as const, file: '<html>' }],
])('a policy holds to the end of its life, even when %s', async (_, change) => {
  const w = world()
  const policies = w.make()
  await policies.policyOf('example.org')
  Object.assign(w.zone, change)
  w.pass(6 * DAY)
  expect(await policies.policyOf('example.org')).toMatchObject(ENFORCED)
  w.pass(DAY)
  expect(await policies.policyOf('example.org')).toBeNull()
})

test('a policy that is about to end is fetched again', async () => {
  const w = world()
  const policies = w.make()
  await policies.policyOf('example.org')
  w.pass(6.5 * DAY)
  await policies.policyOf('example.org')
  w.pass(5 * DAY)
  expect(await policies.policyOf('example.org')).toMatchObject(ENFORCED)
  expect(w.fetched()).toBe(2)
})

test('a file that cannot be fetched is not asked for with every mail', async () => {
  const w = world()
  w.zone.file = null
  const policies = w.make()
  for (let i = 0; i < 5; i++) expect(await policies.policyOf('example.org')).toBeNull()
  expect(w.fetched()).toBe(1)
})

test('policies whose life is over are forgotten', async () => {
  const w = world()
  await w.make().policyOf('example.org')
  const rows = async () => (await sql`select from mta_sts_policy`.execute(database.db)).rows.length
  const [job] = policyJobs(database)
  await job?.run(w.clock.now())
  expect(await rows()).toBe(1)
  await job?.run(new Date(w.clock.now().getTime() + 8 * DAY))
  expect(await rows()).toBe(0)
})
