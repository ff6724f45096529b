/** What the pages of campaigns keep in the URL. */
import { z } from 'zod'
import type { CampaignSummary } from '../../src/api/endpoints/campaigns.ts'

const text = z.string().min(1).max(320).optional().catch(undefined)

export const LIST_SETS = {
  all: [],
  underway: ['preparing', 'sending', 'paused'],
  scheduled: ['scheduled'],
  drafts: ['draft'],
  over: ['done', 'cancelled'],
} as const satisfies Record<string, readonly CampaignSummary['state'][]>
export type ListSet = keyof typeof LIST_SETS

export const campaignsSearch = z.object({
  show: z
    .enum(Object.keys(LIST_SETS) as [ListSet, ...ListSet[]])
    .optional()
    .catch(undefined),
  name: text,
})
export type CampaignsSearch = z.output<typeof campaignsSearch>

export const CAMPAIGN_TABS = ['overview', 'recipients', 'results', 'content'] as const
export type CampaignTab = (typeof CAMPAIGN_TABS)[number]

export const campaignSearch = z.object({
  tab: z.enum(CAMPAIGN_TABS).optional().catch(undefined),
  state: text,
  deferred: z.literal('true').optional().catch(undefined),
  excluded: text,
  class: text,
  receiver: text,
  address: text,
})
export type CampaignSearch = z.output<typeof campaignSearch>

export type RecipientSearch = Omit<CampaignSearch, 'tab'>
