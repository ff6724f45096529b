import { z } from 'zod'
import { FEEDBACK_SOURCES, FEEDBACK_STATES } from '../../delivery/feedback/news.ts'
import { download, endpoint } from '../endpoint.ts'
import { id, isoDate, pageOf, pageParams, RouteReference } from './shapes.ts'

export const FeedbackState = z.enum(FEEDBACK_STATES)
export type FeedbackState = z.output<typeof FeedbackState>
export const FeedbackSource = z.enum(FEEDBACK_SOURCES)
export type FeedbackSource = z.output<typeof FeedbackSource>

export const FeedbackSummary = z
  .object({
    id: id<'feedback'>(),
    source: FeedbackSource.describe('dsn: a bounce mail. arf: a complaint mail. ses, scaleway: an event of that provider.'),
    route: RouteReference.nullable().describe('The route whose provider told it; null for mail.'),
    received_at: isoDate,
    happened_at: isoDate.nullable().describe('When it happened, by the words of who told it.'),
    state: FeedbackState.describe(
      'parked: nothing of ours is known by it yet, it is looked for again during a day. unmatched: nothing became known. ignored: it says nothing about whether mail arrived. failed: not believed, or not understood.',
    ),
    reason: z.string().nullable(),
    next_try_at: isoDate.nullable(),
    parked_until: isoDate.nullable(),
    applied_at: isoDate.nullable(),
    events: z.int().describe('Pieces of news in it: one for each recipient that it speaks of.'),
    size_bytes: z.int(),
    is_kept: z.boolean().describe('Whether it can still be looked at as it came, and read again: for a week.'),
  })
  .meta({ id: 'FeedbackSummary' })
export type FeedbackSummary = z.output<typeof FeedbackSummary>

export const Feedback = FeedbackSummary.extend({
  headers: z.record(z.string(), z.string()).describe('Headers of the request, or sender and recipient of the mail.'),
  news: z
    .array(
      z.object({
        kind: z.string(),
        delivery_id: id<'delivery'>(),
        message_id: id<'message'>(),
        recipient: z.string(),
        state: z.string().describe('Where the delivery stands now.'),
      }),
    )
    .describe('What it told that was not known before.'),
}).meta({ id: 'Feedback' })
export type Feedback = z.output<typeof Feedback>

export const RouteFeedback = z
  .object({
    kind: z.enum(['ses', 'scaleway']),
    url: z
      .string()
      .nullable()
      .describe('The address to enter at the provider. It holds a secret: null for whoever may not change routes.'),
    topic_arn: z.string().nullable().describe('The topic whose messages are believed: a setting of the route.'),
    seen_topic: z.string().nullable().describe('Another topic that sent something, or asked to be confirmed.'),
    confirmed_at: isoDate.nullable().describe('When we confirmed the subscription of the topic.'),
    last_received_at: isoDate.nullable().describe('The latest request at the address, believed or not.'),
    last_believed_at: isoDate.nullable().describe('The latest that proved to be of the provider.'),
    polled_at: isoDate.nullable().describe('When the provider was last asked, because no topic tells anything.'),
    poll_error: z.string().nullable(),
    lag: z
      .object({ count: z.int(), p50_seconds: z.number().nullable(), p95_seconds: z.number().nullable() })
      .describe('How long news takes from the event to us, over the latest 500.'),
  })
  .meta({ id: 'RouteFeedback' })
export type RouteFeedback = z.output<typeof RouteFeedback>

const exampleSummary = {
  id: '0193e0a1-8888-7c10-8a41-9f0e5d3c2b1a',
  source: 'ses',
  route: { id: '0193e0a0-1111-7abc-9def-0123456789ab', name: 'SES' },
  received_at: '2026-11-22T12:00:02.000Z',
  happened_at: '2026-11-22T12:00:00.000Z',
  state: 'applied',
  reason: null,
  next_try_at: null,
  parked_until: null,
  applied_at: '2026-11-22T12:00:03.000Z',
  events: 1,
  size_bytes: 1874,
  is_kept: true,
}
const params = z.strictObject({ id: id<'feedback'>() })
const exampleParams = { id: exampleSummary.id }
const filters = {
  state: FeedbackState.optional(),
  source: FeedbackSource.optional(),
  route_id: id<'route'>().optional().describe('Only what the provider of this route told.'),
}

export const listFeedback = endpoint({
  method: 'GET',
  path: '/v1/feedback',
  summary: 'What was heard of mail after it was sent, newest first.',
  permission: 'delivery.read',
  transaction: 'read',
  params: z.strictObject({ ...filters, ...pageParams }),
  reply: pageOf(FeedbackSummary),
  errors: ['invalid_cursor'],
  example: { reply: { items: [exampleSummary], next: null } },
})
export const getFeedback = endpoint({
  method: 'GET',
  path: '/v1/feedback/:id',
  summary: 'One piece of it, and what it came to.',
  permission: 'delivery.read',
  transaction: 'read',
  params,
  reply: Feedback,
  errors: ['not_found'],
  example: {
    params: exampleParams,
    reply: {
      ...exampleSummary,
      headers: { 'x-amz-sns-message-type': 'Notification' },
      news: [
        {
          kind: 'bounced',
          delivery_id: '0193e0a1-5b0c-7c11-8d2e-2f6a1b9c4d10',
          message_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a',
          recipient: 'ann@example.org',
          state: 'bounced',
        },
      ],
    },
  },
})
export const getRawFeedback = endpoint({
  method: 'GET',
  path: '/v1/feedback/:id/raw',
  summary: 'As it came, byte for byte. Kept for a week.',
  permission: 'delivery.read',
  transaction: 'read',
  params,
  produces: 'application/octet-stream',
  reply: download,
  errors: ['not_found', 'not_kept'],
  example: { params: exampleParams },
})
export const replayFeedback = endpoint({
  method: 'POST',
  path: '/v1/feedback/:id/replay',
  summary: 'Read it again, for instance after the settings of its route were mended.',
  description: 'What is known already is not told twice: reading again is always safe.',
  permission: 'delivery.manage',
  transaction: 'write',
  params,
  errors: ['not_found', 'not_kept'],
  example: { params: exampleParams },
})
export const replayFeedbackBy = endpoint({
  method: 'POST',
  path: '/v1/feedback/replay',
  summary: 'Read again everything that fits, at most 10,000 pieces, the oldest first.',
  permission: 'delivery.manage',
  transaction: 'write',
  body: z.strictObject({ ...filters, since: isoDate.optional(), until: isoDate.optional() }),
  reply: z.object({ count: z.int().describe('How many will be read again.') }),
  example: { body: { state: 'failed', since: '2026-11-22T00:00:00.000Z' }, reply: { count: 12 } },
})
export const listComplaintAddresses = endpoint({
  method: 'GET',
  path: '/v1/complaint-addresses',
  summary: 'The addresses to enter where mailbox providers offer feedback loops, one for each domain of the workspace.',
  description:
    'Complaints that come there (RFC 5965) are read like bounces: they name their mail by the return path it carries, or by its Message-ID. An address proves by itself that it is of this workspace.',
  permission: 'routes.manage',
  transaction: 'read',
  reply: z.object({ items: z.array(z.object({ domain: z.string(), address: z.string() })), next: z.null() }),
  example: {
    reply: {
      items: [{ domain: 'example.com', address: 'f+agj6bic3bv6bbcsbt4hf2pbldiuta5q6yq2m4nqvxzb7akwd4i@bounces.example.com' }],
      next: null,
    },
  },
})
const routeParams = z.strictObject({ id: id<'route'>() })
const exampleRouteFeedback = {
  kind: 'ses',
  url: 'https://mail.example.com/in/ses/0193e0a0-1111-7abc-9def-0123456789ab/1-a2b3c4d5e6f7a2b3c4d5e6f7a2b3c4d5',
  topic_arn: 'arn:aws:sns:eu-west-1:123456789012:mail-news',
  seen_topic: null,
  confirmed_at: '2026-11-20T09:10:00.000Z',
  last_received_at: '2026-11-22T12:00:02.000Z',
  last_believed_at: '2026-11-22T12:00:03.000Z',
  polled_at: null,
  poll_error: null,
  lag: { count: 500, p50_seconds: 2, p95_seconds: 6 },
}
export const getRouteFeedback = endpoint({
  method: 'GET',
  path: '/v1/routes/:id/feedback',
  summary: 'How the provider of a route tells what became of mail, and how late.',
  permission: 'routes.read',
  transaction: 'read',
  params: routeParams,
  reply: RouteFeedback,
  errors: ['not_found'],
  example: { params: { id: exampleSummary.route.id }, reply: exampleRouteFeedback },
})
export const renewRouteFeedback = endpoint({
  method: 'POST',
  path: '/v1/routes/:id/feedback/address',
  summary: 'A new address for the provider to tell news to. The old one is refused from then on.',
  permission: 'routes.manage',
  transaction: 'write',
  params: routeParams,
  reply: RouteFeedback,
  errors: ['not_found'],
  example: { params: { id: exampleSummary.route.id }, reply: exampleRouteFeedback },
})

export const feedbackEndpoints = [
  listFeedback,
  getFeedback,
  getRawFeedback,
  replayFeedback,
  replayFeedbackBy,
  listComplaintAddresses,
  getRouteFeedback,
  renewRouteFeedback,
] as const
