import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { ENGINE, openDatabase } from '../../src/db/database.ts'
import type { NewIncident } from '../../src/incidents/incident.ts'
import {
  acknowledgeIncident,
  clearIncident,
  keepIncidents,
  listOpenIncidents,
  listResolvedIncidents,
  raiseEverywhere,
  raiseIncident,
  resolveIncident,
} from '../../src/incidents/incidents.ts'
import { MINUTE } from '../../src/lib/clock.ts'
import { newId, type WorkspaceId } from '../../src/lib/ids.ts'
import { testDatabase } from '../support/database.ts'

const database = openDatabase({ connection: { ...(await testDatabase()) }, maxConnections: 4, applicationName: 'test' })
afterAll(() => database.close())
const { db } = database
const start = new Date('2026-11-22T10:00:00Z')
const after = (minutes: number) => new Date(start.getTime() + minutes * MINUTE)

async function workspace(): Promise<WorkspaceId> {
  const id = newId<WorkspaceId>()
  await sql`insert into workspace (id, name, created_at) values (${id}, 'Shop', now())`.execute(db)
  return id
}

function anIncident(workspaceId: WorkspaceId, more: Partial<NewIncident> = {}): NewIncident {
  return {
    workspaceId,
    key: 'route.open:relay',
    kind: 'route.open',
    severity: 'warning',
    title: 'Route Relay refuses mail',
    sentence: 'The relay refuses our password.',
    hint: 'Correct the password of the route.',
    subject: { kind: 'route', id: 'relay' },
    evidence: { code: 535 },
    ...more,
  }
}

const inTx = <T>(work: Parameters<typeof database.transaction<T>>[1]) => database.transaction(ENGINE, work)
const open = (workspaceId: WorkspaceId) => listOpenIncidents(db, workspaceId, 100)

async function eventsOf(workspaceId: WorkspaceId): Promise<string[]> {
  const { rows } = await sql<{
    type: string
  }>`select type from event where workspace_id = ${workspaceId} order by txid, seq`.execute(db)
  return rows.map(({ type }) => type)
}

test('the same trouble seen three times is one incident, seen three times, and one event', async () => {
  const workspaceId = await workspace()
  for (const minutes of [0, 1, 2])
    await inTx((tx) => raiseIncident(tx, anIncident(workspaceId, { evidence: { minutes } }), after(minutes)))
  expect(await open(workspaceId)).toMatchObject([
    { times: 3, openedAt: after(0), seenAt: after(2), evidence: { minutes: 2 }, resolvedAt: null },
  ])
  expect(await eventsOf(workspaceId)).toEqual(['incident.opened'])
})

test('two processes that see the same trouble at once make one incident', async () => {
  const workspaceId = await workspace()
  const raised = await Promise.all([1, 2, 3, 4].map(() => inTx((tx) => raiseIncident(tx, anIncident(workspaceId), start))))
  expect(new Set(raised.map(({ id }) => id)).size).toBe(1)
  expect(raised.filter(({ opened }) => opened)).toHaveLength(1)
  expect(await eventsOf(workspaceId)).toEqual(['incident.opened'])
})

test('trouble that goes away resolves by itself; when it comes back it is a new incident', async () => {
  const workspaceId = await workspace()
  await inTx((tx) => raiseIncident(tx, anIncident(workspaceId), start))
  expect(await inTx((tx) => clearIncident(tx, workspaceId, 'route.open:relay', after(5)))).toBe(true)
  expect(await inTx((tx) => clearIncident(tx, workspaceId, 'route.open:relay', after(6)))).toBe(false)
  expect(await open(workspaceId)).toEqual([])
  expect(await listResolvedIncidents(db, workspaceId, { after: null, limit: 10 })).toMatchObject([
    { resolvedAt: after(5), resolvedBy: null },
  ])
  await inTx((tx) => raiseIncident(tx, anIncident(workspaceId), after(10)))
  expect(await open(workspaceId)).toMatchObject([{ times: 1, openedAt: after(10) }])
  expect(await eventsOf(workspaceId)).toEqual(['incident.opened', 'incident.resolved', 'incident.opened'])
})

test('an acknowledged incident stays open, remembers who was first, and asks again when it becomes critical', async () => {
  const workspaceId = await workspace()
  const { id } = await inTx((tx) => raiseIncident(tx, anIncident(workspaceId), start))
  await inTx((tx) => acknowledgeIncident(tx, workspaceId, id, 'user:ann', after(1)))
  const second = await inTx((tx) => acknowledgeIncident(tx, workspaceId, id, 'user:bob', after(2)))
  expect(second).toMatchObject({ acknowledgedBy: 'user:ann', acknowledgedAt: after(1), resolvedAt: null })

  await inTx((tx) => raiseIncident(tx, anIncident(workspaceId), after(3)))
  expect(await open(workspaceId)).toMatchObject([{ acknowledgedBy: 'user:ann' }])
  await inTx((tx) => raiseIncident(tx, anIncident(workspaceId, { severity: 'critical' }), after(4)))
  expect(await open(workspaceId)).toMatchObject([{ severity: 'critical', acknowledgedBy: null, acknowledgedAt: null }])
})

test('a person may resolve it by hand, once', async () => {
  const workspaceId = await workspace()
  const { id } = await inTx((tx) => raiseIncident(tx, anIncident(workspaceId), start))
  expect(await inTx((tx) => resolveIncident(tx, workspaceId, id, 'user:ann', after(1)))).toMatchObject({ resolvedBy: 'user:ann' })
  await expect(inTx((tx) => resolveIncident(tx, workspaceId, id, 'user:ann', after(2)))).rejects.toMatchObject({
    code: 'wrong_state',
  })
  await expect(inTx((tx) => acknowledgeIncident(tx, workspaceId, id, 'user:ann', after(2)))).rejects.toMatchObject({
    code: 'wrong_state',
  })
})

test('what nobody took note of comes first, critical before warning', async () => {
  const workspaceId = await workspace()
  const raise = (key: string, severity: 'warning' | 'critical', minutes: number) =>
    inTx((tx) => raiseIncident(tx, anIncident(workspaceId, { key, severity }), after(minutes)))
  const known = await raise('known', 'critical', 0)
  await raise('warning', 'warning', 1)
  await raise('critical', 'critical', 2)
  await inTx((tx) => acknowledgeIncident(tx, workspaceId, known.id, 'user:ann', after(3)))
  expect((await open(workspaceId)).map(({ key }) => key)).toEqual(['critical', 'warning', 'known'])
})

test('trouble of the whole installation is an incident of every workspace', async () => {
  const [one, two] = [await workspace(), await workspace()]
  const { workspaceId: _, ...everywhere } = anIncident(one, { key: 'port.busy:2587', subject: null })
  await inTx((tx) => raiseEverywhere(tx, everywhere, start))
  for (const workspaceId of [one, two]) expect(await open(workspaceId)).toMatchObject([{ key: 'port.busy:2587', subject: null }])
})

test('an incident of another workspace cannot be touched', async () => {
  const [one, two] = [await workspace(), await workspace()]
  const { id } = await inTx((tx) => raiseIncident(tx, anIncident(one), start))
  await expect(inTx((tx) => resolveIncident(tx, two, id, 'user:eve', start))).rejects.toMatchObject({ code: 'not_found' })
  expect(await inTx((tx) => clearIncident(tx, two, 'route.open:relay', start))).toBe(false)
  expect(await open(one)).toHaveLength(1)
})

test('a check that sees everything raises what it finds and resolves what it finds no more, of its own kind only', async () => {
  const [one, two] = [await workspace(), await workspace()]
  const disk = (workspaceId: WorkspaceId, key: string) => anIncident(workspaceId, { key, kind: 'test.kept' })
  await inTx((tx) => raiseIncident(tx, anIncident(one, { key: 'another' }), start))
  await inTx((tx) => keepIncidents(tx, 'test.kept', [disk(one, 'a'), disk(one, 'b'), disk(two, 'a')], start))
  await inTx((tx) => keepIncidents(tx, 'test.kept', [disk(one, 'b')], after(1)))
  expect((await open(one)).map(({ key, times }) => [key, times])).toEqual([
    ['b', 2],
    ['another', 1],
  ])
  expect(await open(two)).toEqual([])
})
