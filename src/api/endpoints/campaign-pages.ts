import { z } from 'zod'
import { CAMPAIGN_STATES, EXCLUSIONS } from '../../campaigns/campaign.ts'
import { DELIVERY_STATES } from '../../delivery/delivery.ts'
import { READINESS_IDS } from '../../insight/campaigns/readiness-ids.ts'
import { endpoint } from '../endpoint.ts'
import { Campaign, exampleCampaign } from './campaigns.ts'
import { id, isoDate, line, pageOf, pageParams } from './shapes.ts'

const byId = z.strictObject({ id: id<'campaign'>() })
const params = { id: exampleCampaign.id }

export const duplicateCampaign = endpoint({
  method: 'POST',
  path: '/v1/campaigns/:id/duplicate',
  summary: 'Begin the same once more, as a draft; or one for those of its people who did not open it.',
  permission: 'campaigns.manage',
  transaction: 'write',
  params: byId,
  body: z.strictObject({ name: line(1, 200), audience: z.enum(['same', 'not_opened']) }),
  reply: Campaign,
  status: 201,
  errors: ['not_found', 'wrong_state'],
  example: {
    params,
    body: { name: 'Spring news, once more', audience: 'not_opened' },
    reply: { ...exampleCampaign, state: 'draft' },
  },
})

export const ReadinessCheck = z
  .object({
    id: z.enum(READINESS_IDS),
    status: z.enum(['ok', 'warn', 'fail']).describe('fail: it cannot be started so. warn: it can, and somebody should know.'),
    sentence: z.string(),
    hint: z.string(),
  })
  .meta({ id: 'ReadinessCheck' })
export type ReadinessCheck = z.output<typeof ReadinessCheck>

export const getCampaignReadiness = endpoint({
  method: 'GET',
  path: '/v1/campaigns/:id/readiness',
  summary: 'What stands between a draft and its people, or will be noticed by them.',
  permission: 'conversations.read',
  transaction: 'read',
  params: byId,
  reply: z.object({ checks: z.array(ReadinessCheck) }),
  errors: ['not_found'],
  example: {
    params,
    reply: {
      checks: [
        {
          id: 'domain',
          status: 'warn',
          sentence: 'Mail from example.com is not signed: the DNS does not show its key.',
          hint: 'Large receivers refuse unsigned mail to many. Publish the records on the page of the domain.',
        },
      ],
    },
  },
})

export const CampaignOfContact = z
  .object({
    id: id<'campaign'>(),
    name: z.string(),
    state: z.enum(CAMPAIGN_STATES),
    at: isoDate.describe('When it began to be sent, or was begun.'),
    address: z.string(),
    excluded: z.enum(EXCLUSIONS).nullable(),
    delivery: z
      .object({ id: id<'delivery'>(), message_id: id<'message'>(), state: z.enum(DELIVERY_STATES) })
      .nullable()
      .describe('Null: nothing was sent to them, or not yet.'),
    opened: z.boolean(),
    clicked: z.boolean(),
  })
  .meta({ id: 'CampaignOfContact' })
export type CampaignOfContact = z.output<typeof CampaignOfContact>

export const listContactCampaigns = endpoint({
  method: 'GET',
  path: '/v1/contacts/:id/campaigns',
  summary: 'The campaigns that a contact was meant for, newest first, and what became of each.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ id: id<'contact'>(), ...pageParams }),
  reply: pageOf(CampaignOfContact),
  errors: ['not_found', 'invalid_cursor'],
  example: {
    params: { id: '0193e0a0-6666-7abc-9def-0123456789ab' },
    reply: {
      items: [
        {
          id: exampleCampaign.id,
          name: 'Spring news',
          state: 'done',
          at: '2026-11-22T10:05:00.000Z',
          address: 'ann@example.org',
          excluded: null,
          delivery: {
            id: '0193e0a1-5b0c-7c11-8d2e-2f6a1b9c4d10',
            message_id: '0193e0a1-5b0c-7c10-8a41-9f0e5d3c2b1a',
            state: 'sent',
          },
          opened: true,
          clicked: false,
        },
      ],
      next: null,
    },
  },
})

export const campaignPageEndpoints = [duplicateCampaign, getCampaignReadiness, listContactCampaigns] as const
