import { z } from 'zod'
import { CAMPAIGN_ACTIONS, CAMPAIGN_STATES, EXCLUSIONS } from '../../campaigns/campaign.ts'
import { DELIVERY_STATES } from '../../delivery/delivery.ts'
import { PACE_PERIODS } from '../../delivery/pace/gcra.ts'
import { CONTENT_FORMATS } from '../../templates/content.ts'
import { endpoint } from '../endpoint.ts'
import { id, isoDate, line, pageOf, pageParams, Reason } from './shapes.ts'

export const CampaignContent = z
  .object({
    format: z.enum(CONTENT_FORMATS),
    subject: line(0, 998).describe('Liquid, as all texts here.'),
    body: z.string().max(1_048_576),
    text: z.string().max(1_048_576).nullable().describe('The part without markup; null: made from the body.'),
    to_name: line(0, 998).describe('What stands in To beside the address.'),
    fields: z
      .array(z.object({ path: z.string().max(200), fallback: z.string().max(1_000), required: z.boolean() }))
      .max(100)
      .describe(
        'Fields of contacts, as `contact.first_name`: what stands in for an empty one, or whether it keeps somebody out.',
      ),
  })
  .meta({ id: 'CampaignContent' })

export const CampaignAudience = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('lists'), lists: z.array(id<'contact_list'>()).max(50) }),
    z.object({ kind: z.literal('not_opened'), campaign_id: id<'campaign'>(), lists: z.array(id<'contact_list'>()).max(50) }),
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

export const CampaignProgress = z
  .object({
    campaign: Campaign,
    candidates: z.int().describe('The sum of all numbers below, at every moment.'),
    excluded: z.array(z.object({ reason: z.enum(EXCLUSIONS), n: z.int() })),
    preparing: z.int(),
    deliveries: z.partialRecord(z.enum(DELIVERY_STATES), z.int()),
    waiting_on: z
      .object({ sentence: z.string(), until: isoDate.nullable() })
      .nullable()
      .describe('Why nothing leaves at this moment.'),
    ends_at: isoDate.nullable().describe('When the last one has its first try, at its own pace.'),
  })
  .meta({ id: 'CampaignProgress' })
export type CampaignProgress = z.output<typeof CampaignProgress>

export const CampaignRecipient = z
  .object({
    contact_id: id<'contact'>(),
    address: z.string(),
    excluded: z.enum(EXCLUSIONS).nullable(),
    detail: z.string(),
    tries: z.int().describe('How often it was sent again.'),
    delivery_id: id<'delivery'>().nullable(),
    message_id: id<'message'>().nullable(),
    state: z.enum(DELIVERY_STATES).nullable(),
    reason: z.string().nullable(),
    attempt: z.int().nullable(),
    due_at: isoDate.nullable(),
    settled_at: isoDate.nullable(),
  })
  .meta({ id: 'CampaignRecipient' })
export type CampaignRecipient = z.output<typeof CampaignRecipient>

const ID = '0193e0a0-8888-7abc-9def-0123456789ab'
const LIST = '0193e0a0-7777-7abc-9def-0123456789ab'
const exampleCampaign = {
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
const byId = z.strictObject({ id: id<'campaign'>() })

export const listCampaigns = endpoint({
  method: 'GET',
  path: '/v1/campaigns',
  summary: 'Campaigns, newest first.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ state: z.enum(CAMPAIGN_STATES).optional(), ...pageParams }),
  reply: pageOf(Campaign),
  errors: ['invalid_cursor'],
  example: { params: {}, reply: { items: [exampleCampaign], next: null } },
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
      deliveries: { queued: 426, sent: 12 },
      waiting_on: {
        sentence: 'The limit of this mailing is 35 an hour: one leaves about every 103 seconds.',
        until: '2026-11-22T10:26:00.000Z',
      },
      ends_at: '2026-11-22T22:35:00.000Z',
    },
  },
})
export const listCampaignRecipients = endpoint({
  method: 'GET',
  path: '/v1/campaigns/:id/recipients',
  summary: 'What became of each person: who has it, who does not, and why.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({
    ...byId.shape,
    state: z.enum(DELIVERY_STATES).optional(),
    excluded: z.enum(EXCLUSIONS).optional(),
    class: line(1, 64).optional().describe('Those whose delivery has a reason of this class.'),
    address: line(1, 320).optional().describe('Addresses that begin so.'),
    ...pageParams,
  }),
  reply: pageOf(CampaignRecipient),
  errors: ['not_found', 'invalid_cursor'],
  example: {
    params: { id: ID, excluded: 'malformed' },
    reply: {
      items: [
        {
          contact_id: '0193e0a0-6666-7abc-9def-0123456789ab',
          address: 'ann@example.org;Ann;Smith',
          excluded: 'malformed',
          detail: 'a semicolon cannot stand here',
          tries: 0,
          delivery_id: null,
          message_id: null,
          state: null,
          reason: null,
          attempt: null,
          due_at: null,
          settled_at: null,
        },
      ],
      next: null,
    },
  },
})
export const createCampaign = endpoint({
  method: 'POST',
  path: '/v1/campaigns',
  summary: 'Begin a campaign: a draft.',
  permission: 'campaigns.manage',
  transaction: 'write',
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
  getCampaign,
  changeCampaign,
  removeCampaign,
  listCampaignRecipients,
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
