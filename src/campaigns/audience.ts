import type { ListId } from '../contacts/consent/change-consent.ts'
import type { SegmentId } from '../contacts/segments/segments.ts'
import type { CampaignId } from './campaign.ts'

/**
 * Whom a campaign is for: who is on one of the lists; or who is on a list or in a segment, less those who are left out; or, of another campaign's
 * people, those who did not open it. `lists` are those whose mail it is: whoever leaves it leaves them.
 */
export type Audience =
  | { readonly kind: 'lists'; readonly lists: readonly ListId[] }
  | SegmentsAudience
  | { readonly kind: 'not_opened'; readonly campaignId: CampaignId; readonly lists: readonly ListId[] }

export interface SegmentsAudience {
  readonly kind: 'segments'
  readonly lists: readonly ListId[]
  readonly segments: readonly SegmentId[]
  readonly exceptLists: readonly ListId[]
  readonly exceptSegments: readonly SegmentId[]
  /** `snapshot`: answered once, when it starts. `live`: answered then, and again when it is sent to those added since. */
  readonly mode: 'live' | 'snapshot'
}

export const MAX_LISTS = 50
export const MAX_SEGMENTS = 20
