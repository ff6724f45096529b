import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Event, id, isoDate, pageOf, pageParams, Reason, RouteReference, Stream } from './shapes.ts'

export const LIVE_STATES = ['queued', 'sending', 'held', 'unknown'] as const
export const SETTLED_STATES = ['sent', 'delivered', 'bounced', 'failed', 'expired', 'suppressed', 'cancelled'] as const
export const DeliveryState = z.enum([...LIVE_STATES, ...SETTLED_STATES])
export type DeliveryState = z.output<typeof DeliveryState>

export const UnknownPolicy = z.enum(['resend', 'leave', 'ask'])

export const DeliveryAction = z.enum(['retry', 'hold', 'release', 'cancel', 'resend', 'leave'])
export type DeliveryAction = z.output<typeof DeliveryAction>

/** The campaign that something is of. */
export const CampaignReference = z.object({ id: id<'campaign'>(), name: z.string() })

export const DeliverySummary = z
  .object({
    id: id<'delivery'>(),
    message_id: id<'message'>(),
    recipient: z.string(),
    stream: Stream,
    state: DeliveryState,
    reason: Reason.nullable().describe('Why it waits, is held, or ended as it did.'),
    due_at: isoDate.nullable().describe('When it is tried next; only while queued.'),
    attempt: z.int().describe('How many attempts were begun.'),
    failures: z.int().describe('How many of them cost one of its tries: refused relays do not.'),
    policy: UnknownPolicy.nullable().describe('Who decides while the outcome of an attempt is unknown.'),
    route: RouteReference.nullable().describe('The route of the latest attempt.'),
    waiting_on: z
      .object({ route: RouteReference.nullable(), sentence: z.string(), next_try_at: isoDate.nullable() })
      .nullable()
      .describe('What is in its way although it is due: a closed route, a limit, a domain that may not leave by it.'),
    expires_at: isoDate,
    created_at: isoDate,
    settled_at: isoDate.nullable(),
    complained_at: isoDate.nullable(),
    subject: z.string(),
    sender: z.string(),
    campaign: CampaignReference.nullable(),
  })
  .meta({ id: 'DeliverySummary' })
export type DeliverySummary = z.output<typeof DeliverySummary>

export const AttemptOutcome = z.enum(['accepted', 'rejected', 'deferred', 'blocked', 'unknown'])

/** One try: where it went, how it was protected, what was answered, how long each stage took. */
export const Attempt = z
  .object({
    attempt: z.int(),
    started_at: isoDate,
    duration_ms: z.int(),
    route: RouteReference,
    outcome: AttemptOutcome,
    stage: z.string(),
    class: z.string().nullable(),
    host: z.string(),
    address: z.string().nullable(),
    port: z.int().nullable(),
    tls: z.string().nullable(),
    code: z.int().nullable(),
    enhanced: z.string().nullable(),
    text: z.string(),
    stages_ms: z.record(z.string(), z.number()).nullable(),
    transcript: z.string().nullable(),
  })
  .meta({ id: 'Attempt' })
export type Attempt = z.output<typeof Attempt>

export const Delivery = DeliverySummary.extend({
  attempts: z.array(Attempt),
  events: z.array(Event),
  actions: z.array(DeliveryAction).describe('What makes sense now.'),
}).meta({ id: 'Delivery' })
export type Delivery = z.output<typeof Delivery>

const exampleSummary = {
  id: '0193e0a1-5b0c-7c11-8d2e-2f6a1b9c4d10',
  message_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a',
  recipient: 'ann@example.org',
  stream: 'transactional',
  state: 'queued',
  reason: {
    code: 'connection_refused',
    sentence: 'Route Relay: connection refused by 10.0.0.5:587.',
    hint: 'Is the mail server running, and is 587 its port? The doctor on the route page tries the usual ports.',
    failure: null,
    at: '2026-11-21T12:02:10.000Z',
  },
  due_at: '2026-11-21T12:03:10.000Z',
  attempt: 1,
  failures: 0,
  policy: null,
  route: { id: '0193e0a0-1111-7abc-9def-0123456789ab', name: 'Relay' },
  waiting_on: null,
  expires_at: '2026-11-23T12:00:00.000Z',
  created_at: '2026-11-21T12:00:00.000Z',
  settled_at: null,
  complained_at: null,
  subject: 'Your sign-in code',
  sender: 'Shop <shop@example.com>',
  campaign: null,
}
export const exampleDelivery = { ...exampleSummary, attempts: [], events: [], actions: ['retry', 'hold', 'cancel'] }

/** `queued,held` in a URL. */
const statesInUrl = z.codec(z.string().max(200), z.array(DeliveryState).min(1), {
  decode: (text) => text.split(',') as DeliveryState[],
  encode: (states) => states.join(','),
})

export const listDeliveries = endpoint({
  method: 'GET',
  path: '/v1/deliveries',
  summary: 'Deliveries, newest first: one for each recipient of each message.',
  permission: 'delivery.read',
  transaction: 'read',
  params: z.strictObject({
    state: statesInUrl.optional().describe('One state, or several with commas: `queued,held`.'),
    recipient: z.string().min(1).max(320).optional().describe('The whole address, in any case.'),
    route: id<'route'>().optional(),
    stream: Stream.optional(),
    receiver: z.string().min(1).max(255).optional().describe('Who receives for it: `google`, `other`, …'),
    since: isoDate.optional().describe('Created at this time or later.'),
    until: isoDate.optional().describe('Created before this time.'),
    ...pageParams,
  }),
  reply: pageOf(DeliverySummary),
  errors: ['invalid_cursor'],
  example: { params: { state: 'queued,held', limit: '50' }, reply: { items: [exampleSummary], next: null } },
})

const params = z.strictObject({ id: id<'delivery'>() })
const example = { params: { id: exampleSummary.id }, reply: exampleSummary }
const common = {
  permission: 'delivery.manage',
  transaction: 'write',
  params,
  reply: DeliverySummary,
  errors: ['not_found', 'wrong_state'],
  example,
} as const

export const cancelDelivery = endpoint({
  method: 'PUT',
  path: '/v1/deliveries/:id/cancel',
  summary: 'Do not send to this recipient. What has been handed over cannot be recalled.',
  ...common,
})
export const holdDelivery = endpoint({
  method: 'PUT',
  path: '/v1/deliveries/:id/hold',
  summary: 'Keep it until someone releases it.',
  ...common,
})
export const releaseDelivery = endpoint({
  method: 'PUT',
  path: '/v1/deliveries/:id/release',
  summary: 'Let a held delivery go on.',
  ...common,
})
export const retryDelivery = endpoint({
  method: 'PUT',
  path: '/v1/deliveries/:id/retry',
  summary: 'Try now: without waiting, or once more after an end that was not delivery.',
  ...common,
})
export const resendDelivery = endpoint({
  method: 'PUT',
  path: '/v1/deliveries/:id/resend',
  summary: 'Send once more though the first may have arrived: ends an unknown outcome, or makes a new message to this recipient.',
  ...common,
  permission: 'messages.send',
})
export const leaveDelivery = endpoint({
  method: 'PUT',
  path: '/v1/deliveries/:id/leave',
  summary: 'Take an unknown outcome as sent, and do not send again.',
  ...common,
})

export const deliveryEndpoints = [
  listDeliveries,
  cancelDelivery,
  holdDelivery,
  releaseDelivery,
  retryDelivery,
  resendDelivery,
  leaveDelivery,
] as const
