import { z } from 'zod'
import { CAMPAIGN_STATES } from '../../campaigns/campaign.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line, pageOf } from './shapes.ts'

export const DomainState = z.enum(['pending', 'verified', 'warning', 'lapsed'])
export const RecordStatus = z.enum([
  'correct',
  'incorrect',
  'missing',
  'duplicate',
  'insecure',
  'incomplete',
  'invalid',
  'conflicting',
  'error',
])

export const Domain = z
  .object({
    id: id<'domain'>(),
    name: z.string(),
    state: DomainState.describe(
      'pending: its key is not in the DNS yet. verified: its mail is signed. warning: the DNS answers otherwise; for a day nothing changes. lapsed: its mail is no longer signed.',
    ),
    state_since: isoDate,
    verified_at: isoDate.nullable().describe('The first time.'),
    return_path_host: z.string(),
    tracking_host: z.string(),
    checked_at: isoDate.nullable(),
    next_check_at: isoDate,
    created_at: isoDate,
  })
  .meta({ id: 'Domain' })
export type Domain = z.output<typeof Domain>

const DnsRecord = z.object({
  subject: z.string().describe('What it is: `spf`, `dmarc`, `dkim:<selector>`, …'),
  type: z.enum(['TXT', 'MX', 'CNAME']),
  name: z.string(),
  value: z.string().describe('Exactly what to publish; joined with what is there already.'),
  zone_line: z.string().describe('The same as a line of a zone file.'),
  need: z.enum(['required', 'recommended', 'optional']),
  why: z.string(),
  status: RecordStatus.nullable().describe(
    'Null before the first look. `error`: the DNS could not be asked, which changes nothing.',
  ),
  sentence: z.string().nullable(),
  found: z.array(z.string()).describe('The actual records.'),
  since: isoDate.nullable(),
  last_ok_at: isoDate.nullable(),
})

const DkimKey = z.object({
  selector: z.string(),
  algorithm: z.enum(['rsa', 'ed25519']),
  state: z.enum(['new', 'published', 'active', 'retiring', 'revoked']),
  since: isoDate,
  created_at: isoDate,
})

const CheckChange = z.object({
  at: isoDate,
  subject: z.string(),
  was: RecordStatus.nullable(),
  status: RecordStatus,
  sentence: z.string(),
  found: z.array(z.string()),
})

export const DomainDetail = Domain.extend({
  records: z.array(DnsRecord),
  keys: z.array(DkimKey).describe('The newest first.'),
  can_rotate: z.boolean(),
  campaigns: z
    .array(z.object({ id: id<'campaign'>(), name: z.string(), state: z.enum(CAMPAIGN_STATES) }))
    .describe('That are scheduled or under way and sent from it, newest first, 20 at most.'),
  history: z.array(CheckChange).describe('The newest first, 100 at most.'),
}).meta({ id: 'DomainDetail' })
export type DomainDetail = z.output<typeof DomainDetail>

const DomainCheck = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(['ok', 'warn', 'fail', 'skip', 'error']).describe('error: the check could not be made, and says nothing.'),
  ms: z.int(),
  evidence: z.string().describe('What was seen and what it means.'),
  found: z.array(z.string()).describe('The actual records.'),
  why: z.string().describe('Why it matters.'),
  affected: z.string().describe('Whose mail it is about.'),
  record: z
    .object({ type: z.enum(['TXT', 'MX', 'CNAME']), name: z.string(), value: z.string() })
    .nullable()
    .describe('What to publish.'),
})
export const DomainReport = z
  .object({ domain: z.string(), ok: z.boolean(), summary: z.string(), checks: z.array(DomainCheck) })
  .meta({ id: 'DomainReport' })
export type DomainReport = z.output<typeof DomainReport>

const exampleDomain = {
  id: '0193e0a0-7777-7abc-9def-0123456789ab',
  name: 'example.com',
  state: 'verified',
  state_since: '2026-11-21T12:05:00.000Z',
  verified_at: '2026-11-21T12:05:00.000Z',
  return_path_host: 'bounces.example.com',
  tracking_host: 'links.example.com',
  checked_at: '2026-11-21T14:05:00.000Z',
  next_check_at: '2026-11-21T15:04:00.000Z',
  created_at: '2026-11-21T12:00:00.000Z',
}
const exampleDetail = {
  ...exampleDomain,
  records: [
    {
      subject: 'return_path',
      type: 'MX',
      name: 'bounces.example.com',
      value: '10 mail.waybill.example',
      zone_line: 'bounces.example.com. IN MX 10 mail.waybill.example.',
      need: 'recommended',
      why: 'Bounces come back to Waybill, each with the recipient it belongs to.',
      status: 'correct',
      sentence: 'Bounces come back here.',
      found: ['MX 10 mail.waybill.example'],
      since: '2026-11-21T12:05:00.000Z',
      last_ok_at: '2026-11-21T14:05:00.000Z',
    },
  ],
  keys: [
    {
      selector: 'wb1a2b3c4dr',
      algorithm: 'rsa',
      state: 'active',
      since: '2026-11-21T12:05:00.000Z',
      created_at: '2026-11-21T12:00:00.000Z',
    },
  ],
  can_rotate: true,
  campaigns: [{ id: '0193e0a0-1212-7abc-9def-0123456789ab', name: 'Spring news', state: 'sending' }],
  history: [
    {
      at: '2026-11-21T12:05:00.000Z',
      subject: 'return_path',
      was: 'missing',
      status: 'correct',
      sentence: 'Bounces come back here.',
      found: ['MX 10 mail.waybill.example'],
    },
  ],
}
const exampleReport = {
  domain: 'example.com',
  ok: true,
  summary: 'Nothing is wrong. To be improved: DMARC.',
  checks: [
    {
      id: 'dmarc',
      title: 'DMARC',
      status: 'warn',
      ms: 12,
      evidence: 'The policy is p=none: receivers only watch. Raise it when the reports show that all your mail passes.',
      found: ['v=DMARC1; p=none'],
      why: 'It says what to do with mail that only pretends to come from the domain.',
      affected: 'Gmail, Yahoo and Microsoft (550 5.7.515) ask whoever sends more than 5,000 a day for it.',
      record: { type: 'TXT', name: '_dmarc.example.com', value: 'v=DMARC1; p=quarantine' },
    },
  ],
}
const exampleId = { id: exampleDomain.id }
const params = z.strictObject({ id: id<'domain'>() })

export const listDomains = endpoint({
  method: 'GET',
  path: '/v1/domains',
  summary: 'The domains that mail is sent from, by name.',
  permission: 'routes.read',
  transaction: 'read',
  reply: pageOf(Domain),
  example: { reply: { items: [exampleDomain], next: null } },
})
export const getDomain = endpoint({
  method: 'GET',
  path: '/v1/domains/:id',
  summary: 'A domain with the records to publish, what the DNS has, its keys and its history.',
  permission: 'routes.read',
  transaction: 'read',
  params,
  reply: DomainDetail,
  errors: ['not_found'],
  example: { params: exampleId, reply: exampleDetail },
})
export const addDomain = endpoint({
  method: 'POST',
  path: '/v1/domains',
  summary: 'Look after a domain.',
  description:
    'Keys are made for it, and the records to publish are in the answer. Nothing changes for its mail until its key is in the DNS.',
  permission: 'routes.manage',
  transaction: 'write',
  body: z.strictObject({
    name: line(1, 253),
    return_path_host: line(1, 253).optional().describe('`bounces.<domain>` when left out.'),
    tracking_host: line(1, 253).optional().describe('`links.<domain>` when left out.'),
  }),
  reply: DomainDetail,
  status: 201,
  errors: ['domain_taken', 'too_many_domains'],
  example: { body: { name: 'example.com' }, reply: exampleDetail },
})
export const changeDomain = endpoint({
  method: 'PATCH',
  path: '/v1/domains/:id',
  summary: 'Give its bounces or its links another host.',
  permission: 'routes.manage',
  transaction: 'write',
  params,
  body: z.strictObject({ return_path_host: line(1, 253).optional(), tracking_host: line(1, 253).optional() }),
  reply: DomainDetail,
  errors: ['not_found'],
  example: { params: exampleId, body: { return_path_host: 'bounces.example.com' }, reply: exampleDetail },
})
export const removeDomain = endpoint({
  method: 'DELETE',
  path: '/v1/domains/:id',
  summary: 'Look after it no longer; its keys are destroyed.',
  permission: 'routes.manage',
  transaction: 'write',
  params,
  errors: ['not_found'],
  example: { params: exampleId },
})
export const rotateDomainKeys = endpoint({
  method: 'POST',
  path: '/v1/domains/:id/rotate',
  summary: 'Make new keys beside those in use.',
  description:
    'The old ones go on signing until the DNS has shown the new ones for an hour. Then they retire: their records stay for seven days, for mail that is still on its way.',
  permission: 'routes.manage',
  transaction: 'write',
  params,
  reply: DomainDetail,
  errors: ['not_found', 'rotation_under_way'],
  example: { params: exampleId, reply: exampleDetail },
})
export const checkDomain = endpoint({
  method: 'POST',
  path: '/v1/domains/:id/check',
  summary: 'Look at its records now, and examine it with fourteen checks.',
  description: 'Takes up to half a minute. What the records say is written down, as the scheduled look does it.',
  permission: 'routes.manage',
  transaction: 'none',
  params,
  reply: z.object({ domain: DomainDetail, report: DomainReport }),
  errors: ['not_found'],
  example: { params: exampleId, reply: { domain: exampleDetail, report: exampleReport } },
})
export const examineDomain = endpoint({
  method: 'POST',
  path: '/v1/doctor/domain',
  summary: 'Examine any domain as the world sees it.',
  permission: 'routes.manage',
  transaction: 'none',
  body: z.strictObject({
    domain: line(1, 253),
    selectors: z.array(line(1, 63)).max(10).optional().describe('DKIM selectors; usual ones are tried when left out.'),
    addresses: z
      .array(z.union([z.ipv4(), z.ipv6()]))
      .max(4)
      .optional()
      .describe('Addresses that its mail leaves from.'),
    relay: line(1, 253).optional().describe('The mail server that its mail leaves by.'),
  }),
  reply: DomainReport,
  example: { body: { domain: 'example.com', selectors: ['s1'] }, reply: exampleReport },
})

export const domainEndpoints = [
  listDomains,
  getDomain,
  addDomain,
  changeDomain,
  removeDomain,
  rotateDomainKeys,
  checkDomain,
  examineDomain,
] as const
