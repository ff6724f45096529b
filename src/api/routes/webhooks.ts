import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { mailOfEvents } from '../../delivery/announcing/mail-of-events.ts'
import { Refusal } from '../../errors.ts'
import { EVENT_TYPES } from '../../events/event.ts'
import { EVENT_EXAMPLES } from '../../events/examples.ts'
import { sentenceOf } from '../../events/sentence.ts'
import { HOUR } from '../../lib/clock.ts'
import type { WebhookEndpointId } from '../../webhooks/endpoint.ts'
import { examplePayload } from '../../webhooks/example-payload.ts'
import { listLog, readLogEntry, sendOnceMore } from '../../webhooks/log/delivery-log.ts'
import {
  changeEndpoint,
  createEndpoint,
  disableEndpoint,
  enableEndpoint,
  findEndpoint,
  listEndpoints,
  removeEndpoint,
  rotateSecret,
  SECRET_OVERLAP_MS,
  sendTest,
} from '../../webhooks/manage.ts'
import { replay } from '../../webhooks/replay.ts'
import { whyNotUrl } from '../../webhooks/url.ts'
import type { ServerDeps } from '../deps.ts'
import {
  changeWebhook,
  createWebhook,
  disableWebhook,
  enableWebhook,
  getWebhook,
  getWebhookDelivery,
  listEventTypes,
  listWebhookDeliveries,
  listWebhooks,
  removeWebhook,
  replayWebhook,
  resendWebhookDelivery,
  rotateWebhookSecret,
  testWebhook,
} from '../endpoints/webhooks.ts'
import { pageById } from '../page.ts'
import { type Route, route } from '../route.ts'
import { toWebhook, toWebhookDelivery, toWebhookDeliveryDetail } from '../wire/webhooks.ts'

export function webhookRoutes(deps: ServerDeps): Route[] {
  return [...managing(deps), ...trying(), ...reading()]
}

function managing({ secrets, allowPrivateNetworks }: ServerDeps): Route[] {
  const refuseUrl = (url: string, allowPrivate: boolean) => {
    const why = whyNotUrl(url, allowPrivate || allowPrivateNetworks)
    if (why !== null) throw new Refusal('invalid_webhook_url', { why, pointer: '/url' })
  }
  return [
    route(listWebhooks, async ({ tx, actor }) => ({
      items: (await listEndpoints(tx, actor.workspaceId)).map(toWebhook),
      next: null,
    })),
    route(createWebhook, async ({ tx, body, actor, now }) => {
      refuseUrl(body.url, body.allow_private === true)
      const settings = {
        url: body.url,
        description: body.description ?? '',
        eventTypes: body.event_types ?? [],
        streams: body.streams ?? [],
        tags: body.tags ?? [],
        ordered: body.ordered ?? false,
        allowPrivate: body.allow_private ?? false,
      }
      const { endpoint, secret } = await createEndpoint(tx, secrets, actor.workspaceId, settings, actorReference(actor), now)
      return { ...toWebhook(endpoint), secret }
    }),
    route(getWebhook, async ({ tx, params, actor }) => toWebhook(await mustFind(tx, actor, params.id))),
    route(changeWebhook, async ({ tx, params, body, actor, now }) => {
      const before = await mustFind(tx, actor, params.id)
      refuseUrl(body.url ?? before.url, body.allow_private ?? before.allowPrivate)
      const { event_types, allow_private, ...rest } = body
      const given = { ...rest, eventTypes: event_types, allowPrivate: allow_private }
      const change = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      return toWebhook(await changeEndpoint(tx, actor.workspaceId, params.id, change, actorReference(actor), now))
    }),
    route(removeWebhook, async ({ tx, params, actor, now }) =>
      removeEndpoint(tx, actor.workspaceId, params.id, actorReference(actor), now),
    ),
    route(enableWebhook, async ({ tx, params, actor, now }) =>
      toWebhook(await enableEndpoint(tx, actor.workspaceId, params.id, actorReference(actor), now)),
    ),
    route(disableWebhook, async ({ tx, params, actor, now }) => {
      const why = { reason: 'by_hand', actor: actorReference(actor) } as const
      return toWebhook(await disableEndpoint(tx, actor.workspaceId, params.id, why, now))
    }),
    route(rotateWebhookSecret, async ({ tx, params, body, actor, now }) => {
      const overlapMs = body.old_valid_hours === undefined ? SECRET_OVERLAP_MS : body.old_valid_hours * HOUR
      const by = actorReference(actor)
      const { endpoint, secret } = await rotateSecret(tx, secrets, actor.workspaceId, params.id, overlapMs, by, now)
      return { ...toWebhook(endpoint), secret }
    }),
  ]
}

function trying(): Route[] {
  return [
    route(testWebhook, async ({ tx, params, body, actor, now }) => {
      const { workspaceId } = actor
      const bodyOf = (eventId: string) => examplePayload(body.type ?? 'delivery.bounced', eventId, workspaceId, now)
      return { delivery_id: await sendTest(tx, workspaceId, params.id, bodyOf, now) }
    }),
    route(replayWebhook, async ({ tx, params, body, actor, now }) => {
      if (body.from >= body.to)
        throw new Refusal('invalid_request', { why: 'The end has to be after the beginning.', pointer: '/to' })
      const request = { from: body.from, to: body.to, eventTypes: body.event_types ?? [], which: body.which }
      const by = { actor: actorReference(actor), preview: body.preview }
      const { events, continueAt } = await replay(tx, mailOfEvents, actor.workspaceId, params.id, request, by, now)
      return { events, continue_at: continueAt }
    }),
    route(resendWebhookDelivery, async ({ tx, params, actor, now }) =>
      sendOnceMore(tx, actor.workspaceId, params.id, params.delivery, now),
    ),
  ]
}

function reading(): Route[] {
  return [
    route(listWebhookDeliveries, async ({ tx, params, actor }) => {
      await mustFind(tx, actor, params.id)
      const page = pageById('webhook_deliveries', params)
      const filter = { ...page.query, state: params.state ?? null, type: params.type ?? null }
      return page.of(await listLog(tx, actor.workspaceId, params.id, filter), toWebhookDelivery)
    }),
    route(getWebhookDelivery, async ({ tx, params, actor }) =>
      toWebhookDeliveryDetail(await readLogEntry(tx, actor.workspaceId, params.id, params.delivery)),
    ),
    route(listEventTypes, async ({ actor, now }) => ({
      items: EVENT_TYPES.map((type) => ({
        type,
        sentence: sentenceOf(type, EVENT_EXAMPLES[type], null),
        example: JSON.parse(examplePayload(type, 'evt_2s_m3k1q0', actor.workspaceId, now)) as Record<string, unknown>,
      })),
      next: null,
    })),
  ]
}

async function mustFind(tx: Tx, actor: Actor, id: WebhookEndpointId) {
  const found = await findEndpoint(tx, actor.workspaceId, id)
  if (!found) throw new Refusal('not_found', { what: 'webhook' })
  return found
}
