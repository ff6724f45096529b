import { actorReference } from '../../accounts/actor.ts'
import { nameActors } from '../../accounts/names.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { Incident } from '../../incidents/incident.ts'
import {
  acknowledgeIncident as acknowledge,
  findIncident,
  listOpenIncidents,
  listResolvedIncidents,
  resolveIncident as resolve,
} from '../../incidents/incidents.ts'
import { acknowledgeIncident, getIncident, listIncidents, resolveIncident } from '../endpoints/incidents.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { toIncident } from '../wire/incidents.ts'

const MAX_OPEN = 200

export function incidentRoutes(): Route[] {
  return [
    route(listIncidents, async ({ tx, params, actor }) => {
      const page = pageById('incidents', params)
      const isHistory = params.state === 'resolved'
      const found = isHistory
        ? await listResolvedIncidents(tx, actor.workspaceId, page.query)
        : await listOpenIncidents(tx, actor.workspaceId, params.limit ?? MAX_OPEN)
      const name = await namesIn(tx, found)
      if (isHistory) return page.of(found, (incident) => toIncident(incident, name))
      return { items: found.map((incident) => toIncident(incident, name)), next: null }
    }),
    route(getIncident, async ({ tx, params, actor }) => {
      const incident = await findIncident(tx, actor.workspaceId, params.id)
      if (!incident) throw new Refusal('not_found', { what: 'incident' })
      return show(tx, incident)
    }),
    route(acknowledgeIncident, async ({ tx, params, actor, now }) =>
      show(tx, await acknowledge(tx, actor.workspaceId, params.id, actorReference(actor), now)),
    ),
    route(resolveIncident, async ({ tx, params, actor, now }) =>
      show(tx, await resolve(tx, actor.workspaceId, params.id, actorReference(actor), now)),
    ),
  ]
}

async function show(tx: Tx, incident: Incident) {
  return toIncident(incident, await namesIn(tx, [incident]))
}

function namesIn(tx: Tx, incidents: readonly Incident[]) {
  const [first] = incidents
  if (!first) return Promise.resolve(() => ({ kind: 'engine' as const, id: null, name: null }))
  return nameActors(
    tx,
    first.workspaceId,
    incidents.flatMap(({ acknowledgedBy, resolvedBy }) => [acknowledgedBy, resolvedBy]),
  )
}
