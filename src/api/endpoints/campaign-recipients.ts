import { z } from 'zod'
import { EXCLUSIONS } from '../../campaigns/campaign.ts'
import { DELIVERY_STATES, type DeliveryState } from '../../delivery/delivery.ts'
import { download, endpoint } from '../endpoint.ts'
import { id, isoDate, line, pageOf, pageParams } from './shapes.ts'

export const CampaignRecipient = z
  .object({
    contact_id: id<'contact'>(),
    name: z.string(),
    address: z.string(),
    excluded: z.enum(EXCLUSIONS).nullable(),
    detail: z.string(),
    tries: z.int().describe('How often it was sent again.'),
    variant: z.string().nullable().describe('Which version they got, where there are several: `A`, `B`, …'),
    delivery_id: id<'delivery'>().nullable(),
    message_id: id<'message'>().nullable(),
    state: z.enum(DELIVERY_STATES).nullable(),
    reason: z.string().nullable(),
    reason_class: z.string().nullable(),
    attempt: z.int().nullable(),
    receiver: z.string().nullable().describe('Who receives for it: `google`, `other`, …'),
    reply: z.string().nullable().describe('What the other side said last.'),
    tried_at: isoDate.nullable(),
    due_at: isoDate.nullable(),
    settled_at: isoDate.nullable(),
  })
  .meta({ id: 'CampaignRecipient' })
export type CampaignRecipient = z.output<typeof CampaignRecipient>

const ID = '0193e0a0-8888-7abc-9def-0123456789ab'
const byId = z.strictObject({ id: id<'campaign'>() })

/** `sent,delivered` in a URL. */
function several<Word extends string>(words: readonly Word[]) {
  return z.codec(z.string().max(200), z.array(z.enum(words as [Word, ...Word[]])).min(1), {
    decode: (text) => text.split(',') as Word[],
    encode: (list) => list.join(','),
  })
}
const recipientFilter = {
  state: several<DeliveryState>(DELIVERY_STATES).optional().describe('One state, or several with commas: `sent,delivered`.'),
  deferred: z.literal('true').optional().describe('Those that wait for another try.'),
  excluded: several<'any' | (typeof EXCLUSIONS)[number]>(['any', ...EXCLUSIONS])
    .optional()
    .describe('Reasons for which nothing is sent to somebody; `any`: all of them.'),
  class: line(1, 64).optional().describe('Those whose delivery has a reason of this class.'),
  receiver: line(1, 255).optional().describe('Who receives for it (`google`, `other`, …), or a domain.'),
  address: line(1, 320).optional().describe('Addresses that begin so.'),
}

export const listCampaignRecipients = endpoint({
  method: 'GET',
  path: '/v1/campaigns/:id/recipients',
  summary: 'What became of each person: who has it, who does not, and why.',
  description:
    'A page may hold fewer than `limit` and have a next one all the same: what no index chooses is looked through piece by piece.',
  permission: 'conversations.read',
  transaction: 'none',
  params: z.strictObject({ ...byId.shape, ...recipientFilter, ...pageParams }),
  reply: pageOf(CampaignRecipient),
  errors: ['not_found', 'invalid_cursor'],
  example: {
    params: { id: ID, excluded: 'malformed' },
    reply: {
      items: [
        {
          contact_id: '0193e0a0-6666-7abc-9def-0123456789ab',
          name: '',
          address: 'ann@example.org;Ann;Smith',
          excluded: 'malformed',
          detail: 'a semicolon cannot stand here',
          tries: 0,
          variant: null,
          delivery_id: null,
          message_id: null,
          state: null,
          reason: null,
          reason_class: null,
          attempt: null,
          receiver: null,
          reply: null,
          tried_at: null,
          due_at: null,
          settled_at: null,
        },
      ],
      next: null,
    },
  },
})
export const exportCampaignRecipients = endpoint({
  method: 'GET',
  path: '/v1/campaigns/:id/recipients/export',
  summary: 'The same, all of them, as a CSV file.',
  permission: 'conversations.read',
  transaction: 'none',
  params: z.strictObject({ ...byId.shape, ...recipientFilter }),
  reply: download,
  produces: 'application/octet-stream',
  errors: ['not_found'],
  example: { params: { id: ID, state: 'sent,delivered' } },
})

export const campaignRecipientEndpoints = [listCampaignRecipients, exportCampaignRecipients] as const
