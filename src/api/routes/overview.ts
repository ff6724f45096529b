import { type DeliveryFlow, readOverview } from '../../insight/overview.ts'
import type { ServerDeps } from '../deps.ts'
import { getQueues } from '../endpoints/overview.ts'
import { preparedRoute, type Route } from '../route.ts'
import { toRouteReference } from '../wire/deliveries.ts'
import { toCircuit } from '../wire/routes.ts'

export function overviewRoutes({ health }: ServerDeps): Route[] {
  return [
    preparedRoute(
      getQueues,
      // Before the transaction: it asks for connections of its own, and whoever holds one must not wait for another.
      ({ actor }) => health.health(actor.workspaceId),
      async ({ tx, actor, prepared, now }) => {
        const { routes, streams, hours } = await readOverview(tx, actor.workspaceId, now)
        const count = (state: 'held' | 'unknown') => streams.reduce((sum, { counts }) => sum + (counts[state] ?? 0), 0)
        return {
          routes: routes.map(({ route, flow }) => ({
            route: toRouteReference(route),
            circuit: toCircuit(route.circuit),
            last_hour: toFlow(flow),
          })),
          streams: streams.map(({ stream, counts, oldestDueAt, why }) => ({
            stream,
            counts: { ...counts },
            oldest_due_at: oldestDueAt,
            why,
          })),
          held: count('held'),
          unknown: count('unknown'),
          health: {
            ok: prepared.ok,
            sentence: prepared.sentence,
            items: prepared.items.map(({ sentence, link, incidentId }) => ({ sentence, link, incident_id: incidentId })),
          },
          hours: hours.map(({ hour, flow }) => ({ hour, ...toFlow(flow) })),
        }
      },
    ),
  ]
}

function toFlow({ sent, delivered, bounced, failed, deferred }: DeliveryFlow) {
  return { sent, delivered, bounced, failed, deferred }
}
