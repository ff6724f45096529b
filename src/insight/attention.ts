import { type Database, ENGINE } from '../db/database.ts'
import type { NewIncident } from '../incidents/incident.ts'
import { keepIncidents } from '../incidents/incidents.ts'
import type { PeriodicJob } from '../jobs/periodic.ts'
import { MINUTE, SECOND } from '../lib/clock.ts'
import { type ReceiverState, selectStoppedReceivers } from './queries.ts'
import { readStoppedRoutes, type StoppedRoute } from './stopped-routes.ts'

/** Most circuits close again at the first probe: nobody needs to be called for those. */
const LASTS_MS = 2 * MINUTE

/** Turns what lasts into incidents, and ends them when it is over. Looks at the state, not at the events: what was missed once is seen later. */
export function attentionJobs(database: Database): PeriodicJob[] {
  return [{ name: 'insight.stopped_routes', everyMs: 15 * SECOND, run: (now) => keepRouteIncidents(database, now) }]
}

const ROUTE_STOPPED = 'route.stopped'
const RECEIVER_STOPPED = 'route.stopped_for_receiver'

export function routeIncidentKey(routeId: string): string {
  return `${ROUTE_STOPPED}:${routeId}`
}

export async function keepRouteIncidents(database: Database, now: Date): Promise<void> {
  await database.transaction(ENGINE, async (tx) => {
    const open = await readStoppedRoutes(tx, null, now)
    await keepIncidents(tx, ROUTE_STOPPED, lasting(open, now).map(toIncident), now)
    const receivers = lasting(await selectStoppedReceivers(tx), now)
    await keepIncidents(tx, RECEIVER_STOPPED, receivers.map(toReceiverIncident), now)
  })
}

function lasting<State extends { readonly since: Date | null }>(stopped: readonly State[], now: Date): State[] {
  return stopped.filter(({ since }) => since !== null && now.getTime() - since.getTime() > LASTS_MS)
}

function toReceiverIncident({
  workspaceId,
  routeId,
  routeName,
  receiver,
  why,
  hint,
  since,
  nextTryAt,
}: ReceiverState): NewIncident {
  return {
    workspaceId,
    key: `${RECEIVER_STOPPED}:${routeId}:${receiver}`,
    kind: RECEIVER_STOPPED,
    severity: 'warning',
    title: `Route ${routeName} is left alone for ${receiver}`,
    sentence: `${sentence(why ?? 'It refuses mail')} Since ${clockTime(since)} mail to ${receiver} takes the other routes of its rule, or waits where there is none.`,
    hint: hint ?? `Look at what ${receiver} answers on this route; another route in the rule takes over meanwhile.`,
    subject: { kind: 'route', id: routeId },
    evidence: { receiver, since, next_try_at: nextTryAt },
  }
}

function toIncident(route: StoppedRoute): NewIncident {
  const { workspaceId, id, name, why, hint, since, waiting, nextTryAt } = route
  const wait = waiting === 0 ? 'Nothing waits for it.' : waiting === 1 ? '1 message waits.' : `${grouped(waiting)} messages wait.`
  return {
    workspaceId,
    key: routeIncidentKey(id),
    kind: ROUTE_STOPPED,
    severity: route.isDefault || waiting > 0 ? 'critical' : 'warning',
    title: `Route ${name} has stopped`,
    sentence: `${sentence(why ?? 'It refuses mail')} Nothing has gone out by this route since ${clockTime(since)}. ${wait}`,
    hint: hint ?? 'Look at the route, correct its settings, and try it at once.',
    subject: { kind: 'route', id },
    evidence: { since, next_try_at: nextTryAt, waiting },
  }
}

function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(upper) ? upper : `${upper}.`
}

function clockTime(at: Date | null): string {
  return at ? `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC` : 'some time ago'
}

function grouped(n: number): string {
  return n.toLocaleString('en')
}
