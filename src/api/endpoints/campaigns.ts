import { z } from 'zod'
import { CAMPAIGN_ACTIONS, CAMPAIGN_STATES, EXCLUSIONS, MANY_DEFERRED } from '../../campaigns/campaign.ts'
import { DELIVERY_STATES } from '../../delivery/delivery.ts'
import { PACE_PERIODS } from '../../delivery/pace/gcra.ts'
import { endpoint } from '../endpoint.ts'
import { campaignSettings, exampleSettings } from './campaign-settings.ts'
import { CampaignContent, MAX_CONTENT_BYTES } from './content-shapes.ts'
import { id, isoDate, line, pageOf, pageParams, Reason } from './shapes.ts'

const lists = () => z.array(id<'contact_list'>()).max(50)
const segments = () => z.array(id<'segment'>()).max(20)

export const CampaignAudience = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('lists'), lists: lists() }),
    z
      .object({
        kind: z.literal('segments'),
        lists: lists().describe('Whoever was ever on one of these. Whoever leaves the campaign leaves them.'),
        segments: segments().describe('And these. Whom only a segment has, must be subscribed to some list.'),
        except_lists: lists().describe('Less whoever is on one of these,'),
        except_segments: segments().describe('or in one of these.'),
        mode: z
          .enum(['live', 'snapshot'])
          .describe('Answered when it starts, and with `live` again when it is sent to those added since.'),
      })
      .describe('People of lists and segments, less others.'),
    z.object({ kind: z.literal('not_opened'), campaign_id: id<'campaign'>(), lists: lists() }),
  ])
  .meta({ id: 'CampaignAudience' })

export const CampaignPace = z
  .object({ amount: z.int().min(1).max(100_000_000), per: z.enum(PACE_PERIODS) })
  .meta({ id: 'CampaignPace' })

const said = {
  name: line(1, 200),
  content: CampaignContent,
  sender: line(0, 998).describe('The author, as people read it.'),
  reply_to: line(3, 998).nullable(),
  audience: CampaignAudience,
  pace: CampaignPace.nullable().describe('Evenly so many; null: as fast as routes and receivers allow.'),
  tracking: z.object({ opens: z.boolean().optional(), clicks: z.boolean().optional() }),
  ...campaignSettings,
}

export const Campaign = z
  .object({
    id: id<'campaign'>(),
    state: z.enum(CAMPAIGN_STATES),
    version: z.int(),
    ...said,
    scheduled_at: isoDate.nullable(),
    time_zone: z.string(),
    question: Reason.nullable().describe('Why it waits for your word.'),
    reason: Reason.nullable(),
    candidates: z.int().describe('People who were looked at: the sum of `prepared` and `excluded`.'),
    prepared: z.int(),
    excluded: z.int(),
    settled: z.int().describe('Deliveries that came to an end, as of a few seconds ago.'),
    actions: z.array(z.enum(CAMPAIGN_ACTIONS)),
    created_at: isoDate,
    started_at: isoDate.nullable(),
    finished_at: isoDate.nullable(),
  })
  .meta({ id: 'Campaign' })
export type Campaign = z.output<typeof Campaign>

const WaitingOn = z.object({ sentence: z.string(), until: isoDate.nullable() })

export const CampaignProgress = z
  .object({
    campaign: Campaign,
    candidates: z.int().describe('The sum of all numbers below, at every moment.'),
    excluded: z.array(z.object({ reason: z.enum(EXCLUSIONS), n: z.int() })),
    preparing: z.int(),
    awaits_winner: z.int().describe('Who gets the version that wins the test, and waits for it.'),
    deliveries: z.partialRecord(z.enum(DELIVERY_STATES), z.int()),
    replied: z
      .object({ people: z.int(), automatic: z.int() })
      .describe('So many of its mails were answered by people; answers of machines are apart.'),
    deferred: z
      .int()
      .describe(
        `Of those that are queued, how many were tried before; ${MANY_DEFERRED.toLocaleString('en')} stands for as many or more.`,
      ),
    waiting_on: WaitingOn.nullable().describe('Why nothing leaves at this moment.'),
    domain_fault: z
      .object({ sentence: z.string(), hint: z.string() })
      .nullable()
      .describe('What is wrong with a domain that it is sent from, while it is scheduled or under way.'),
    rate_per_hour: z
      .number()
      .nullable()
      .describe('How many leave in an hour, as of the last minute or, of a slow one, the last hour.'),
    allowed: z
      .object({ amount: z.number(), per: z.enum(PACE_PERIODS), scope: z.enum(['mailing', 'workspace', 'from_domain', 'route']) })
      .nullable()
      .describe('The slowest limit that holds for all of it; receivers have their own.'),
    ends_at: isoDate.nullable().describe('When the last one has its first try.'),
    ends_by: z
      .enum(['pace', 'rate', 'local_time'])
      .nullable()
      .describe('By its own pace; if it goes on as fast as now; or where its hour comes last.'),
  })
  .meta({ id: 'CampaignProgress' })
export type CampaignProgress = z.output<typeof CampaignProgress>

export const CampaignSummary = z
  .object({
    id: id<'campaign'>(),
    name: z.string(),
    subject: z.string().describe('As it is written, with its places.'),
    state: z.enum(CAMPAIGN_STATES),
    sender: z.string(),
    pace: CampaignPace.nullable(),
    scheduled_at: isoDate.nullable(),
    time_zone: z.string(),
    question: Reason.nullable().describe('Why it waits for your word.'),
    reason: Reason.nullable(),
    candidates: z.int().describe('The sum of `excluded`, `preparing` and all `deliveries`.'),
    excluded: z.int(),
    preparing: z.int(),
    deliveries: z.partialRecord(z.enum(DELIVERY_STATES), z.int()),
    waiting_on: WaitingOn.nullable().describe('Why nothing leaves at this moment.'),
    actions: z.array(z.enum(CAMPAIGN_ACTIONS)),
    created_at: isoDate,
    updated_at: isoDate,
    started_at: isoDate.nullable(),
    finished_at: isoDate.nullable(),
  })
  .meta({ id: 'CampaignSummary' })
export type CampaignSummary = z.output<typeof CampaignSummary>

const ID = '0193e0a0-8888-7abc-9def-0123456789ab'
const LIST = '0193e0a0-7777-7abc-9def-0123456789ab'
export const exampleCampaign = {
  id: ID,
  state: 'sending' as const,
  version: 3,
  name: 'Spring news',
  content: {
    format: 'markdown' as const,
    subject: 'News for {{ contact.first_name }}',
    body: 'Dear {{ contact.first_name }},\n\nspring is here.',
    text: null,
    to_name: '{{ contact.name }}',
    fields: [{ path: 'contact.first_name', fallback: 'friend', required: false }],
  },
  sender: 'Shop <news@example.com>',
  reply_to: null,
  audience: { kind: 'lists' as const, lists: [LIST] },
  pace: { amount: 35, per: 'hour' as const },
  tracking: {},
  ...exampleSettings,
  scheduled_at: null,
  time_zone: 'UTC',
  question: null,
  reason: null,
  candidates: 2_100,
  prepared: 438,
  excluded: 1_662,
  settled: 12,
  actions: ['pause' as const, 'set_pace' as const, 'cancel' as const, 'retry' as const],
  created_at: '2026-11-22T10:00:00.000Z',
  started_at: '2026-11-22T10:05:00.000Z',
  finished_at: null,
}
export const exampleSummary = {
  id: ID,
  name: 'Spring news',
  subject: 'News for {{ contact.first_name }}',
  state: 'sending' as const,
  sender: 'Shop <news@example.com>',
  pace: { amount: 35, per: 'hour' as const },
  scheduled_at: null,
  time_zone: 'UTC',
  question: null,
  reason: null,
  candidates: 2_100,
  excluded: 1_662,
  preparing: 0,
  deliveries: { queued: 426, sent: 12 },
  waiting_on: null,
  actions: ['pause' as const, 'set_pace' as const, 'cancel' as const, 'retry' as const],
  created_at: '2026-11-22T10:00:00.000Z',
  updated_at: '2026-11-22T10:05:00.000Z',
  started_at: '2026-11-22T10:05:00.000Z',
  finished_at: null,
}
const byId = z.strictObject({ id: id<'campaign'>() })

/** `sending,paused` in a URL. */
const states = z.codec(z.string().max(100), z.array(z.enum(CAMPAIGN_STATES)).min(1), {
  decode: (text) => text.split(',') as (typeof CAMPAIGN_STATES)[number][],
  encode: (list) => list.join(','),
})

export const listCampaigns = endpoint({
  method: 'GET',
  path: '/v1/campaigns',
  summary: 'Campaigns, newest first, without what they say.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({
    state: states.optional().describe('One state, or several with commas: `sending,paused`.'),
    name: line(1, 200).optional().describe('What stands somewhere in the name.'),
    ...pageParams,
  }),
  reply: pageOf(CampaignSummary),
  errors: ['invalid_cursor'],
  example: { params: {}, reply: { items: [exampleSummary], next: null } },
})
export const getCampaign = endpoint({
  method: 'GET',
  path: '/v1/campaigns/:id',
  summary: 'One campaign, and where its people are.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: CampaignProgress,
  errors: ['not_found'],
  example: {
    params: { id: ID },
    reply: {
      campaign: exampleCampaign,
      candidates: 2_100,
      excluded: [{ reason: 'malformed', n: 1_662 }],
      preparing: 0,
      awaits_winner: 0,
      deliveries: { queued: 426, sent: 12 },
      replied: { people: 2, automatic: 1 },
      waiting_on: {
        sentence: 'The limit of this mailing is 35 an hour: one leaves about every 103 seconds.',
        until: '2026-11-22T10:26:00.000Z',
      },
      domain_fault: null,
      deferred: 3,
      rate_per_hour: 34.8,
      allowed: { amount: 35, per: 'hour', scope: 'mailing' },
      ends_at: '2026-11-22T22:35:00.000Z',
      ends_by: 'pace',
    },
  },
})

export const AudienceCount = z
  .object({
    candidates: z.int().describe('The sum of all numbers below.'),
    would_get: z.int(),
    excluded: z
      .array(z.object({ reason: z.enum(EXCLUSIONS), n: z.int() }))
      .describe('Nobody is looked at for missing fields here.'),
  })
  .meta({ id: 'AudienceCount' })

export const countCampaignAudience = endpoint({
  method: 'POST',
  path: '/v1/campaigns/audience/count',
  summary: 'Who of an audience would get a campaign that started now, and how many would not, with the reasons.',
  permission: 'campaigns.manage',
  transaction: 'none',
  body: z.strictObject({ audience: CampaignAudience }),
  reply: AudienceCount,
  errors: ['not_found'],
  example: {
    body: { audience: { kind: 'lists', lists: [LIST] } },
    reply: { candidates: 2_100, would_get: 438, excluded: [{ reason: 'malformed', n: 1_662 }] },
  },
})
export const createCampaign = endpoint({
  method: 'POST',
  path: '/v1/campaigns',
  summary: 'Begin a campaign: a draft.',
  permission: 'campaigns.manage',
  transaction: 'write',
  maxBodyBytes: MAX_CONTENT_BYTES,
  body: z.strictObject(said).partial().required({ name: true }),
  reply: Campaign,
  status: 201,
  errors: ['invalid_address', 'not_found'],
  example: { body: { name: 'Spring news' }, reply: exampleCampaign },
})
export const changeCampaign = endpoint({
  method: 'PATCH',
  path: '/v1/campaigns/:id',
  summary: 'Change a draft.',
  permission: 'campaigns.manage',
  transaction: 'write',
  maxBodyBytes: MAX_CONTENT_BYTES,
  params: byId,
  body: z
    .strictObject({ ...said, version: z.int().describe('As it was read: a change in between is not overwritten.') })
    .partial(),
  reply: Campaign,
  errors: ['not_found', 'wrong_state', 'changed_meanwhile', 'invalid_address'],
  example: { params: { id: ID }, body: { name: 'Spring news' }, reply: exampleCampaign },
})
export const removeCampaign = endpoint({
  method: 'DELETE',
  path: '/v1/campaigns/:id',
  summary: 'Remove a draft.',
  permission: 'campaigns.manage',
  transaction: 'write',
  params: byId,
  errors: ['not_found', 'wrong_state'],
  example: { params: { id: ID } },
})
export const scheduleCampaign = endpoint({
  method: 'POST',
  path: '/v1/campaigns/:id/schedule',
  summary: 'Start it by itself at a time.',
  permission: 'campaigns.send',
  transaction: 'write',
  params: byId,
  body: z.strictObject({ at: isoDate, time_zone: line(1, 64).describe('In which people read the time.') }),
  reply: Campaign,
  errors: ['not_found', 'wrong_state', 'invalid_address'],
  example: { params: { id: ID }, body: { at: '2026-11-23T08:00:00.000Z', time_zone: 'Europe/Berlin' }, reply: exampleCampaign },
})
export const paceCampaign = endpoint({
  method: 'PUT',
  path: '/v1/campaigns/:id/pace',
  summary: 'Send it faster or slower, from the next mail on.',
  permission: 'campaigns.send',
  transaction: 'write',
  params: byId,
  body: z.strictObject({ pace: CampaignPace.nullable() }),
  reply: Campaign,
  errors: ['not_found', 'wrong_state'],
  example: { params: { id: ID }, body: { pace: { amount: 35, per: 'hour' } }, reply: exampleCampaign },
})
export const retryCampaign = endpoint({
  method: 'POST',
  path: '/v1/campaigns/:id/retry',
  summary: 'Send it again to those of whom it failed.',
  permission: 'campaigns.send',
  transaction: 'write',
  params: byId,
  body: z.strictObject({
    classes: z.array(line(1, 64)).min(1).max(50).nullable().describe('Where the reason is of these; null: all.'),
  }),
  reply: Campaign,
  errors: ['not_found', 'wrong_state'],
  example: { params: { id: ID }, body: { classes: ['mailbox_full'] }, reply: exampleCampaign },
})

const ACTS = {
  start: 'Start it now: everybody is looked at first, and nothing leaves before all are accounted for.',
  confirm: 'Yes, send it, though it is late or this server was brought back from a copy.',
  unschedule: 'Take it off the schedule.',
  pause: 'Pause it: from the next mail on nothing leaves.',
  resume: 'Go on where it was.',
  cancel: 'Cancel what is left, for good.',
  extend: 'Send it to those who came to its lists since.',
} as const
export type CampaignAct = keyof typeof ACTS

function act<Name extends CampaignAct>(name: Name) {
  return endpoint({
    method: 'POST',
    path: `/v1/campaigns/:id/${name}`,
    summary: ACTS[name],
    permission: 'campaigns.send',
    transaction: 'write',
    params: byId,
    reply: Campaign,
    errors: ['not_found', 'wrong_state', 'invalid_address'],
    example: { params: { id: ID }, reply: exampleCampaign },
  })
}
export const startCampaign = act('start')
export const confirmCampaign = act('confirm')
export const unscheduleCampaign = act('unschedule')
export const pauseCampaign = act('pause')
export const resumeCampaign = act('resume')
export const cancelCampaign = act('cancel')
export const extendCampaign = act('extend')

export const campaignEndpoints = [
  listCampaigns,
  createCampaign,
  countCampaignAudience,
  getCampaign,
  changeCampaign,
  removeCampaign,
  startCampaign,
  scheduleCampaign,
  unscheduleCampaign,
  confirmCampaign,
  pauseCampaign,
  resumeCampaign,
  paceCampaign,
  cancelCampaign,
  retryCampaign,
  extendCampaign,
] as const
