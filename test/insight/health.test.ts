import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE } from '../../src/db/database.ts'
import { actOnMessage } from '../../src/delivery/acts/act.ts'
import { addPace } from '../../src/delivery/pace/manage.ts'
import { createRule } from '../../src/delivery/routing/manage.ts'
import { type DiskSpace, diskSpaceOf, isNearlyFull } from '../../src/insight/disk.ts'
import { type HealthSources, health } from '../../src/insight/health.ts'
import { checkInvariants } from '../../src/insight/invariants.ts'
import { readOverview } from '../../src/insight/overview.ts'
import { MINUTE } from '../../src/lib/clock.ts'
import { world } from './support.ts'

const { database, db, folder, workspace, route, send, dispatch } = await world()
const GB = 1024 ** 3
const FINE: HealthSources = {
  dispatcher: { trouble: null },
  invariants: { at: new Date(), violations: [], unchecked: [] },
  disk: { freeBytes: 50 * GB, totalBytes: 100 * GB },
  schema: { found: 7, known: 7 },
  portTroubles: [],
}

function sentences(items: readonly { sentence: string }[]): string[] {
  return items.map(({ sentence }) => sentence)
}

test('a server on which nothing waits for a person says that all mail flows', async () => {
  const { id } = await workspace()
  await send(id, ['ann@example.org'])
  await dispatch(1)
  expect(await health(database, FINE, id, new Date())).toEqual({ ok: true, sentence: 'All mail flows.', items: [] })
})

test('an open circuit is told with its reason, the next try, and how much waits behind it', async () => {
  const { id, routeId } = await workspace()
  for (const name of ['refused-1', 'refused-2', 'refused-3']) await send(id, [`${name}@example.org`])
  await dispatch(1)
  await sql`update route set circuit_until = '2126-11-21T12:03:10Z' where id = ${routeId}`.execute(db)
  const seen = await health(database, FINE, id, new Date())
  expect(seen).toMatchObject({ ok: false, sentence: '1 thing needs you' })
  expect(seen.items[0]?.link).toBe(`/routes/${routeId}`)
  expect(seen.items[0]?.sentence).toMatch(
    /^Route Sandbox: connection refused by 10\.0\.0\.5:587 \(relay\.test\); next try 12:03:10 UTC; 3 messages wait\.$/,
  )
})

test('mail that was given to another route by name does not wait behind the default one', async () => {
  const { id } = await workspace()
  const relay = await route(id, 'Relay')
  await send(id, ['refused@example.org'])
  await dispatch(1)
  await send(id, ['later@example.org'], { viaRoute: relay.id })
  expect(sentences((await health(database, FINE, id, new Date())).items)).toEqual([expect.stringMatching(/; 1 message waits\.$/)])
})

test('mail that a rule sends to a stopped route waits for that route, and the overview says so', async () => {
  const { id } = await workspace()
  const relay = await route(id, 'Relay')
  const rule = {
    name: 'Bulk by Relay',
    enabled: true,
    trip: null,
    conditions: { streams: ['bulk' as const] },
    targets: [{ route_id: relay.id, weight: 1 }],
  }
  await database.transaction(ENGINE, (tx) => createRule(tx, id, rule, null, new Date()))
  for (const name of ['one', 'two']) await send(id, [`${name}@example.org`], { stream: 'bulk' })
  await sql`update route set circuit = 'open', circuit_since = now(), circuit_failures = 1, circuit_until = '2126-11-21T12:03:10Z',
    circuit_reason = '{"code": "tcp_refused", "sentence": "Connection refused by relay.test.", "hint": ""}' where id = ${relay.id}`.execute(
    db,
  )
  const now = new Date()
  expect(sentences((await health(database, FINE, id, now)).items)).toEqual([
    'Route Relay: Connection refused by relay.test; next try 12:03:10 UTC; 2 messages wait.',
  ])
  const { streams } = await readOverview(db, id, now)
  expect(streams.find(({ stream }) => stream === 'bulk')?.why).toBe(
    'Route Relay: Connection refused by relay.test. 2 wait for it.',
  )
  expect(streams.find(({ stream }) => stream === 'transactional')?.why).toBeNull()
})

test('mail that waits for a limit is not told as mail that nobody sends', async () => {
  const { id } = await workspace()
  const limit = { scope: 'workspace' as const, subject: '', routeId: null, per: 'day' as const, amount: 1 }
  const pace = await database.transaction(ENGINE, (tx) => addPace(tx, id, limit, null, new Date()))
  await send(id, ['slow@example.org'])
  await sql`update pace set next_at = now() + interval '1 hour' where id = ${pace.id}`.execute(db)
  const later = new Date(Date.now() + 20 * MINUTE)
  const checkedNow = { ...FINE, invariants: { at: later, violations: [], unchecked: [] } }
  expect(sentences((await health(database, checkedNow, id, later)).items)).toEqual([])
})

test('held and unheard messages wait for a person, and nothing is broken', async () => {
  const { id } = await workspace()
  await send(id, ['unheard@example.org'])
  await dispatch(1)
  for (const name of ['one', 'two']) {
    const message = await send(id, [`${name}@example.org`])
    await database.transaction(ENGINE, (tx) => actOnMessage(tx, id, message, 'hold', null, new Date()))
  }
  expect(await health(database, FINE, id, new Date())).toEqual({
    ok: true,
    sentence: '2 things need you',
    items: [
      {
        sentence: '2 messages are held until somebody releases or cancels them.',
        link: '/deliveries?state=held',
        incidentId: null,
      },
      {
        sentence: 'A message may or may not have arrived: decide whether it is sent once more.',
        link: '/deliveries?state=unknown',
        incidentId: null,
      },
    ],
  })
})

test('an answer that a stream leaves alone needs nobody', async () => {
  const { id } = await workspace()
  await send(id, ['unheard@example.org'], { stream: 'bulk' })
  await dispatch(1)
  expect((await health(database, FINE, id, new Date())).items).toEqual([])
})

test('mail that is due while nobody sends is told; while somebody does, only when it takes long and is not bulk', async () => {
  const { id } = await workspace()
  await send(id, ['ann@example.org'], { now: new Date(Date.now() - 12 * MINUTE) })
  await send(id, ['bob@example.org'], { now: new Date(Date.now() - 12 * MINUTE), stream: 'bulk' })
  await sql`update dispatcher set state = 'stopped'`.execute(db)
  expect(await health(database, FINE, id, new Date())).toMatchObject({
    ok: false,
    items: [{ sentence: expect.stringContaining('no process sends it') }],
  })

  await sql`update dispatcher set state = 'live', lease_expires_at = now() + interval '1 hour'`.execute(db)
  expect(await health(database, FINE, id, new Date())).toMatchObject({
    ok: true,
    items: [{ sentence: 'The oldest conversation message has been due for 12 minutes: more comes in than goes out.' }],
  })
  await dispatch(2)
})

test('what the process itself knows is told: trouble, a full disk, a newer schema', async () => {
  const { id } = await workspace()
  const broken: HealthSources = {
    ...FINE,
    dispatcher: { trouble: 'Looking for waiting mail failed: gone' },
    disk: { freeBytes: 300 * 1024 ** 2, totalBytes: 20 * GB },
  }
  const seen = await health(database, broken, id, new Date())
  expect(seen.ok).toBe(false)
  expect(sentences(seen.items)).toEqual([
    'Looking for waiting mail failed: gone',
    'The disk with the data folder is nearly full: 300 MB of 20.0 GB are free. When it is full, no mail is accepted.',
  ])
  const newer = await health(database, { ...FINE, schema: { found: 9, known: 7 } }, id, new Date())
  expect(sentences(newer.items)).toEqual([expect.stringContaining('made by a newer Waybill')])
})

test('a violated invariant is a named problem of its workspace and of the server, not of other workspaces', async () => {
  const [mine, other] = [await workspace(), await workspace('Other')]
  await sql`insert into delivery_count values (${mine.id}, 'bulk', 'held', 3)`.execute(db)
  const invariants = { at: new Date(), violations: await checkInvariants(database, new Date()), unchecked: [] }
  const of = async (id: typeof mine.id | null) =>
    sentences((await health(database, { ...FINE, invariants }, id, new Date())).items)
  expect(await of(mine.id)).toEqual(['A counter does not agree with the deliveries that are there.'])
  expect(await of(other.id)).toEqual([])
  expect(await of(null)).toContain('A counter does not agree with the deliveries that are there.')
  await sql`delete from delivery_count where workspace_id = ${mine.id}`.execute(db)
})

test('checks that could not be made, or were not made for long, are told', async () => {
  const { id } = await workspace()
  const now = new Date()
  const unchecked = { at: now, violations: [], unchecked: [{ name: 'counts_agree', why: 'statement timeout' }] }
  const old = { at: new Date(now.getTime() - 6 * MINUTE), violations: [], unchecked: [] }
  expect((await health(database, { ...FINE, invariants: unchecked }, id, now)).items[0]?.sentence).toContain('statement timeout')
  expect((await health(database, { ...FINE, invariants: old }, id, now)).items[0]?.sentence).toContain(
    'have not been checked since',
  )
})

test.each<DiskSpace & { full: boolean }>([
  { freeBytes: 900 * 1024 ** 2, totalBytes: 10 * GB, full: false },
  { freeBytes: 4 * GB, totalBytes: 100 * GB, full: false },
  { freeBytes: 900 * 1024 ** 2, totalBytes: 100 * GB, full: true },
  { freeBytes: 100 * 1024 ** 2, totalBytes: 1 * GB, full: true },
])('$freeBytes free bytes of $totalBytes are nearly full: $full', ({ full, ...space }) => {
  expect(isNearlyFull(space)).toBe(full)
})

test('the space of a folder is known, that of a missing one is not', async () => {
  expect((await diskSpaceOf(folder))?.totalBytes).toBeGreaterThan(0)
  expect(await diskSpaceOf(`${folder}/missing`)).toBeNull()
})
