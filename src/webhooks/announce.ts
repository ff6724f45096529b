import type { Tx } from '../db/database.ts'
import { eventsBetween, type Follower, type PositionedEvent } from '../events/follow.ts'
import { newId } from '../lib/ids.ts'
import { type WebhookDeliveryId, type WebhookEndpoint, wants } from './endpoint.ts'
import { eventIdOf, type MailFacts, payloadOf } from './payload.ts'
import { enqueueDeliveries, type NewWebhookDelivery, selectEnabledEndpoints } from './queries.ts'

/** What events are about is another folder's to know: it is given in. Null for what is about no mail, or about mail that is not kept any more. */
export type ReadMail = (
  tx: Tx,
  events: readonly Pick<PositionedEvent, 'workspaceId' | 'messageId' | 'deliveryId'>[],
) => Promise<(event: Pick<PositionedEvent, 'messageId' | 'deliveryId'>) => MailFacts | null>

/** Queues every event for the endpoints that want it, in the transaction in which the place in the log moves: each is queued exactly once. */
export function webhookFollower(readMail: ReadMail): Follower {
  return {
    name: 'webhooks',
    async apply(tx, from, to, now) {
      const endpoints = await selectEnabledEndpoints(tx)
      if (endpoints.length === 0) return
      const workspaces = [...new Set(endpoints.map(({ workspaceId }) => workspaceId))]
      const events = await eventsBetween(tx, from, to, workspaces)
      await enqueueDeliveries(tx, await deliveriesOf(tx, readMail, endpoints, events), 'never', now)
    },
  }
}

/** A row for each event and each endpoint that wants it. */
export async function deliveriesOf(
  tx: Tx,
  readMail: ReadMail,
  endpoints: readonly WebhookEndpoint[],
  events: readonly PositionedEvent[],
): Promise<NewWebhookDelivery[]> {
  // By type alone first: the mail is looked up only for what somebody may want.
  const near = events.filter((event) => endpoints.some((endpoint) => isNear(endpoint, event)))
  const mailOf = await readMail(tx, near)
  return near.flatMap((event) => {
    const id = eventIdOf(event.position.seq, event.at)
    const mail = mailOf(event)
    const wanting = endpoints.filter((endpoint) => isNear(endpoint, event) && wants(endpoint, event.type, mail))
    if (wanting.length === 0) return []
    const body = payloadOf(id, event, mail)
    return wanting.map((endpoint) => ({
      workspaceId: endpoint.workspaceId,
      id: newId<WebhookDeliveryId>(),
      endpointId: endpoint.id,
      eventId: id,
      type: event.type,
      happenedAt: event.at,
      messageId: event.messageId,
      orderKey: endpoint.ordered ? event.messageId : null,
      body,
    }))
  })
}

function isNear(endpoint: WebhookEndpoint, event: PositionedEvent): boolean {
  return endpoint.workspaceId === event.workspaceId && wants(endpoint, event.type, null)
}
