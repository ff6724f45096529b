import { readTimeZone } from '../contacts/contact.ts'
import { Refusal } from '../errors.ts'
import type { InboxId } from '../lib/ids.ts'
import { TIME_OF_DAY } from '../lib/zones.ts'
import { type AbTest, abProblems } from './ab/ab-test.ts'
import type { LocalTime } from './local-time.ts'
import { type Utm, utmProblems } from './utm.ts'

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

/** Refuses what would never be right. */
export function mustBeSoundSettings({ replyInboxId, ...said }: CampaignSettings & { readonly replyTo: string | null }): void {
  if (replyInboxId !== null && said.replyTo !== null)
    throw wrong('/reply_inbox_id', 'Answers go to an inbox or to an address, not to both.')
  if (said.localTime && !TIME_OF_DAY.test(said.localTime.time))
    throw wrong('/local_time/time', 'A time of day is written as 09:00.')
  if (said.localTime && readTimeZone(said.localTime.zone) === null)
    throw wrong('/local_time/zone', 'There is no such time zone; one is Europe/Berlin.')
  refuseProblems(said.ab ? abProblems(said.ab) : [])
  refuseProblems(said.utm ? utmProblems(said.utm) : [])
}

function refuseProblems(problems: readonly { readonly pointer: string; readonly sentence: string }[]): void {
  const errors = problems.map(({ pointer, sentence }) => ({ pointer, detail: sentence }))
  if (errors.length > 0) throw new Refusal('invalid_request', { why: errors[0]?.detail ?? '', errors })
}

function wrong(pointer: string, why: string): Refusal {
  return new Refusal('invalid_request', { pointer, why })
}
