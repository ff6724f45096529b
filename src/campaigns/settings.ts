import type { InboxId } from '../lib/ids.ts'
import type { AbTest } from './ab/ab-test.ts'
import type { LocalTime } from './local-time.ts'
import type { Utm } from './utm.ts'

/** What people may say of a campaign beside what it says and to whom. */
export interface CampaignSettings {
  /** Answers start conversations there; null: wherever they come in. */
  readonly replyInboxId: InboxId | null
  readonly utm: Utm | null
  /** Null: everybody gets it as soon as it is their turn. */
  readonly localTime: LocalTime | null
  /** Whoever has had enough mail of campaigns gets this one all the same. */
  readonly capExempt: boolean
  /** It can be read on the web by everybody, once it was sent. */
  readonly isPublic: boolean
  readonly ab: AbTest | null
}

export const NO_SETTINGS: CampaignSettings = {
  replyInboxId: null,
  utm: null,
  localTime: null,
  capExempt: false,
  isPublic: false,
  ab: null,
}
