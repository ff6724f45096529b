import { z } from 'zod'
import { CAMPAIGN_STATES } from '../../campaigns/campaign.ts'
import { BASES, TABLES } from '../../insight/analytics/figures.ts'
import type { Id } from '../../lib/ids.ts'
import { download, endpoint } from '../endpoint.ts'
import { id, integerInUrl, isoDate } from './shapes.ts'

const BySeen = z
  .object({ human: z.int(), proxy: z.int(), scanner: z.int(), unknown: z.int() })
  .describe('Apart, by who it seems to have been.')

export const CampaignFigures = z
  .object({
    accepted: z.int().describe('Taken by the next mail server.'),
    reached: z.int().describe('Of those, without what came back.'),
    delivered: z.int().describe('Confirmed by the receiving side; many receivers confirm nothing.'),
    bounced: z.int().describe('Refused for good, or come back.'),
    returned: z.int().describe('Of those: come back after a server had taken them.'),
    failed: z.int(),
    expired: z.int(),
    suppressed: z.int(),
    cancelled: z.int(),
    complained: z.int(),
    unsubscribed: z.int(),
    replied: z.int(),
    opened: BySeen,
    clicked: BySeen,
  })
  .meta({ id: 'CampaignFigures', description: 'Numbers of people, each counted once.' })
export type CampaignFigures = z.output<typeof CampaignFigures>

const share = z.number().min(0).max(1).nullable()
export const CampaignRates = z
  .object({
    basis: z
      .enum(BASES)
      .describe('Whom they are of: confirmed deliveries, or, where receivers confirm none, whoever was `reached`.'),
    of: z.int(),
    bounced: share.describe('Of all that came to an end at a mail server.'),
    opened: share.describe('By people alone.'),
    clicked: share.describe('By people alone.'),
    unsubscribed: share,
    complained: share,
    replied: share,
  })
  .meta({ id: 'CampaignRates' })
export type CampaignRates = z.output<typeof CampaignRates>

const measured = { figures: CampaignFigures, rates: CampaignRates }

export const MeasuredCampaign = z.object({
  id: id<'campaign'>(),
  name: z.string(),
  state: z.enum(CAMPAIGN_STATES),
  started_at: isoDate.nullable(),
  finished_at: isoDate.nullable(),
  recipients: z.int().describe('Whoever was to get it.'),
  tracking: z.object({ opens: z.boolean(), clicks: z.boolean() }),
})

export const CampaignResults = z
  .object({
    campaign: MeasuredCampaign,
    ...measured,
    opens: BySeen.describe('How often its pictures were loaded, where `figures` say by how many.'),
    clicks: BySeen.describe('How often its links were followed.'),
    classes: z
      .array(z.object({ class: z.string(), bounced: z.int(), returned: z.int(), failed: z.int(), expired: z.int() }))
      .describe('Why it did not arrive, the most frequent first.'),
    variants: z
      .array(z.object({ variant: z.int(), letter: z.string(), ...measured }))
      .describe('Of a test of several versions: what each of them came to.'),
  })
  .meta({ id: 'CampaignResults' })
export type CampaignResults = z.output<typeof CampaignResults>

export const CampaignLink = z
  .object({
    url: z.string(),
    people: BySeen.describe('Mails in which it was followed at least once.'),
    clicks: BySeen.describe('How often.'),
  })
  .meta({ id: 'CampaignLink' })
export type CampaignLink = z.output<typeof CampaignLink>

export const CampaignAtReceiver = z.object({ receiver: z.string(), ...measured }).meta({ id: 'CampaignAtReceiver' })
export type CampaignAtReceiver = z.output<typeof CampaignAtReceiver>

export const CampaignMoment = z
  .object({ at: isoDate.describe('The beginning of the hour or the day, in UTC.'), figures: CampaignFigures })
  .meta({ id: 'CampaignMoment' })
export type CampaignMoment = z.output<typeof CampaignMoment>

export const ComparedCampaign = z.object({ campaign: MeasuredCampaign, ...measured }).meta({ id: 'ComparedCampaign' })
export type ComparedCampaign = z.output<typeof ComparedCampaign>

const ID = '0193e0a0-8888-7abc-9def-0123456789ab'
const seen = (human: number, proxy = 0, scanner = 0, unknown = 0) => ({ human, proxy, scanner, unknown })
const exampleFigures = {
  ...{ accepted: 430, reached: 426, delivered: 0, bounced: 12, returned: 4, failed: 0, expired: 0, suppressed: 0, cancelled: 0 },
  ...{ complained: 1, unsubscribed: 3, replied: 5, opened: seen(96, 210, 14), clicked: seen(58, 0, 31, 2) },
}
const exampleRates = {
  ...{ basis: 'reached' as const, of: 426, bounced: 0.0274, opened: 0.2254, clicked: 0.1362 },
  ...{ unsubscribed: 0.007, complained: 0.0023, replied: 0.0117 },
}
const exampleCampaign = {
  id: ID,
  name: 'Spring news',
  state: 'done' as const,
  started_at: '2026-11-22T10:05:00.000Z',
  finished_at: '2026-11-22T22:35:00.000Z',
  recipients: 438,
  tracking: { opens: true, clicks: true },
}
const byId = z.strictObject({ id: id<'campaign'>() })
const reading = { permission: 'conversations.read', transaction: 'read' } as const
const ofOne = { ...reading, errors: ['not_found'] } as const

export const getCampaignResults = endpoint({
  method: 'GET',
  path: '/v1/campaigns/:id/results',
  summary: 'What came of a campaign, as of some seconds ago.',
  description: 'Each person counts once, by the latest mail they were sent. Costs the same however many people the campaign has.',
  ...ofOne,
  params: byId,
  reply: CampaignResults,
  example: {
    params: { id: ID },
    reply: {
      campaign: exampleCampaign,
      figures: exampleFigures,
      rates: exampleRates,
      opens: seen(140, 388, 20),
      clicks: seen(83, 0, 62, 2),
      classes: [{ class: 'recipient_unknown', bounced: 9, returned: 4, failed: 0, expired: 0 }],
      variants: [],
    },
  },
})
export const listCampaignLinks = endpoint({
  method: 'GET',
  path: '/v1/campaigns/:id/results/links',
  summary: 'Every link of its text, and who followed it; those that most people followed first.',
  ...ofOne,
  params: byId,
  reply: z.object({ items: z.array(CampaignLink), next: z.null() }),
  example: {
    params: { id: ID },
    reply: { items: [{ url: 'https://example.com/spring', people: seen(58, 0, 31), clicks: seen(83, 0, 62) }], next: null },
  },
})
export const listCampaignReceivers = endpoint({
  method: 'GET',
  path: '/v1/campaigns/:id/results/receivers',
  summary: 'The same by who receives the mail.',
  ...ofOne,
  params: byId,
  reply: z.object({ items: z.array(CampaignAtReceiver), next: z.null() }),
  example: {
    params: { id: ID },
    reply: { items: [{ receiver: 'google', figures: exampleFigures, rates: exampleRates }], next: null },
  },
})
export const listCampaignHours = endpoint({
  method: 'GET',
  path: '/v1/campaigns/:id/results/hours',
  summary: 'What happened in each hour, or on each day; those in which nothing did are left out.',
  description: 'The first 31 days by hour, or the first 800 days by day.',
  ...ofOne,
  params: z.strictObject({ ...byId.shape, by: z.enum(['hour', 'day']).optional().describe('`hour` when left out.') }),
  reply: z.object({ items: z.array(CampaignMoment), next: z.null() }),
  example: {
    params: { id: ID, by: 'hour' },
    reply: { items: [{ at: '2026-11-22T10:00:00.000Z', figures: exampleFigures }], next: null },
  },
})
export const downloadCampaignTable = endpoint({
  method: 'GET',
  path: '/v1/campaigns/:id/results/table',
  summary: 'One of these tables as a CSV file.',
  permission: 'conversations.read',
  transaction: 'none',
  params: z.strictObject({ ...byId.shape, table: z.enum(TABLES).optional().describe('`summary` when left out.') }),
  reply: download,
  produces: 'application/octet-stream',
  errors: ['not_found'],
  example: { params: { id: ID, table: 'links' } },
})

const ids = z
  .codec(z.string().regex(/^[0-9a-f-]{36}(,[0-9a-f-]{36}){0,19}$/), z.array(z.uuid()).min(1).max(20), {
    decode: (text) => text.split(','),
    encode: (list) => list.join(','),
  })
  .describe('1 to 20 campaigns, with commas between them.') as unknown as z.ZodType<Id<'campaign'>[], string>
const compared = {
  ids,
  within_hours: integerInUrl(1, 8_760)
    .optional()
    .describe('Only what came within so many hours of each one’s start: older ones had more time.'),
}
export const compareCampaigns = endpoint({
  method: 'GET',
  path: '/v1/campaigns/compare',
  summary: 'Several campaigns beside each other, in the order asked for; those that do not exist are left out.',
  ...reading,
  params: z.strictObject(compared),
  reply: z.object({ items: z.array(ComparedCampaign), next: z.null() }),
  example: {
    params: { ids: ID, within_hours: '24' },
    reply: { items: [{ campaign: exampleCampaign, figures: exampleFigures, rates: exampleRates }], next: null },
  },
})
export const downloadComparison = endpoint({
  method: 'GET',
  path: '/v1/campaigns/compare/table',
  summary: 'The same as a CSV file.',
  permission: 'conversations.read',
  transaction: 'none',
  params: z.strictObject(compared),
  reply: download,
  produces: 'application/octet-stream',
  example: { params: { ids: ID } },
})

export const campaignResultEndpoints = [
  getCampaignResults,
  listCampaignLinks,
  listCampaignReceivers,
  listCampaignHours,
  downloadCampaignTable,
  compareCampaigns,
  downloadComparison,
] as const
