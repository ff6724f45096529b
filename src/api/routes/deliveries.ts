import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { BlobStore } from '../../blobs/blob-store.ts'
import { namesOfMailings } from '../../campaigns/list.ts'
import type { Tx } from '../../db/database.ts'
import { actOnDelivery } from '../../delivery/acts/act.ts'
import { sendAgain } from '../../delivery/acts/send-again.ts'
import { isLive } from '../../delivery/delivery.ts'
import { listDeliveries as list, readDelivery } from '../../delivery/reading/read.ts'
import type { DeliverySummary } from '../../delivery/reading/story.ts'
import { outOfReach, refuseOutOfReach } from '../../helpdesk/reading/mail-in-reach.ts'
import type { DeliveryId, WorkspaceId } from '../../lib/ids.ts'
import type { ServerDeps } from '../deps.ts'
import {
  cancelDelivery,
  holdDelivery,
  leaveDelivery,
  listDeliveries,
  releaseDelivery,
  resendDelivery,
  retryDelivery,
} from '../endpoints/deliveries.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { type CampaignNames, toSummary } from '../wire/deliveries.ts'

export function deliveryRoutes({ blobs }: ServerDeps): Route[] {
  const acts = [
    [cancelDelivery, 'cancel'],
    [holdDelivery, 'hold'],
    [releaseDelivery, 'release'],
    [retryDelivery, 'retry'],
    [leaveDelivery, 'leave'],
  ] as const
  return [
    route(listDeliveries, async ({ tx, params, actor, now }) => {
      const page = pageById('deliveries', params)
      const { state: states, recipient, route: routeId, stream, receiver, since, until } = params
      const filter = { states, recipient, routeId, stream, receiver, since, until }
      const found = await list(tx, actor.workspaceId, filter, page.query, now)
      const names = await namesFor(tx, actor.workspaceId, found)
      const hidden = await outOfReach(tx, actor, found)
      return page.of(found, (delivery) => (hidden.has(delivery.messageId) ? null : toSummary(delivery, names)))
    }),
    ...acts.map(([endpoint, act]) =>
      route(endpoint, async ({ tx, params, actor, now }) => {
        await refuseOutOfReach(tx, actor, await readDelivery(tx, actor.workspaceId, params.id, now), 'delivery')
        await actOnDelivery(tx, actor.workspaceId, params.id, act, actorReference(actor), now)
        return await told(tx, actor.workspaceId, await readDelivery(tx, actor.workspaceId, params.id, now))
      }),
    ),
    route(resendDelivery, async ({ tx, params, actor, now }) =>
      told(tx, actor.workspaceId, await resend(tx, blobs, params.id, actor, now)),
    ),
  ]
}

async function told(tx: Tx, workspaceId: WorkspaceId, delivery: DeliverySummary) {
  return toSummary(delivery, await namesFor(tx, workspaceId, [delivery]))
}

/** Whose mail they are, of those that are a campaign's. */
async function namesFor(tx: Tx, workspaceId: WorkspaceId, deliveries: readonly DeliverySummary[]): Promise<CampaignNames> {
  return await namesOfMailings(tx, workspaceId, [...new Set(deliveries.flatMap(({ partOf }) => partOf ?? []))])
}

/** An answer that was not heard: the delivery itself goes once more. One that has ended: a new message to this recipient. */
async function resend(tx: Tx, blobs: BlobStore, id: DeliveryId, actor: Actor, now: Date) {
  const by = actorReference(actor)
  const delivery = await readDelivery(tx, actor.workspaceId, id, now)
  await refuseOutOfReach(tx, actor, delivery, 'delivery')
  if (isLive(delivery.state)) {
    await actOnDelivery(tx, actor.workspaceId, id, 'resend', by, now)
    return await readDelivery(tx, actor.workspaceId, id, now)
  }
  const messageId = await sendAgain(tx, blobs, actor.workspaceId, delivery.messageId, [delivery.recipient], by, now)
  const [again] = await list(tx, actor.workspaceId, { messageId }, { after: null, limit: 1 }, now)
  return again ?? delivery
}
