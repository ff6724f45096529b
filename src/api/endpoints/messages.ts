import { z } from 'zod'
import { STREAM_RULES, STREAMS } from '../../delivery/stream.ts'
import { MAX_METADATA, MAX_METADATA_NAME, MAX_METADATA_TEXT, MAX_TAG, MAX_TAGS } from '../../gateway/send-request.ts'
import { HOUR } from '../../lib/clock.ts'
import { download, endpoint } from '../endpoint.ts'
import { CampaignReference, Delivery, DeliveryState, exampleDelivery } from './deliveries.ts'
import { Event, id, isoDate, line, pageOf, pageParams, Reason, Stream } from './shapes.ts'

/** Bodies of the two sending endpoints: 25 MB of attachments are 34 MB in base64. */
export const MAX_SEND_BODY_BYTES = 40 * 1024 * 1024

export const AddressText = z.string().min(1).max(2000).describe('`ann@example.org` or `Ann <ann@example.org>`.')

/** One address or a list of them; always a list in code. */
const AddressList = z.codec(z.union([AddressText, z.array(AddressText)]), z.array(AddressText), {
  decode: (given) => (typeof given === 'string' ? [given] : given),
  encode: (list) => list,
})

const tags = z.array(line(1, MAX_TAG)).max(MAX_TAGS).optional().describe(`Up to ${MAX_TAGS} words to find it by.`)
export const metadata = z
  .record(line(1, MAX_METADATA_NAME), z.union([z.string().max(MAX_METADATA_TEXT), z.number(), z.boolean(), z.null()]))
  .refine((all) => Object.keys(all).length <= MAX_METADATA, `must not have more than ${MAX_METADATA} entries`)
  .optional()
  .describe('Your own values; kept beside the message, never sent.')
const patience = STREAMS.map((stream) => `${STREAM_RULES[stream].lifetimeMs / HOUR} hours for ${stream}`).join(', ')
const schedule = {
  scheduled_at: isoDate.optional().describe('Not before this time.'),
  expires_at: isoDate
    .optional()
    .describe(
      `Give up at this time, at most 30 days after it may go. Left out, what the stream allows from the time that it may go: ${patience}.`,
    ),
}

/** RFC 5322 §2.2. */
const HeaderName = z.string().regex(/^[!-9;-~]{1,76}$/, 'must be 1 to 76 printable ASCII characters without space and colon')

export const AttachmentBody = z.strictObject({
  filename: line(1, 255),
  content_type: line(3, 255).optional().describe('`application/octet-stream` when left out.'),
  content: z.string().describe('The bytes in base64.'),
  content_id: line(1, 255).optional().describe('For `cid:` references in the HTML; makes the attachment inline.'),
})

const TrackingBody = z
  .strictObject({
    opens: z.boolean().optional().describe('A picture of one pixel, at the end of the HTML.'),
    clicks: z
      .boolean()
      .optional()
      .describe('Links of the HTML lead through this server, but those with `data-track="off"` and those to unsubscribe.'),
  })
  .meta({ id: 'Tracking' })

export const SendBody = z
  .strictObject({
    from: AddressText,
    to: AddressList.optional(),
    cc: AddressList.optional(),
    bcc: AddressList.optional(),
    reply_to: AddressList.optional(),
    subject: line(0, 2000).optional(),
    text: z.string().optional(),
    html: z.string().optional(),
    headers: z.record(HeaderName, line(0, 10_000)).optional().describe('Additional headers, by name.'),
    attachments: z.array(AttachmentBody).optional(),
    tracking: TrackingBody.optional().describe(
      'Off, but in the bulk stream where the domain of `from` has a verified host for links.',
    ),
    stream: Stream.optional().describe('`transactional` when left out.'),
    tags,
    metadata,
    ...schedule,
  })
  .meta({ id: 'SendBody' })
export type SendBody = z.output<typeof SendBody>

export const RawBody = z.strictObject({
  raw: z.string().min(1).describe('The whole mail (RFC 5322) in base64.'),
  to: z.array(AddressText).min(1).optional().describe('Envelope recipients. Left out: those in To, Cc and Bcc of the mail.'),
  stream: Stream.optional(),
  tags,
  metadata,
  ...schedule,
})
export type RawBody = z.output<typeof RawBody>

export const Accepted = z
  .object({
    id: id<'message'>(),
    created_at: isoDate,
    stream: Stream,
    deliveries: z.array(
      z.object({
        id: id<'delivery'>(),
        recipient: z.string(),
        state: DeliveryState,
        reason: Reason.nullable(),
        due_at: isoDate.nullable(),
      }),
    ),
  })
  .meta({ id: 'Accepted' })
export type Accepted = z.output<typeof Accepted>

const counts = z.partialRecord(DeliveryState, z.int()).describe('How many of its deliveries are in each state.')

const facts = {
  id: id<'message'>(),
  created_at: isoDate,
  stream: Stream,
  from: z.string(),
  envelope_sender: z.string(),
  to: z.array(z.string()),
  cc: z.array(z.string()),
  bcc: z.array(z.string()),
  subject: z.string(),
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()),
  message_id_header: z.string(),
  size_bytes: z.int(),
  scheduled_at: isoDate.nullable(),
  expires_at: isoDate,
  resend_of: id<'message'>().nullable(),
  origin: z.record(z.string(), z.unknown()).describe('What caused it: an API key, a person, a test.'),
  counts,
}

export const MessageSummary = z.object({ ...facts, first_recipient: z.string().nullable() }).meta({ id: 'MessageSummary' })
export type MessageSummary = z.output<typeof MessageSummary>

const Seen = z.object({ deliveries: z.int(), hits: z.int() })
const SeenBy = z.object({ human: Seen, proxy: Seen, scanner: Seen, unknown: Seen })
const MessageTracking = z
  .object({ opens: z.boolean(), clicks: z.boolean(), opened: SeenBy, clicked: SeenBy })
  .describe('What was seen, by who it seems to have been: how many of its deliveries, and how often. A few seconds behind.')
  .meta({ id: 'MessageTracking' })

export const Message = z
  .object({
    ...facts,
    tracking: MessageTracking.nullable().describe('Null: it is not tracked.'),
    campaign: CampaignReference.nullable(),
    deliveries: z.array(Delivery),
    events: z.array(Event),
  })
  .meta({ id: 'Message' })
export type Message = z.output<typeof Message>

const exampleFacts = {
  id: exampleDelivery.message_id,
  created_at: '2026-11-21T12:00:00.000Z',
  stream: 'transactional',
  from: 'Shop <shop@example.com>',
  envelope_sender: 'shop@example.com',
  to: ['Ann <ann@example.org>'],
  cc: [],
  bcc: [],
  subject: 'Your sign-in code',
  tags: ['sign-in'],
  metadata: { customer: 4711 },
  message_id_header: '<0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a@example.com>',
  size_bytes: 1312,
  scheduled_at: null,
  expires_at: '2026-11-23T12:00:00.000Z',
  resend_of: null,
  origin: { kind: 'api' },
  counts: { queued: 1 },
}
const exampleMessage = { ...exampleFacts, tracking: null, campaign: null, deliveries: [exampleDelivery], events: [] }
const exampleAccepted = {
  id: exampleFacts.id,
  created_at: exampleFacts.created_at,
  stream: 'transactional',
  deliveries: [
    { id: exampleDelivery.id, recipient: 'ann@example.org', state: 'queued', reason: null, due_at: '2026-11-21T12:00:00.000Z' },
  ],
}

export const sendErrors = [
  'invalid_address',
  'control_character',
  'text_too_large',
  'too_many_recipients',
  'too_many_attachments',
  'too_many_headers',
  'message_too_large',
  'idempotency_key_reused',
  'storage_full',
] as const

export const sendMessage = endpoint({
  method: 'POST',
  path: '/v1/messages',
  summary: 'Send a message: one delivery for each recipient in to, cc and bcc.',
  description:
    'Answered with 202 after the message and all its deliveries are stored durably. With an `Idempotency-Key`, repeating the same request gives the first answer and the header `Idempotency-Replayed: true`.',
  permission: 'messages.send',
  transaction: 'write',
  body: SendBody,
  reply: Accepted,
  status: 202,
  errors: sendErrors,
  idempotent: true,
  maxBodyBytes: MAX_SEND_BODY_BYTES,
  example: {
    body: {
      from: 'Shop <shop@example.com>',
      to: ['Ann <ann@example.org>'],
      subject: 'Your sign-in code',
      text: 'Your code is 142857. It is good for ten minutes.',
      tags: ['sign-in'],
      metadata: { customer: 4711 },
    },
    reply: exampleAccepted,
  },
})

export const sendRawMessage = endpoint({
  method: 'POST',
  path: '/v1/messages/raw',
  summary: 'Send a finished mail (RFC 5322) as it is.',
  permission: 'messages.send',
  transaction: 'write',
  body: RawBody,
  reply: Accepted,
  status: 202,
  errors: sendErrors,
  idempotent: true,
  maxBodyBytes: MAX_SEND_BODY_BYTES,
  example: {
    body: {
      raw: 'RnJvbTogc2hvcEBleGFtcGxlLmNvbQ0KVG86IGFubkBleGFtcGxlLm9yZw0KU3ViamVjdDogSGkNCg0KSGVsbG8uDQo=',
      to: ['ann@example.org'],
    },
    reply: exampleAccepted,
  },
})

export const listMessages = endpoint({
  method: 'GET',
  path: '/v1/messages',
  summary: 'Messages, newest first.',
  permission: 'delivery.read',
  transaction: 'read',
  params: z.strictObject(pageParams),
  reply: pageOf(MessageSummary),
  errors: ['invalid_cursor'],
  example: { params: { limit: '50' }, reply: { items: [{ ...exampleFacts, first_recipient: 'ann@example.org' }], next: null } },
})

const params = z.strictObject({ id: id<'message'>() })

/** Recipients of a campaign share a message and have nothing else in common. */
const ofOne = z.strictObject({
  ...params.shape,
  delivery: id<'delivery'>()
    .optional()
    .describe('Of a campaign: the one recipient that it is about. Elsewhere it means nothing.'),
})

export const getMessage = endpoint({
  method: 'GET',
  path: '/v1/messages/:id',
  summary: 'A message and its whole story: every delivery, every attempt, every event.',
  permission: 'delivery.read',
  transaction: 'read',
  params: ofOne,
  reply: Message,
  errors: ['not_found'],
  example: { params: { id: exampleFacts.id }, reply: exampleMessage },
})

export const getRawMessage = endpoint({
  method: 'GET',
  path: '/v1/messages/:id/raw',
  summary: 'The mail as it is handed over (RFC 5322).',
  permission: 'delivery.read',
  transaction: 'read',
  params: ofOne,
  produces: 'message/rfc822',
  reply: download,
  errors: ['not_found', 'not_kept'],
  example: { params: { id: exampleFacts.id } },
})

const common = {
  permission: 'delivery.manage',
  transaction: 'write',
  params,
  reply: Message,
  errors: ['not_found', 'nothing_to_do'],
  example: { params: { id: exampleFacts.id }, reply: exampleMessage },
} as const

export const cancelMessage = endpoint({
  method: 'PUT',
  path: '/v1/messages/:id/cancel',
  summary: 'Cancel every delivery that has not been handed over.',
  ...common,
})
export const holdMessage = endpoint({
  method: 'PUT',
  path: '/v1/messages/:id/hold',
  summary: 'Keep every waiting delivery until someone releases it.',
  ...common,
})
export const releaseMessage = endpoint({
  method: 'PUT',
  path: '/v1/messages/:id/release',
  summary: 'Let every held delivery go on.',
  ...common,
})
export const retryMessage = endpoint({
  method: 'PUT',
  path: '/v1/messages/:id/retry',
  summary: 'Try every waiting or failed delivery now.',
  ...common,
})
export const resendMessage = endpoint({
  method: 'PUT',
  path: '/v1/messages/:id/resend',
  summary:
    'Send it once more: a new message with the same content to every recipient whose delivery has ended. Answers with the new one.',
  description: 'Where no delivery has ended, those whose outcome is unknown go once more as they are.',
  ...common,
  permission: 'messages.send',
})

export const messageEndpoints = [
  sendMessage,
  sendRawMessage,
  listMessages,
  getMessage,
  getRawMessage,
  cancelMessage,
  holdMessage,
  releaseMessage,
  retryMessage,
  resendMessage,
] as const
