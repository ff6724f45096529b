import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE } from '../../src/db/database.ts'
import { acknowledgeIncident, listOpenIncidents, listResolvedIncidents } from '../../src/incidents/incidents.ts'
import { keepRouteIncidents } from '../../src/insight/attention.ts'
import { type HealthSources, health } from '../../src/insight/health.ts'
import { MINUTE } from '../../src/lib/clock.ts'
import type { RouteId, WorkspaceId } from '../../src/lib/ids.ts'
import { world } from './support.ts'

const { database, db, workspace, send, dispatch } = await world()
const FINE: HealthSources = { dispatcher: { trouble: null }, invariants: null, disk: null, schema: null, portTroubles: [] }
const open = (id: WorkspaceId) => listOpenIncidents(db, id, 10)
const later = (minutes: number) => new Date(Date.now() + minutes * MINUTE)

async function stoppedRoute(): Promise<{ id: WorkspaceId; routeId: RouteId }> {
  const shop = await workspace()
  await send(shop.id, ['refused-1@example.org'])
  // Mail of the tests before may be due as well.
  while (!(await isStopped(shop.routeId))) await dispatch(1)
  return shop
}

async function isStopped(routeId: RouteId): Promise<boolean> {
  const { rows } = await sql<{ circuit: string }>`select circuit from route where id = ${routeId}`.execute(db)
  return rows[0]?.circuit === 'open'
}

test('a route that stops for a moment calls nobody; one that stays stopped is an incident with its reason and what to do', async () => {
  const { id, routeId } = await stoppedRoute()
  await keepRouteIncidents(database, later(1))
  expect(await open(id)).toEqual([])

  await keepRouteIncidents(database, later(3))
  const [incident] = await open(id)
  expect(incident).toMatchObject({
    kind: 'route.stopped',
    severity: 'critical',
    title: 'Route Sandbox has stopped',
    subject: { kind: 'route', id: routeId },
    evidence: { waiting: 1 },
  })
  expect(incident?.sentence).toMatch(/^Connection refused by .* 1 message waits\.$/)
  expect(incident?.hint).not.toBe('')
})

test('a route that works again ends its incident by itself', async () => {
  const { id, routeId } = await stoppedRoute()
  await keepRouteIncidents(database, later(3))
  await sql`
    update route set circuit = 'closed', circuit_reason = null, circuit_since = null, circuit_until = null, probe_owner = null, probe_expires_at = null
     where id = ${routeId}`.execute(db)
  await keepRouteIncidents(database, later(4))
  expect(await open(id)).toEqual([])
  expect(await listResolvedIncidents(db, id, { after: null, limit: 10 })).toMatchObject([{ resolvedBy: null }])
})

test('health tells a lasting stop once: by its incident until somebody takes note, then by the route', async () => {
  const { id, routeId } = await stoppedRoute()
  await keepRouteIncidents(database, later(3))
  const [incident] = await open(id)
  const items = async () =>
    (await health(database, FINE, id, later(3))).items.filter(({ link }) => !link?.startsWith('/deliveries'))
  expect(await items()).toMatchObject([{ link: '/attention', incidentId: incident?.id }])

  await database.transaction(ENGINE, (tx) => acknowledgeIncident(tx, id, incident!.id, 'user:ann', later(4)))
  expect(await items()).toMatchObject([{ link: `/routes/${routeId}`, incidentId: null }])
})

test('a route that one receiver has refused for long is a warning, until it is tried with success', async () => {
  const { id, routeId } = await workspace()
  const reason = JSON.stringify({
    code: 'tripped',
    sentence: 'google refused 20 of 20',
    hint: 'Look at its answers.',
    failure: null,
    at: new Date(),
  })
  await sql`
    insert into route_receiver (workspace_id, route_id, receiver, circuit, circuit_reason, circuit_since, circuit_until, circuit_failures)
    values (${id}, ${routeId}, 'google', 'open', ${reason}::jsonb, now(), now() + interval '5 minutes', 1)`.execute(db)
  await keepRouteIncidents(database, later(1))
  expect(await open(id)).toEqual([])
  await keepRouteIncidents(database, later(3))
  expect(await open(id)).toMatchObject([
    {
      kind: 'route.stopped_for_receiver',
      severity: 'warning',
      title: 'Route Sandbox is left alone for google',
      hint: 'Look at its answers.',
    },
  ])
  await sql`update route_receiver set circuit = 'closed', circuit_reason = null, circuit_until = null where route_id = ${routeId}`.execute(
    db,
  )
  await keepRouteIncidents(database, later(4))
  expect(await open(id)).toEqual([])
})
