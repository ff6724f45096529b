import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line } from './shapes.ts'

export const MailboxSecurity = z
  .enum(['tls', 'starttls', 'none'])
  .describe('tls: encrypted from the first byte (port 993). starttls: encrypted before the log-in, required (143). none: never.')
export type MailboxSecurity = z.output<typeof MailboxSecurity>

const MailboxProblem = z.object({
  cause: z
    .string()
    .describe('name, private_address, connection, encryption, login, folder, protocol, timeout, too_large or secret.'),
  sentence: z.string(),
  hint: z.string(),
})

const settings = {
  host: line(1, 255),
  port: z.int().min(1).max(65_535),
  security: MailboxSecurity,
  username: line(1, 320),
  allow_private: z.boolean().describe('Allows an address in a private or loopback network.'),
}

export const Mailbox = z
  .object({
    id: id<'mailbox'>(),
    name: z.string(),
    address: z.string(),
    ...settings,
    source_id: id<'inbound_source'>()
      .nullable()
      .describe('The source that takes mail for inboxes from it; null: it is read for canaries.'),
    state: z.enum(['untried', 'working', 'failing']),
    since: isoDate,
    last_seen_at: isoDate.nullable().describe('When it was last read to the end.'),
    problem: MailboxProblem.nullable(),
    created_at: isoDate,
    updated_at: isoDate,
  })
  .meta({ id: 'Mailbox' })
export type Mailbox = z.output<typeof Mailbox>

export const MailboxLook = z
  .object({
    ok: z.boolean(),
    problem: MailboxProblem.nullable(),
    inbox_mails: z.int().nullable(),
    folders: z.array(z.object({ path: z.string(), role: z.string() })),
  })
  .meta({ id: 'MailboxLook' })
export type MailboxLook = z.output<typeof MailboxLook>

const exampleMailbox = {
  id: '0193e0a0-7777-7abc-9def-0123456789ab',
  name: 'Seed at Gmail',
  address: 'seed@gmail.com',
  host: 'imap.gmail.com',
  port: 993,
  security: 'tls',
  username: 'seed@gmail.com',
  allow_private: false,
  source_id: null,
  state: 'working',
  since: '2026-11-21T12:00:00.000Z',
  last_seen_at: '2026-11-21T12:09:00.000Z',
  problem: null,
  created_at: '2026-11-21T11:59:00.000Z',
  updated_at: '2026-11-21T11:59:00.000Z',
}
const exampleBody = {
  name: 'Seed at Gmail',
  address: 'seed@gmail.com',
  host: 'imap.gmail.com',
  username: 'seed@gmail.com',
  password: 'an app password',
}
const exampleLook = { ok: true, problem: null, inbox_mails: 12, folders: [{ path: 'INBOX', role: 'inbox' }] }
const exampleParams = { id: exampleMailbox.id }
const byId = z.strictObject({ id: id<'mailbox'>() })
const wanted = {
  name: line(1, 100),
  address: line(3, 320),
  host: settings.host,
  port: settings.port.optional().describe('993 with `tls`, else 143, when left out.'),
  security: settings.security.optional().describe('`tls` when left out.'),
  username: settings.username,
  password: z.string().min(1).max(1_024).describe('Sealed before it is stored; never read back.'),
  allow_private: settings.allow_private.optional(),
}

export const listMailboxes = endpoint({
  method: 'GET',
  path: '/v1/mailboxes',
  summary: 'Mailboxes on other servers that are read by IMAP: those of sources, and those of canaries.',
  permission: 'routes.read',
  transaction: 'read',
  reply: z.object({ items: z.array(Mailbox), next: z.null() }),
  example: { reply: { items: [exampleMailbox], next: null } },
})
export const createMailbox = endpoint({
  method: 'POST',
  path: '/v1/mailboxes',
  summary: 'Add a mailbox.',
  permission: 'routes.manage',
  transaction: 'write',
  body: z.strictObject(wanted),
  reply: Mailbox,
  status: 201,
  errors: ['mailbox_name_taken', 'too_many_mailboxes', 'invalid_address', 'private_address_refused'],
  example: { body: exampleBody, reply: exampleMailbox },
})
export const changeMailbox = endpoint({
  method: 'PATCH',
  path: '/v1/mailboxes/:id',
  summary: 'Change a mailbox; what is left out stays.',
  permission: 'routes.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject(wanted).partial(),
  reply: Mailbox,
  errors: ['not_found', 'mailbox_name_taken', 'invalid_address', 'private_address_refused'],
  example: { params: exampleParams, body: { name: 'Gmail' }, reply: { ...exampleMailbox, name: 'Gmail' } },
})
export const removeMailbox = endpoint({
  method: 'DELETE',
  path: '/v1/mailboxes/:id',
  summary: 'Remove a mailbox. What lies in it is not touched.',
  permission: 'routes.manage',
  transaction: 'write',
  params: byId,
  errors: ['not_found', 'mailbox_in_use'],
  example: { params: exampleParams },
})
export const checkMailbox = endpoint({
  method: 'POST',
  path: '/v1/mailboxes/:id/check',
  summary: 'Open a mailbox now and look around, changing nothing.',
  permission: 'routes.manage',
  transaction: 'none',
  params: byId,
  reply: MailboxLook,
  errors: ['not_found', 'database_unavailable'],
  example: { params: exampleParams, reply: exampleLook },
})
export const tryMailbox = endpoint({
  method: 'POST',
  path: '/v1/doctor/mailbox',
  summary: 'Try the settings of a mailbox before they are stored.',
  permission: 'routes.manage',
  transaction: 'none',
  body: z.strictObject({
    host: wanted.host,
    port: wanted.port,
    security: wanted.security,
    username: wanted.username,
    password: wanted.password,
    allow_private: wanted.allow_private,
  }),
  reply: MailboxLook,
  example: {
    body: { host: 'imap.gmail.com', username: 'seed@gmail.com', password: 'an app password' },
    reply: exampleLook,
  },
})

export const mailboxEndpoints = [listMailboxes, createMailbox, changeMailbox, removeMailbox, checkMailbox, tryMailbox] as const
