import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Campaign, exampleCampaign } from './campaigns.ts'
import { id, line } from './shapes.ts'

const said = {
  slug: z.string().max(60).describe('Of its address: small letters, digits and hyphens.'),
  title: line(1, 200),
  description: line(0, 1_000),
  is_open: z.boolean().describe('Whether anything can be read.'),
}
export const CampaignArchive = z
  .object({ ...said, url: z.string().describe('Where everybody finds it.'), feed_url: z.string() })
  .meta({ id: 'CampaignArchive' })

const reply = {
  slug: 'shop',
  title: 'News of the shop',
  description: '',
  is_open: true,
  url: 'https://mail.example.com/a/shop/',
  feed_url: 'https://mail.example.com/a/shop/feed.xml',
}

export const getCampaignArchive = endpoint({
  method: 'GET',
  path: '/v1/campaign-archive',
  summary: 'Where campaigns can be read on the web; null while there is no such place.',
  permission: 'conversations.read',
  transaction: 'read',
  reply: z.object({ archive: CampaignArchive.nullable() }),
  example: { reply: { archive: reply } },
})
export const setCampaignArchive = endpoint({
  method: 'PUT',
  path: '/v1/campaign-archive',
  summary: 'Open, name or close the archive. Closed, nothing of it is shown from the next request on.',
  permission: 'campaigns.manage',
  transaction: 'write',
  body: z.strictObject(said),
  reply: z.object({ archive: CampaignArchive }),
  example: {
    body: { slug: 'shop', title: 'News of the shop', description: '', is_open: true },
    reply: { archive: reply },
  },
})
export const setCampaignPublic = endpoint({
  method: 'PUT',
  path: '/v1/campaigns/:id/public',
  summary: 'Show it in the archive once it is sent, or take it back at once.',
  permission: 'campaigns.manage',
  transaction: 'write',
  params: z.strictObject({ id: id<'campaign'>() }),
  body: z.strictObject({ is_public: z.boolean() }),
  reply: Campaign,
  errors: ['not_found'],
  example: { params: { id: exampleCampaign.id }, body: { is_public: true }, reply: exampleCampaign },
})

export const campaignArchiveEndpoints = [getCampaignArchive, setCampaignArchive, setCampaignPublic] as const
