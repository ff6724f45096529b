import { z } from 'zod'
import { MAX_MAIL_BYTES, MAX_RECIPIENTS } from '../../inbound/mail-size.ts'
import { endpoint, upload } from '../endpoint.ts'
import { id, isoDate } from './shapes.ts'

const exampleId = '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1d'
const exampleInbox = '0193e0a0-5555-7abc-9def-0123456789ab'

const addressesInUrl = z.codec(z.string().min(1).max(20_000), z.array(z.string().min(1).max(320)).max(MAX_RECIPIENTS), {
  decode: (text) => text.split(',').map((address) => address.trim()),
  encode: (addresses) => addresses.join(','),
})

export const HandedIn = z
  .object({
    arrivals: z
      .array(
        z.object({
          id: id<'inbound_mail'>(),
          inbox_id: id<'inbox'>().nullable().describe('Null: what is written on the mail will tell.'),
          url: z.string().describe('Where to read what became of it.'),
        }),
      )
      .describe('One for each inbox that it came to.'),
    received_at: isoDate,
  })
  .meta({ id: 'HandedIn' })
export type HandedIn = z.output<typeof HandedIn>

export const handInMail = endpoint({
  method: 'POST',
  path: '/v1/inbound/raw',
  summary: 'Hand in a mail that came, as it is.',
  description:
    'The body is the mail itself (RFC 5322), not encoded in any way. It is answered when the mail is stored and will not be lost; what becomes of it is read at `url`. Without `inbox_id` and `recipients` its own headers say whose it is.',
  permission: 'mail.receive',
  transaction: 'write',
  params: z.strictObject({
    inbox_id: id<'inbox'>().optional().describe('Whose mail it is, whatever is written on it.'),
    recipients: addressesInUrl
      .optional()
      .describe(`Whom the envelope named (RFC 5321 RCPT), divided by commas; ${MAX_RECIPIENTS} at most.`),
    sender: z
      .string()
      .max(320)
      .optional()
      .describe('Whom the envelope named as its sender (MAIL); empty for the null return path.'),
  }),
  body: upload,
  consumes: ['message/rfc822'],
  maxBodyBytes: MAX_MAIL_BYTES,
  idempotent: true,
  reply: HandedIn,
  status: 202,
  errors: ['mail_type_needed', 'not_found', 'invalid_address', 'storage_full', 'idempotency_key_reused'],
  example: {
    params: { recipients: 'support@example.com', sender: 'bob@example.org' },
    body: 'From: bob@example.org\r\nTo: support@example.com\r\nSubject: Hello\r\n\r\nIs anybody there?\r\n',
    reply: {
      arrivals: [{ id: exampleId, inbox_id: exampleInbox, url: `/v1/arrivals/${exampleId}` }],
      received_at: '2026-11-21T12:00:00.000Z',
    },
  },
})

export const handInEndpoints = [handInMail]
