import { z } from 'zod'
import { MAX_CAP_DAYS, MAX_CAP_MAILS, MAX_CAPS } from '../../campaigns/caps/cap.ts'
import { endpoint } from '../endpoint.ts'
import { id } from './shapes.ts'

export const CampaignCap = z
  .object({
    list_id: id<'contact_list'>().nullable().describe('Of campaigns to this list; null: of all campaigns.'),
    mails: z.int().min(1).max(MAX_CAP_MAILS),
    days: z.int().min(1).max(MAX_CAP_DAYS),
  })
  .meta({ id: 'CampaignCap', description: 'Nobody gets more mails of campaigns than so many in so many days.' })

const caps = { items: z.array(CampaignCap).max(MAX_CAPS) }
const example = {
  items: [
    { list_id: null, mails: 3, days: 7 },
    { list_id: '0193e0a0-7777-7abc-9def-0123456789ab', mails: 1, days: 1 },
  ],
}

export const listCampaignCaps = endpoint({
  method: 'GET',
  path: '/v1/campaign-caps',
  summary: 'How many mails of campaigns somebody gets at most.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object(caps),
  example: { reply: example },
})
export const setCampaignCaps = endpoint({
  method: 'PUT',
  path: '/v1/campaign-caps',
  summary: 'Set all of these limits at once. They hold for campaigns that start from now on.',
  permission: 'campaigns.manage',
  transaction: 'write',
  body: z.strictObject(caps),
  reply: z.object(caps),
  example: { body: example, reply: example },
})

export const campaignCapEndpoints = [listCampaignCaps, setCampaignCaps] as const
