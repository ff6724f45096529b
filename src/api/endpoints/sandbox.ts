import { z } from 'zod'
import { download, endpoint } from '../endpoint.ts'
import { flagInUrl, id, integerInUrl, isoDate, pageOf, pageParams } from './shapes.ts'

export const SandboxMailSummary = z
  .object({
    id: id<'sandbox_mail'>(),
    message_id: id<'message'>(),
    delivery_id: id<'delivery'>(),
    received_at: isoDate,
    sender: z.string(),
    recipient: z.string(),
    subject: z.string(),
    size_bytes: z.int(),
  })
  .meta({ id: 'SandboxMailSummary' })
export type SandboxMailSummary = z.output<typeof SandboxMailSummary>

export const SandboxMail = SandboxMailSummary.extend({
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
  text: z.string().nullable(),
  html: z.string().nullable().describe('Made safe: no scripts, no forms; remote images only when asked for.'),
  remote_images: z.int().describe('How many images would be fetched from elsewhere.'),
  attachments: z.array(z.object({ index: z.int(), filename: z.string(), content_type: z.string(), size_bytes: z.int() })),
}).meta({ id: 'SandboxMail' })
export type SandboxMail = z.output<typeof SandboxMail>

const exampleSummary = {
  id: '0193e0a1-7777-7c10-8a41-9f0e5d3c2b1a',
  message_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a',
  delivery_id: '0193e0a1-5b0c-7c11-8d2e-2f6a1b9c4d10',
  received_at: '2026-11-21T12:00:01.000Z',
  sender: 'shop@example.com',
  recipient: 'ann@example.org',
  subject: 'Your sign-in code',
  size_bytes: 1312,
}
const params = z.strictObject({ id: id<'sandbox_mail'>() })

export const listSandboxMails = endpoint({
  method: 'GET',
  path: '/v1/sandbox/mails',
  summary: 'What the sandbox kept instead of sending, newest first.',
  permission: 'delivery.read',
  transaction: 'read',
  params: z.strictObject({ recipient: z.string().min(1).max(320).optional(), ...pageParams }),
  reply: pageOf(SandboxMailSummary),
  errors: ['invalid_cursor'],
  example: { reply: { items: [exampleSummary], next: null } },
})
export const getSandboxMail = endpoint({
  method: 'GET',
  path: '/v1/sandbox/mails/:id',
  summary: 'One kept mail, made safe to look at.',
  permission: 'delivery.read',
  transaction: 'none',
  params: z.strictObject({ id: id<'sandbox_mail'>(), images: flagInUrl.optional().describe('1: leave remote images in.') }),
  reply: SandboxMail,
  errors: ['not_found', 'mail_unreadable'],
  example: {
    params: { id: exampleSummary.id },
    reply: {
      ...exampleSummary,
      headers: [{ name: 'Subject', value: 'Your sign-in code' }],
      text: 'Your code is 142857.',
      html: null,
      remote_images: 0,
      attachments: [],
    },
  },
})
export const showSandboxMail = endpoint({
  method: 'GET',
  path: '/v1/sandbox/mails/:id/html',
  summary: 'The HTML of a kept mail, for a frame: made safe, and under a policy of its own.',
  description:
    'No script, no form, no request to anywhere; with `images=1` remote images load. A mail without HTML shows its text.',
  permission: 'delivery.read',
  transaction: 'none',
  params: z.strictObject({ id: id<'sandbox_mail'>(), images: flagInUrl.optional() }),
  produces: 'text/html',
  reply: download,
  errors: ['not_found', 'mail_unreadable'],
  example: { params: { id: exampleSummary.id } },
})
export const getRawSandboxMail = endpoint({
  method: 'GET',
  path: '/v1/sandbox/mails/:id/raw',
  summary: 'The kept mail, byte for byte.',
  permission: 'delivery.read',
  transaction: 'none',
  params,
  produces: 'message/rfc822',
  reply: download,
  errors: ['not_found'],
  example: { params: { id: exampleSummary.id } },
})
export const getSandboxAttachment = endpoint({
  method: 'GET',
  path: '/v1/sandbox/mails/:id/attachments/:index',
  summary: 'One attachment, as a download.',
  permission: 'delivery.read',
  transaction: 'none',
  params: z.strictObject({ id: id<'sandbox_mail'>(), index: integerInUrl(0, 10_000) }),
  produces: 'application/octet-stream',
  reply: download,
  errors: ['not_found', 'mail_unreadable'],
  example: { params: { id: exampleSummary.id, index: '0' } },
})
export const clearSandbox = endpoint({
  method: 'DELETE',
  path: '/v1/sandbox/mails',
  summary: 'Forget every mail that the sandbox kept.',
  permission: 'delivery.manage',
  transaction: 'write',
  example: {},
})

export const sandboxEndpoints = [
  listSandboxMails,
  getSandboxMail,
  showSandboxMail,
  getRawSandboxMail,
  getSandboxAttachment,
  clearSandbox,
] as const
