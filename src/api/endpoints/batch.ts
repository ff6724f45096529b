import { z } from 'zod'
import { MAX_BATCH, MAX_VALUE, MAX_VALUES } from '../../gateway/send-request.ts'
import { endpoint } from '../endpoint.ts'
import { Accepted, AddressText, MAX_SEND_BODY_BYTES, metadata, SendBody, sendErrors } from './messages.ts'
import { id, isoDate, Stream } from './shapes.ts'

const Values = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_.]{0,63}$/, 'must be a name'), z.union([z.string().max(MAX_VALUE), z.number()]))
  .refine((all) => Object.keys(all).length <= MAX_VALUES, `must not have more than ${MAX_VALUES} values`)

const Recipient = z.strictObject({
  to: AddressText,
  values: Values.optional().describe('What `{{ name }}` stands for in this message. In HTML they are text, not markup.'),
  metadata,
})

export const BatchBody = z
  .strictObject({
    ...SendBody.omit({ to: true, cc: true, bcc: true }).shape,
    stream: Stream.optional().describe('`bulk` when left out.'),
    recipients: z.array(Recipient).min(1).max(MAX_BATCH).describe(`Up to ${MAX_BATCH}. Each gets a message of its own.`),
  })
  .meta({ id: 'BatchBody' })
export type BatchBody = z.output<typeof BatchBody>

const Item = z.object({
  to: z.string().describe('As it came.'),
  id: id<'message'>().nullable(),
  delivery: Accepted.shape.deliveries.element.nullable(),
  problem: z
    .object({ code: z.string(), title: z.string(), detail: z.string() })
    .nullable()
    .describe('Why there is no message for this recipient; null where there is one.'),
})

export const BatchAccepted = z
  .object({
    created_at: isoDate,
    stream: Stream,
    accepted: z.int(),
    refused: z.int(),
    items: z.array(Item).describe('One for each recipient, in their order.'),
  })
  .meta({ id: 'BatchAccepted' })
export type BatchAccepted = z.output<typeof BatchAccepted>

export const sendBatch = endpoint({
  method: 'POST',
  path: '/v1/messages/batch',
  summary: 'Send one text to many: a message of its own for each recipient, with their values in it.',
  description:
    '`{{ name }}` in subject, text, HTML and header values stands for what differs. A recipient whose address is wrong or who lacks a value is told so in `items`, and the others go: look at `refused`. What is accepted is stored in one transaction before the answer.',
  permission: 'messages.send',
  transaction: 'write',
  body: BatchBody,
  reply: BatchAccepted,
  status: 202,
  errors: [...sendErrors],
  idempotent: true,
  maxBodyBytes: MAX_SEND_BODY_BYTES,
  example: {
    body: {
      from: 'Shop <news@example.com>',
      subject: 'New in November, {{ name }}',
      text: 'Hello {{ name }},\n\nyour points: {{ points }}\n',
      html: '<p>Hello {{ name }},</p><p>your points: {{ points }}</p>',
      recipients: [
        { to: 'Ann <ann@example.org>', values: { name: 'Ann', points: 120 } },
        { to: 'bob@example.org', values: { name: 'Bob' } },
      ],
    },
    reply: {
      created_at: '2026-11-21T12:00:00.000Z',
      stream: 'bulk',
      accepted: 1,
      refused: 1,
      items: [
        {
          to: 'Ann <ann@example.org>',
          id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a',
          delivery: {
            id: '0193e0a1-5b0d-7a52-b0de-4c8e1f6a7d90',
            recipient: 'ann@example.org',
            state: 'queued',
            reason: null,
            due_at: '2026-11-21T12:00:00.000Z',
          },
          problem: null,
        },
        {
          to: 'bob@example.org',
          id: null,
          delivery: null,
          problem: {
            code: 'missing_value',
            title: 'A value is missing',
            detail: 'The text uses "{{ points }}", but this recipient has no value of that name.',
          },
        },
      ],
    },
  },
})

export const batchEndpoints = [sendBatch] as const
