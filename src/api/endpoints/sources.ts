import { z } from 'zod'
import { AFTERWARDS, BEGINNINGS, SOURCE_STATES } from '../../inbound/sources/source.ts'
import { MAILBOX_PROTOCOLS, OAUTH_PROVIDERS } from '../../mailboxes/mailbox.ts'
import { GRANT_ENDS, NEARNESSES } from '../../mailboxes/oauth/ends.ts'
import { endpoint } from '../endpoint.ts'
import { MailboxSecurity } from './mailboxes.ts'
import { id, isoDate, line } from './shapes.ts'

const Provider = z.enum(OAUTH_PROVIDERS)
const Problem = z.object({ cause: z.string(), sentence: z.string(), hint: z.string() })

const Nearness = z.enum(NEARNESSES).describe('`near`: two weeks or less; `close`: three days or less.')

const Connection = z
  .object({
    granted_at: isoDate.describe('When a person agreed.'),
    refreshed_at: isoDate,
    expires_at: isoDate.describe('The end of the token that is shown; it is refreshed before.'),
    failing_since: isoDate.nullable(),
    problem: z.string().nullable().describe('The provider’s words, when it refuses for good: connect anew.'),
    end: z
      .object({
        at: isoDate,
        because: z
          .enum(GRANT_ENDS)
          .describe(
            '`unused`: if nobody uses it until then; `testing`: the application is in testing; `told`: the provider said so.',
          ),
        nearness: Nearness,
      })
      .describe('When the provider ends the grant, as far as it is known.'),
  })
  .describe('What was granted by OAuth 2.')

const SourceMailbox = z.object({
  protocol: z.enum(MAILBOX_PROTOCOLS),
  provider: Provider.nullable().describe('Null: by password.'),
  address: z.string(),
  host: z.string(),
  port: z.int(),
  security: MailboxSecurity,
  username: z.string(),
  allow_private: z.boolean(),
  client_secret_end: z
    .object({ on: z.iso.date(), nearness: Nearness })
    .nullable()
    .describe('Of the application it is connected through, where a person entered it.'),
  connection: Connection.nullable(),
})

const Counted = z.object({
  at: isoDate,
  folders: z.array(
    z.object({
      path: z.string(),
      on_server: z.int().describe('Of what was to be taken so far.'),
      here: z.int().describe('Of these, how many are here.'),
      fetched: z.int().describe('Found missing, and fetched by the count.'),
    }),
  ),
})

export const Source = z
  .object({
    id: id<'inbound_source'>(),
    kind: z.enum(['mailbox', 'folder', 'ses']),
    name: z.string(),
    mailbox: SourceMailbox.nullable(),
    path: z.string().nullable().describe('Of a folder of files: below `import/<workspace>/` of the data folder.'),
    ses: z
      .object({
        topic_arn: z.string().describe('The only topic that is believed.'),
        route_id: id<'route'>().nullable().describe('Whose access to AWS reads what SES put into S3.'),
        url: z.string().describe('To be subscribed to the topic, with HTTPS.'),
      })
      .nullable()
      .describe('Of mail that Amazon SES takes and hands over.'),
    folders: z.array(z.string()),
    inbox_id: id<'inbox'>().nullable().describe('Null: by whom a mail is addressed to.'),
    afterwards: z.enum(AFTERWARDS).describe('What is done with a mail on its server once it was processed.'),
    move_to: z.string().nullable(),
    begin_with: z.enum(BEGINNINGS),
    enabled: z.boolean(),
    state: z.enum(SOURCE_STATES),
    since: isoDate,
    problem: Problem.nullable(),
    trouble: z.enum(['reconnect', 'failing', 'silent']).nullable().describe('What of it needs a person.'),
    last_heard_at: isoDate.nullable(),
    listening: z.enum(['push', 'poll']).nullable(),
    last_mail_at: isoDate.nullable(),
    counted: Counted.nullable(),
    taken: z.int().describe('In the last 30 days.'),
    waiting: z.int().describe('Fetched and not processed yet.'),
    quarantined: z.int(),
    undone: z.int().describe('Mails that could not be marked, moved or deleted on the server yet.'),
    undone_because: z.string().nullable(),
    created_at: isoDate,
    updated_at: isoDate,
  })
  .meta({ id: 'Source' })
export type Source = z.output<typeof Source>

export const SourceExamination = z
  .object({
    ok: z.boolean(),
    checks: z.array(
      z.object({ name: z.string(), state: z.enum(['good', 'bad', 'skipped']), sentence: z.string(), hint: z.string() }),
    ),
    folders: z.array(z.object({ path: z.string(), role: z.string() })),
  })
  .meta({ id: 'SourceExamination' })
export type SourceExamination = z.output<typeof SourceExamination>

export const OAuthApp = z
  .object({
    provider: Provider,
    client_id: z.string(),
    client_secret_ends_on: z.iso.date().nullable().describe('Where a person entered it.'),
    in_testing: z.boolean().describe('Google: the consent screen is in testing, and each grant ends after seven days.'),
    tenant: z.string(),
    redirect_uri: z.string(),
    updated_at: isoDate,
  })
  .meta({ id: 'OAuthApp' })
export type OAuthApp = z.output<typeof OAuthApp>

const wantedMailbox = z.strictObject({
  protocol: z.enum(MAILBOX_PROTOCOLS),
  provider: Provider.nullable().optional().describe('Connect it through this provider instead of a password.'),
  address: line(3, 320),
  host: line(1, 255).optional().describe('May be left out with a provider.'),
  port: z.int().min(1).max(65_535).optional().describe('The usual one when left out.'),
  security: MailboxSecurity.optional(),
  username: line(1, 320),
  password: z.string().min(1).max(1_024).optional().describe('Sealed before it is stored; never read back.'),
  allow_private: z.boolean().optional(),
})
export type WantedMailbox = z.output<typeof wantedMailbox>

const topicArn = z
  .string()
  .max(256)
  .regex(/^arn:aws(-[a-z]+)*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, 'the ARN of an SNS topic')
const wantedSes = z.strictObject({ topic_arn: topicArn, route_id: id<'route'>().nullable().optional() })

const choices = {
  folders: z.array(line(1, 255)).min(1).max(20),
  inbox_id: id<'inbox'>().nullable(),
  afterwards: z.enum(AFTERWARDS),
  move_to: line(1, 255).nullable(),
  enabled: z.boolean(),
}

const exampleSource = {
  id: '0193e0a0-6666-7abc-9def-0123456789ab',
  kind: 'mailbox',
  name: 'Support',
  mailbox: {
    protocol: 'imap',
    provider: null,
    address: 'support@example.com',
    host: 'imap.example.com',
    port: 993,
    security: 'tls',
    username: 'support@example.com',
    allow_private: false,
    client_secret_end: null,
    connection: null,
  },
  path: null,
  ses: null,
  folders: ['INBOX'],
  inbox_id: null,
  afterwards: 'leave',
  move_to: null,
  begin_with: 'new',
  enabled: true,
  state: 'working',
  since: '2026-11-21T12:00:00.000Z',
  problem: null,
  trouble: null,
  last_heard_at: '2026-11-22T09:59:40.000Z',
  listening: 'push',
  last_mail_at: '2026-11-22T09:58:12.000Z',
  counted: { at: '2026-11-22T06:00:00.000Z', folders: [{ path: 'INBOX', on_server: 412, here: 412, fetched: 0 }] },
  taken: 412,
  waiting: 0,
  quarantined: 1,
  undone: 0,
  undone_because: null,
  created_at: '2026-11-21T11:59:00.000Z',
  updated_at: '2026-11-21T11:59:00.000Z',
}
const exampleMailbox = {
  protocol: 'imap',
  address: 'support@example.com',
  host: 'imap.example.com',
  username: 'support@example.com',
  password: 'an app password',
}
const exampleExamination = {
  ok: true,
  checks: [{ name: 'name', state: 'good', sentence: 'imap.example.com is 203.0.113.7.', hint: '' }],
  folders: [{ path: 'INBOX', role: 'inbox' }],
}
const exampleApp = {
  provider: 'microsoft',
  client_id: '8b0c1f7e-0000-4000-8000-000000000000',
  client_secret_ends_on: '2027-05-22',
  in_testing: false,
  tenant: 'common',
  redirect_uri: 'https://mail.example.com/settings/sources/connected',
  updated_at: '2026-11-21T11:59:00.000Z',
}
const exampleParams = { id: exampleSource.id }
const byId = z.strictObject({ id: id<'inbound_source'>() })
const byProvider = z.strictObject({ provider: Provider })
const manage = { permission: 'inboxes.manage' } as const
const CHANGING = [
  'source_name_taken',
  'source_mailbox_taken',
  'mailbox_name_taken',
  'invalid_address',
  'private_address_refused',
  'oauth_app_missing',
] as const

export const listSources = endpoint({
  ...manage,
  method: 'GET',
  path: '/v1/sources',
  summary: 'Where mail is fetched from.',
  transaction: 'read',
  reply: z.object({ items: z.array(Source), next: z.null() }),
  example: { reply: { items: [exampleSource], next: null } },
})
export const createSource = endpoint({
  ...manage,
  method: 'POST',
  path: '/v1/sources',
  summary: 'Fetch mail from a mailbox, or from a folder of files.',
  description:
    'With `mailbox`, a mailbox on another server by IMAP or POP3; with `path`, the `.eml` files of a folder below the import folder; with `ses`, what Amazon SES takes and tells to a topic of SNS.',
  transaction: 'write',
  body: z.strictObject({
    name: line(1, 100),
    mailbox: wantedMailbox.optional(),
    path: line(1, 100).optional(),
    ses: wantedSes.optional(),
    begin_with: z
      .enum(BEGINNINGS)
      .optional()
      .describe('`new` when left out: what comes from now on. `all`: what is there already, too.'),
    ...z.object(choices).partial().shape,
  }),
  reply: Source,
  status: 201,
  errors: [...CHANGING, 'too_many_sources', 'too_many_mailboxes', 'invalid_request'],
  example: { body: { name: 'Support', mailbox: exampleMailbox, folders: ['INBOX'] }, reply: exampleSource },
})
export const changeSource = endpoint({
  ...manage,
  method: 'PATCH',
  path: '/v1/sources/:id',
  summary: 'Change a source; what is left out stays.',
  transaction: 'write',
  params: byId,
  body: z.strictObject({
    name: line(1, 100).optional(),
    mailbox: wantedMailbox.partial().optional(),
    ses: wantedSes.partial().optional(),
    ...z.object(choices).partial().shape,
  }),
  reply: Source,
  errors: ['not_found', 'invalid_request', ...CHANGING],
  example: { params: exampleParams, body: { afterwards: 'mark_seen' }, reply: { ...exampleSource, afterwards: 'mark_seen' } },
})
export const removeSource = endpoint({
  ...manage,
  method: 'DELETE',
  path: '/v1/sources/:id',
  summary: 'Fetch from a source no more. What it brought stays, and what lies on its server too.',
  transaction: 'write',
  params: byId,
  errors: ['not_found'],
  example: { params: exampleParams },
})
export const fetchSource = endpoint({
  ...manage,
  method: 'POST',
  path: '/v1/sources/:id/fetch',
  summary: 'Look for mail now; with `recount`, also count the server against what is here and fetch what is missing.',
  transaction: 'write',
  params: byId,
  body: z.strictObject({ recount: z.boolean().optional() }),
  reply: Source,
  status: 202,
  errors: ['not_found', 'wrong_state'],
  example: { params: exampleParams, body: { recount: true }, reply: exampleSource },
})
export const checkSource = endpoint({
  ...manage,
  method: 'POST',
  path: '/v1/sources/:id/check',
  summary: 'Walk the way to the mailbox step by step, changing nothing.',
  transaction: 'none',
  params: byId,
  reply: SourceExamination,
  errors: ['not_found', 'wrong_state', 'database_unavailable', 'too_busy'],
  example: { params: exampleParams, reply: exampleExamination },
})
export const trySource = endpoint({
  ...manage,
  method: 'POST',
  path: '/v1/doctor/source',
  summary: 'Walk the way to a mailbox before it is stored, and list its folders.',
  transaction: 'none',
  body: wantedMailbox,
  reply: SourceExamination,
  errors: ['private_address_refused', 'invalid_request', 'too_busy'],
  example: { body: exampleMailbox, reply: exampleExamination },
})
export const connectSource = endpoint({
  ...manage,
  method: 'POST',
  path: '/v1/sources/:id/connect',
  summary: 'The page of the provider where a person agrees that mail is fetched. It comes back to the page Sources.',
  transaction: 'write',
  params: byId,
  reply: z.object({ url: z.url() }),
  errors: ['not_found', 'wrong_state', 'oauth_app_missing', 'not_signed_in'],
  example: { params: exampleParams, reply: { url: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize?state=…' } },
})
export const grantSource = endpoint({
  ...manage,
  method: 'POST',
  path: '/v1/oauth/grants',
  summary: 'What the provider sent the browser back with becomes a connection, for the session that began it.',
  transaction: 'none',
  body: z.strictObject({ code: z.string().min(1).max(4_096), state: z.string().min(1).max(4_096) }),
  reply: z.object({ source_id: id<'inbound_source'>().nullable() }),
  errors: ['not_found', 'oauth_state_wrong', 'oauth_refused', 'not_signed_in', 'database_unavailable'],
  example: { body: { code: '0.AX…', state: 'AQ…' }, reply: { source_id: exampleSource.id } },
})
export const listOAuthApps = endpoint({
  ...manage,
  method: 'GET',
  path: '/v1/oauth/apps',
  summary: 'Our applications at providers, through which mailboxes are connected.',
  transaction: 'read',
  reply: z.object({ items: z.array(OAuthApp), redirect_uri: z.string(), next: z.null() }),
  example: { reply: { items: [exampleApp], redirect_uri: exampleApp.redirect_uri, next: null } },
})
export const setOAuthApp = endpoint({
  ...manage,
  method: 'PUT',
  path: '/v1/oauth/apps/:provider',
  summary: 'Register our application of a provider, or renew its secret.',
  transaction: 'write',
  params: byProvider,
  body: z.strictObject({
    client_id: line(1, 300),
    client_secret: z.string().min(1).max(1_024).optional().describe('Needed the first time; sealed, never read back.'),
    client_secret_ends_on: z.iso
      .date()
      .nullable()
      .optional()
      .describe('The day its provider shows; you are told two weeks before. Left out with a new secret: not known.'),
    in_testing: z.boolean().optional().describe('Google: its consent screen is in testing.'),
    tenant: z
      .string()
      .regex(/^[A-Za-z0-9.-]{1,100}$/)
      .optional()
      .describe('Microsoft: whose people may agree; `common` when left out.'),
  }),
  reply: OAuthApp,
  errors: ['invalid_request'],
  example: {
    params: { provider: 'microsoft' },
    body: { client_id: exampleApp.client_id, client_secret: 'a secret', client_secret_ends_on: '2027-05-22' },
    reply: exampleApp,
  },
})
export const removeOAuthApp = endpoint({
  ...manage,
  method: 'DELETE',
  path: '/v1/oauth/apps/:provider',
  summary: 'Forget our application of a provider.',
  transaction: 'write',
  params: byProvider,
  errors: ['not_found', 'oauth_app_in_use'],
  example: { params: { provider: 'microsoft' } },
})

export const sourceEndpoints = [
  listSources,
  createSource,
  changeSource,
  removeSource,
  fetchSource,
  checkSource,
  trySource,
  connectSource,
  grantSource,
  listOAuthApps,
  setOAuthApp,
  removeOAuthApp,
] as const
