import type { ListId } from '../contacts/consent/change-consent.ts'
import type { CampaignId } from './campaign.ts'

/** Whom a campaign is for: who is on one of the lists; or, of another campaign's people, those who did not open it. */
export type Audience =
  | { readonly kind: 'lists'; readonly lists: readonly ListId[] }
  | { readonly kind: 'not_opened'; readonly campaignId: CampaignId; readonly lists: readonly ListId[] }

export const MAX_LISTS = 50
