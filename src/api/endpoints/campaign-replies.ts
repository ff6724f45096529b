import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { id, isoDate } from './shapes.ts'

export const AnsweredCampaign = z
  .object({
    campaign_id: id<'campaign'>(),
    name: z.string(),
    subject: z.string().describe('Of the campaign, as it was written.'),
    delivery_id: id<'delivery'>().describe('The mail that is answered.'),
    message_id: id<'message'>(),
    address: z.string().describe('To which it had been sent.'),
    at: isoDate.describe('Of the first answer to it.'),
  })
  .meta({ id: 'AnsweredCampaign' })
export type AnsweredCampaign = z.output<typeof AnsweredCampaign>

export const listConversationCampaigns = endpoint({
  method: 'GET',
  path: '/v1/conversations/:id/campaigns',
  summary: 'The campaigns whose mail this conversation answers.',
  permission: 'conversations.read',
  transaction: 'read',
  params: z.strictObject({ id: z.string().max(64).describe('Its id or number.') }),
  reply: z.object({ items: z.array(AnsweredCampaign) }),
  errors: ['not_found'],
  example: {
    params: { id: '0193e0a0-2222-7abc-9def-0123456789ab' },
    reply: {
      items: [
        {
          campaign_id: '0193e0a0-8888-7abc-9def-0123456789ab',
          name: 'Spring news',
          subject: 'News for {{ contact.first_name }}',
          delivery_id: '0193e0a0-5555-7abc-9def-0123456789ab',
          message_id: '0193e0a0-3333-7abc-9def-0123456789ab',
          address: 'ann@example.org',
          at: '2026-11-22T12:00:00.000Z',
        },
      ],
    },
  },
})

export const campaignReplyEndpoints = [listConversationCampaigns] as const
