import { z } from 'zod'
import { MAX_OVERLAP_HOURS, MAX_RATE_PER_MINUTE, MAX_SCOPE_ENTRIES } from '../../accounts/credentials/credential.ts'
import { STREAMS } from '../../delivery/stream.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line, Stream } from './shapes.ts'

const scopes = {
  streams: z
    .array(Stream)
    .min(1)
    .max(STREAMS.length)
    .describe('What it may send on. A mail that names no stream goes on the first.'),
  from_domains: z
    .array(
      z
        .string()
        .toLowerCase()
        .regex(
          /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/,
          'must be a domain, such as example.org or *.example.org',
        ),
    )
    .max(MAX_SCOPE_ENTRIES)
    .describe('Domains of the From header and of MAIL FROM; `*.example.org` is everything below it. Empty: any.'),
  networks: z
    .array(line(1, 60))
    .max(MAX_SCOPE_ENTRIES)
    .describe('Addresses and networks that it may be used from, such as `10.0.0.0/8`. Empty: any.'),
  rate_per_minute: z.int().min(1).max(MAX_RATE_PER_MINUTE).nullable().describe('Recipients a minute; null: no limit.'),
  sandbox: z.boolean().describe('Its mail is kept in the sandbox and never sent.'),
}

export const Credential = z
  .object({
    id: id<'credential'>(),
    name: z.string(),
    username: z.string(),
    secret_prefix: z.string().describe('The first characters of the password, to recognise it by.'),
    previous_until: isoDate.nullable().describe('Until then the password before this one works too.'),
    ...scopes,
    created_at: isoDate,
    created_by: z.string().nullable(),
    rotated_at: isoDate.nullable(),
    expires_at: isoDate.nullable(),
    last_used_at: isoDate.nullable().describe('To the minute.'),
    last_used_ip: z.string().nullable(),
  })
  .meta({ id: 'Credential' })
export type Credential = z.output<typeof Credential>

export const SmtpPlace = z
  .object({
    host: z.string().describe('The name that applications connect to: the host of WAYBILL_URL.'),
    starttls_port: z.int().nullable().describe('Null: switched off.'),
    tls_port: z.int().nullable(),
    mail_host: z.string().describe('The name that other mail servers send to: WAYBILL_MAIL_HOST.'),
    inbound_port: z
      .int()
      .nullable()
      .describe('Where this server listens for their mail; port 25 of the mail host leads there. Null: switched off.'),
    certificate: z
      .enum(['configured', 'self_made'])
      .describe('`self_made`: clients that check certificates must be told to trust it.'),
  })
  .meta({ id: 'SmtpPlace' })
export type SmtpPlace = z.output<typeof SmtpPlace>

const exampleCredential = {
  id: '0193e0a0-5555-7abc-9def-0123456789ab',
  name: 'Docs (production)',
  username: 'docs-production-k7m2x9qa',
  secret_prefix: 'wbs_7Kq2',
  previous_until: null,
  streams: ['transactional'],
  from_domains: ['docs.example.org'],
  networks: ['10.0.0.0/8'],
  rate_per_minute: 600,
  sandbox: false,
  created_at: '2026-11-21T09:00:00.000Z',
  created_by: 'Ann',
  rotated_at: null,
  expires_at: null,
  last_used_at: null,
  last_used_ip: null,
}
const exampleSecret = 'wbs_7Kq2mWcX9bTz4RfL8nHv3PyD6sGj1AeUoQ5iNkVrB0x'
const Issued = Credential.extend({ password: z.string() })

export const listCredentials = endpoint({
  method: 'GET',
  path: '/v1/credentials',
  summary: 'The SMTP credentials of the workspace, newest first, and where they are used.',
  permission: 'keys.manage',
  transaction: 'read',
  reply: z.object({ items: z.array(Credential), next: z.null(), server: SmtpPlace }),
  example: {
    reply: {
      items: [exampleCredential],
      next: null,
      server: {
        host: 'mail.example.org',
        starttls_port: 2587,
        tls_port: 2465,
        mail_host: 'mail.example.org',
        inbound_port: 2525,
        certificate: 'configured',
      },
    },
  },
})
export const createCredential = endpoint({
  method: 'POST',
  path: '/v1/credentials',
  summary: 'Make an SMTP credential. The answer is the only place where its password is ever shown.',
  description: 'What is left out of the scopes is not limited; `streams` is `transactional` alone unless it says otherwise.',
  permission: 'keys.manage',
  transaction: 'write',
  body: z.strictObject({
    name: line(1, 100),
    streams: scopes.streams.optional(),
    from_domains: scopes.from_domains.optional(),
    networks: scopes.networks.optional(),
    rate_per_minute: scopes.rate_per_minute.optional(),
    sandbox: scopes.sandbox.optional(),
    expires_at: isoDate.optional(),
  }),
  reply: Issued,
  status: 201,
  errors: ['too_many_credentials'],
  example: {
    body: { name: 'Docs (production)', from_domains: ['docs.example.org'], networks: ['10.0.0.0/8'], rate_per_minute: 600 },
    reply: { ...exampleCredential, password: exampleSecret },
  },
})
export const rotateCredential = endpoint({
  method: 'POST',
  path: '/v1/credentials/:id/rotate',
  summary: 'Exchange the password. The one before works for some hours more, 24 unless told otherwise.',
  permission: 'keys.manage',
  transaction: 'none',
  params: z.strictObject({ id: id<'credential'>() }),
  body: z.strictObject({
    overlap_hours: z
      .int()
      .min(0)
      .max(MAX_OVERLAP_HOURS)
      .optional()
      .describe('How long the password before works too; 0: not at all, for one that became known.'),
  }),
  reply: Issued,
  errors: ['not_found'],
  example: {
    params: { id: exampleCredential.id },
    body: { overlap_hours: 24 },
    reply: {
      ...exampleCredential,
      rotated_at: '2026-11-22T09:00:00.000Z',
      previous_until: '2026-11-23T09:00:00.000Z',
      password: exampleSecret,
    },
  },
})
export const revokeCredential = endpoint({
  method: 'DELETE',
  path: '/v1/credentials/:id',
  summary: 'Revoke an SMTP credential, at once and for good: connections that are open send nothing more.',
  permission: 'keys.manage',
  transaction: 'write',
  params: z.strictObject({ id: id<'credential'>() }),
  errors: ['not_found'],
  example: { params: { id: exampleCredential.id } },
})

export const credentialEndpoints = [listCredentials, createCredential, rotateCredential, revokeCredential] as const
