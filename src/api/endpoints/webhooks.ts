import { z } from 'zod'
import { EVENT_TYPES } from '../../events/event.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line, pageOf, pageParams, Stream } from './shapes.ts'

const NOUNS = [...new Set(EVENT_TYPES.map((type) => `${type.split('.')[0] ?? ''}.*`))]
export const EventPattern = z.enum([...EVENT_TYPES, ...NOUNS] as [string, ...string[]])

export const Webhook = z
  .object({
    id: id<'webhook_endpoint'>(),
    url: z.string(),
    description: z.string(),
    event_types: z.array(z.string()).describe('Types, or a noun and a star (`delivery.*`). Empty: all.'),
    streams: z.array(Stream).describe('Of events about mail: of these streams only. Empty: all.'),
    tags: z.array(z.string()).describe('Of events about mail: of messages with one of these tags. Empty: all.'),
    ordered: z.boolean().describe('Whether what concerns one message is sent in its order, one after another.'),
    allow_private: z.boolean(),
    state: z.enum(['enabled', 'disabled']),
    disabled_why: z.enum(['by_hand', 'gone', 'failing']).nullable(),
    disabled_at: isoDate.nullable(),
    old_secret_expires_at: isoDate.nullable().describe('Until then the former secret signs as well.'),
    failing_since: isoDate.nullable().describe('The first failure since the last success.'),
    last_success_at: isoDate.nullable().describe('To the minute.'),
    created_at: isoDate,
    updated_at: isoDate,
  })
  .meta({ id: 'Webhook' })
export type Webhook = z.output<typeof Webhook>

const WebhookWithSecret = Webhook.extend({ secret: z.string().describe('Shown here and never again.') })

export const WebhookDeliveryState = z.enum(['queued', 'sending', 'delivered', 'failed'])

export const WebhookDelivery = z
  .object({
    id: id<'webhook_delivery'>(),
    event_id: z.string().describe('The header `webhook-id`: the same at every try.'),
    type: z.string(),
    happened_at: isoDate,
    message_id: z.string().nullable(),
    state: WebhookDeliveryState,
    attempts: z.int().describe('How often it was tried in all.'),
    next_try_at: isoDate.nullable(),
    last_status: z.int().nullable(),
    last_error: z.string().nullable(),
    created_at: isoDate,
    settled_at: isoDate.nullable(),
  })
  .meta({ id: 'WebhookDelivery' })
export type WebhookDelivery = z.output<typeof WebhookDelivery>

export const WebhookDeliveryDetail = WebhookDelivery.extend({
  body: z.string(),
  tries: z.array(
    z.object({
      attempt: z.int(),
      started_at: isoDate,
      duration_ms: z.int(),
      url: z.string(),
      address: z.string().nullable(),
      request_headers: z.record(z.string(), z.string()),
      status: z.int().nullable(),
      response_headers: z.record(z.string(), z.string()).nullable(),
      response_body: z.string().nullable().describe('Its beginning.'),
      error: z.string().nullable(),
    }),
  ),
}).meta({ id: 'WebhookDeliveryDetail' })
export type WebhookDeliveryDetail = z.output<typeof WebhookDeliveryDetail>

const exampleWebhook = {
  id: '0193e0a0-7777-7abc-9def-0123456789ab',
  url: 'https://shop.example/hooks/mail',
  description: 'Marks orders whose mail bounced',
  event_types: ['delivery.bounced', 'delivery.complained'],
  streams: [],
  tags: [],
  ordered: false,
  allow_private: false,
  state: 'enabled',
  disabled_why: null,
  disabled_at: null,
  old_secret_expires_at: null,
  failing_since: null,
  last_success_at: '2026-11-21T12:00:00.000Z',
  created_at: '2026-11-20T09:00:00.000Z',
  updated_at: '2026-11-20T09:00:00.000Z',
}
const exampleSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='
const exampleId = { id: exampleWebhook.id }
const exampleDelivery = {
  id: '0193e0a0-8888-7abc-9def-0123456789ab',
  event_id: 'evt_2s_m3k1q0',
  type: 'delivery.bounced',
  happened_at: '2026-11-21T12:00:00.000Z',
  message_id: '0193e0a0-3333-7abc-9def-0123456789ab',
  state: 'queued',
  attempts: 2,
  next_try_at: '2026-11-21T12:00:36.000Z',
  last_status: 503,
  last_error: null,
  created_at: '2026-11-21T12:00:01.000Z',
  settled_at: null,
}
const inPath = z.strictObject({ id: id<'webhook_endpoint'>() })
const deliveryInPath = z.strictObject({ id: id<'webhook_endpoint'>(), delivery: id<'webhook_delivery'>() })
const settings = {
  url: line(1, 2_000),
  description: line(0, 200).optional(),
  event_types: z.array(EventPattern).max(100).optional(),
  streams: z.array(Stream).max(3).optional(),
  tags: z.array(line(1, 100)).max(50).optional(),
  ordered: z.boolean().optional(),
  allow_private: z
    .boolean()
    .optional()
    .describe('Whether it may lead to this machine or into a private network; then http:// may be used.'),
}
const manage = 'webhooks.manage' as const

export const listWebhooks = endpoint({
  method: 'GET',
  path: '/v1/webhooks',
  summary: 'The webhooks of the workspace, newest first.',
  permission: manage,
  transaction: 'read',
  reply: z.object({ items: z.array(Webhook), next: z.null() }),
  example: { reply: { items: [exampleWebhook], next: null } },
})
export const createWebhook = endpoint({
  method: 'POST',
  path: '/v1/webhooks',
  summary: 'Tell a program what happens from now on. The answer is the only place where its secret is shown.',
  description:
    'Requests are signed as Standard Webhooks says (`webhook-id`, `webhook-timestamp`, `webhook-signature`). Any 2xx is a yes; everything else is tried again over 32 hours. Redirects are not followed, private networks not reached.',
  permission: manage,
  transaction: 'write',
  body: z.strictObject(settings),
  reply: WebhookWithSecret,
  status: 201,
  errors: ['invalid_webhook_url', 'too_many_webhooks'],
  example: {
    body: { url: exampleWebhook.url, event_types: exampleWebhook.event_types, description: exampleWebhook.description },
    reply: { ...exampleWebhook, secret: exampleSecret },
  },
})
export const getWebhook = endpoint({
  method: 'GET',
  path: '/v1/webhooks/:id',
  summary: 'One webhook.',
  permission: manage,
  transaction: 'read',
  params: inPath,
  reply: Webhook,
  errors: ['not_found'],
  example: { params: exampleId, reply: exampleWebhook },
})
export const changeWebhook = endpoint({
  method: 'PATCH',
  path: '/v1/webhooks/:id',
  summary: 'Change a webhook. What is queued goes to the new address.',
  permission: manage,
  transaction: 'write',
  params: inPath,
  body: z.strictObject({ ...settings, url: settings.url.optional() }),
  reply: Webhook,
  errors: ['not_found', 'invalid_webhook_url'],
  example: { params: exampleId, body: { ordered: true }, reply: { ...exampleWebhook, ordered: true } },
})
export const removeWebhook = endpoint({
  method: 'DELETE',
  path: '/v1/webhooks/:id',
  summary: 'Remove a webhook, what is queued for it, and its log.',
  permission: manage,
  transaction: 'write',
  params: inPath,
  errors: ['not_found'],
  example: { params: exampleId },
})
export const enableWebhook = endpoint({
  method: 'POST',
  path: '/v1/webhooks/:id/enable',
  summary: 'Switch a webhook on again. What had been queued is sent; what happened meanwhile can be replayed.',
  permission: manage,
  transaction: 'write',
  params: inPath,
  reply: Webhook,
  errors: ['not_found'],
  example: { params: exampleId, reply: exampleWebhook },
})
export const disableWebhook = endpoint({
  method: 'POST',
  path: '/v1/webhooks/:id/disable',
  summary: 'Switch a webhook off.',
  permission: manage,
  transaction: 'write',
  params: inPath,
  reply: Webhook,
  errors: ['not_found'],
  example: {
    params: exampleId,
    reply: { ...exampleWebhook, state: 'disabled', disabled_why: 'by_hand', disabled_at: '2026-11-21T12:00:00.000Z' },
  },
})
export const rotateWebhookSecret = endpoint({
  method: 'POST',
  path: '/v1/webhooks/:id/rotate-secret',
  summary: 'Make a new secret. The former one signs as well for a while.',
  permission: manage,
  transaction: 'write',
  params: inPath,
  body: z.strictObject({ old_valid_hours: z.int().min(0).max(168).optional().describe('24 when left out.') }),
  reply: WebhookWithSecret,
  errors: ['not_found'],
  example: {
    params: exampleId,
    body: {},
    reply: { ...exampleWebhook, old_secret_expires_at: '2026-11-22T12:00:00.000Z', secret: exampleSecret },
  },
})
export const testWebhook = endpoint({
  method: 'POST',
  path: '/v1/webhooks/:id/test',
  summary: 'Send an example of an event, signed like a real one. What comes of it is in the log.',
  permission: manage,
  transaction: 'write',
  params: inPath,
  body: z.strictObject({ type: z.enum(EVENT_TYPES).optional().describe('`delivery.bounced` when left out.') }),
  reply: z.object({ delivery_id: id<'webhook_delivery'>() }),
  status: 202,
  errors: ['not_found', 'wrong_state'],
  example: { params: exampleId, body: {}, reply: { delivery_id: exampleDelivery.id } },
})
export const replayWebhook = endpoint({
  method: 'POST',
  path: '/v1/webhooks/:id/replay',
  summary: 'Send what happened in a stretch of time: what it never took, or everything once more.',
  description:
    'Read from the event log, so that it finds what happened while the webhook was switched off or not there. Repeated events keep their id. One request queues 10,000 events at most; `continue_at` says where the next one begins. With `preview` nothing is sent.',
  permission: manage,
  transaction: 'write',
  params: inPath,
  body: z.strictObject({
    from: isoDate,
    to: isoDate,
    event_types: z.array(z.enum(EVENT_TYPES)).max(100).optional().describe('Of those that the webhook wants, these only.'),
    which: z.enum(['undelivered', 'all']),
    preview: z.boolean(),
  }),
  reply: z.object({ events: z.int(), continue_at: isoDate.nullable() }),
  errors: ['not_found', 'wrong_state'],
  example: {
    params: exampleId,
    body: { from: '2026-11-21T00:00:00.000Z', to: '2026-11-22T00:00:00.000Z', which: 'undelivered', preview: true },
    reply: { events: 412, continue_at: null },
  },
})
export const listWebhookDeliveries = endpoint({
  method: 'GET',
  path: '/v1/webhooks/:id/deliveries',
  summary: 'The log of a webhook, newest first. Kept for ten days.',
  permission: manage,
  transaction: 'read',
  params: z.strictObject({
    id: id<'webhook_endpoint'>(),
    state: WebhookDeliveryState.optional(),
    type: z.string().min(1).max(100).optional(),
    ...pageParams,
  }),
  reply: pageOf(WebhookDelivery),
  errors: ['not_found', 'invalid_cursor'],
  example: { params: exampleId, reply: { items: [exampleDelivery], next: null } },
})
export const getWebhookDelivery = endpoint({
  method: 'GET',
  path: '/v1/webhooks/:id/deliveries/:delivery',
  summary: 'What was sent and what was answered, at each try.',
  permission: manage,
  transaction: 'read',
  params: deliveryInPath,
  reply: WebhookDeliveryDetail,
  errors: ['not_found'],
  example: {
    params: { ...exampleId, delivery: exampleDelivery.id },
    reply: {
      ...exampleDelivery,
      body: '{"type":"delivery.bounced"}',
      tries: [
        {
          attempt: 1,
          started_at: '2026-11-21T12:00:01.000Z',
          duration_ms: 84,
          url: exampleWebhook.url,
          address: '192.0.2.20',
          request_headers: { 'webhook-id': 'evt_2s_m3k1q0', 'webhook-timestamp': '1763726401' },
          status: 503,
          response_headers: { 'content-type': 'text/plain' },
          response_body: 'try later',
          error: null,
        },
      ],
    },
  },
})
export const resendWebhookDelivery = endpoint({
  method: 'POST',
  path: '/v1/webhooks/:id/deliveries/:delivery/resend',
  summary: 'Send one event again, or at once.',
  permission: manage,
  transaction: 'write',
  params: deliveryInPath,
  errors: ['not_found', 'wrong_state'],
  example: { params: { ...exampleId, delivery: exampleDelivery.id } },
})
export const listEventTypes = endpoint({
  method: 'GET',
  path: '/v1/event-types',
  summary: 'Every kind of event, with an example of what a webhook is sent.',
  permission: 'signed_in',
  transaction: 'none',
  reply: z.object({
    items: z.array(z.object({ type: z.string(), sentence: z.string(), example: z.record(z.string(), z.unknown()) })),
    next: z.null(),
  }),
  example: {
    reply: {
      items: [
        {
          type: 'delivery.cancelled',
          sentence: 'Cancelled.',
          example: { type: 'delivery.cancelled', timestamp: '2026-11-21T12:00:00.000Z', data: {} },
        },
      ],
      next: null,
    },
  },
})

export const webhookEndpoints = [
  listWebhooks,
  createWebhook,
  getWebhook,
  changeWebhook,
  removeWebhook,
  enableWebhook,
  disableWebhook,
  rotateWebhookSecret,
  testWebhook,
  replayWebhook,
  listWebhookDeliveries,
  getWebhookDelivery,
  resendWebhookDelivery,
  listEventTypes,
] as const
