/**
 * A campaign's life:
 *
 *   draft ─▶ scheduled ─▶ preparing ─▶ sending ◀─▶ paused ─▶ done
 *     └───────────────────▶┘ │            └──────────┴──▶ cancelled
 *                            └──▶ cancelled
 *
 * Preparing looks at every person of the audience and writes down what becomes of them, before the first mail may leave: prepared, or excluded
 * with the reason. From then on each prepared one is a delivery of the campaign's mailing, and what happens to it is the delivery's state. Done
 * is a campaign of which nothing waits any more; it goes on when failed ones are sent again or people were added to its lists.
 */
import type { Reason } from '../delivery/delivery.ts'
import type { MailingPace } from '../delivery/mailings/mailings.ts'
import { MINUTE } from '../lib/clock.ts'
import type { ContactId, Id, LinkSetId, MailingId, WorkspaceId } from '../lib/ids.ts'
import type { Content, Parts } from '../templates/content.ts'
import type { Decision } from './ab/ab-test.ts'
import { isTesting } from './ab/as-variant.ts'
import type { Audience } from './audience.ts'
import type { CampaignSettings } from './settings.ts'

export type CampaignId = Id<'campaign'>

export const CAMPAIGN_STATES = ['draft', 'scheduled', 'preparing', 'sending', 'paused', 'done', 'cancelled'] as const
export type CampaignState = (typeof CAMPAIGN_STATES)[number]

/** Freezing: who is looked at. Filling: what each of them reads, and a delivery. Checking: that all are accounted for. */
export type Phase = 'freezing' | 'filling' | 'checking'

export const EXCLUSIONS = [
  'left_out',
  'unsubscribed',
  'unconfirmed',
  'not_subscribed',
  'suppressed',
  'no_address',
  'malformed',
  'duplicate',
  'missing_field',
  'unrenderable',
  'gone',
  'capped',
] as const
/**
 * Why somebody of the audience gets nothing. `left_out`: by a list or segment that the sender named. `not_subscribed`: to any list, of whom a segment
 * has. `gone`: the contact was removed in the meantime. `capped`: they had as many mails of campaigns as anybody is to get.
 */
export type Exclusion = (typeof EXCLUSIONS)[number]

/** What people write of a campaign. */
export interface CampaignText extends CampaignSettings {
  readonly name: string
  readonly content: Content
  /** The author as people read it, `Shop <news@example.com>`. */
  readonly sender: string
  readonly replyTo: string | null
  readonly audience: Audience
  /** Null: as fast as routes and receivers allow. */
  readonly pace: MailingPace | null
  readonly tracking: { readonly opens?: boolean | undefined; readonly clicks?: boolean | undefined }
}

/** What failed is being sent again: of which classes (null: all), and how many it was so far. */
export interface Again {
  readonly classes: readonly string[] | null
  readonly actor: string | null
  readonly done: number
}

/** What is made once and is the same for all who get a version. */
export interface MadeVariant {
  readonly contentHash: string
  readonly sizeBytes: number
  readonly parts: Parts & { readonly size: number }
  readonly linkSet: LinkSetId | null
  readonly tracking: CampaignText['tracking']
}

export interface Campaign extends CampaignText {
  readonly workspaceId: WorkspaceId
  readonly id: CampaignId
  readonly state: CampaignState
  readonly version: number
  readonly scheduledAt: Date | null
  readonly timeZone: string
  /** When the schedule begins its work: earlier than `scheduledAt` where each person has it at an hour of their own. */
  readonly beginsAt: Date | null
  /** On which day, where each person has it at an hour of their own. */
  readonly localDate: string | null
  /** Why a schedule that is due, or a start, waits for a person's word. */
  readonly question: Reason | null
  readonly reason: Reason | null
  readonly phase: Phase | null
  readonly cursor: ContactId | null
  readonly mailingId: MailingId | null
  /** Of the stencil, hexadecimal. */
  readonly contentHash: string | null
  readonly sizeBytes: number | null
  readonly parts: (Parts & { readonly size: number }) | null
  readonly linkSet: LinkSetId | null
  /** Of all versions but the first. */
  readonly variants: readonly MadeVariant[] | null
  /** What its mails say of where it can be read. */
  readonly archiveUrl: string | null
  /** When the test of versions ends; null while nobody knows. */
  readonly decidesAt: Date | null
  readonly winner: number | null
  readonly decision: Decision | null
  readonly candidates: number
  readonly prepared: number
  readonly excluded: number
  readonly again: Again | null
  readonly againCursor: ContactId | null
  readonly settled: number
  readonly movedAt: Date | null
  readonly createdAt: Date
  readonly createdBy: string | null
  readonly updatedAt: Date
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
}

export const CAMPAIGN_ACTIONS = [
  'edit',
  'remove',
  'schedule',
  'unschedule',
  'confirm',
  'start',
  'pause',
  'resume',
  'set_pace',
  'cancel',
  'retry',
  'extend',
  'choose_winner',
] as const
export type CampaignAction = (typeof CAMPAIGN_ACTIONS)[number]

type Acted = Pick<Campaign, 'state' | 'question' | 'again' | 'audience'> & Partial<Pick<Campaign, 'ab' | 'winner'>>

/** What a person may do with a campaign now. Buttons and verbs ask this same rule. */
export function campaignActionsOf(campaign: Acted): readonly CampaignAction[] {
  const { state, question, again, audience } = campaign
  const choose = isTesting({ ab: campaign.ab ?? null, winner: campaign.winner ?? null }) ? (['choose_winner'] as const) : []
  switch (state) {
    case 'draft':
      return ['edit', 'remove', 'schedule', 'start']
    case 'scheduled':
      return question ? ['unschedule', 'schedule', 'confirm'] : ['unschedule', 'schedule', 'start']
    case 'preparing':
      return ['cancel']
    case 'sending':
      return [
        ...(again ? (['pause', 'set_pace', 'cancel'] as const) : (['pause', 'set_pace', 'cancel', 'retry'] as const)),
        ...choose,
      ]
    case 'paused':
      return [
        ...(again ? (['resume', 'set_pace', 'cancel'] as const) : (['resume', 'set_pace', 'cancel', 'retry'] as const)),
        ...choose,
      ]
    case 'done':
      // A snapshot has no people who were added since.
      return audience.kind === 'segments' && audience.mode === 'snapshot' ? ['retry'] : ['retry', 'extend']
    case 'cancelled':
      return []
  }
}

export function mayDo(campaign: Acted, action: CampaignAction): boolean {
  return campaignActionsOf(campaign).includes(action)
}

/** Those that wait for another try are counted so far. */
export const MANY_DEFERRED = 10_000

/** A schedule that is late by more than this asks before it sends: nobody reads the news of yesterday morning at night. */
export const LATE_MS = 60 * MINUTE

export function isOverdue({ beginsAt }: Pick<Campaign, 'beginsAt'>, now: Date): boolean {
  return beginsAt !== null && now.getTime() - beginsAt.getTime() > LATE_MS
}

const INTERVALS = 3

/**
 * Whether it should have moved by now and has not: for three times as long as it takes from one mail to the next. `intervalMs` of what limits it;
 * faster ones are given a minute.
 */
export function isStuck({ movedAt }: Pick<Campaign, 'movedAt'>, intervalMs: number, now: Date): boolean {
  return movedAt !== null && now.getTime() - movedAt.getTime() > INTERVALS * Math.max(intervalMs, MINUTE)
}

/** Half of that: time to look whether it has a reason to wait. */
export function isQuiet(campaign: Pick<Campaign, 'movedAt'>, intervalMs: number, now: Date): boolean {
  return campaign.movedAt !== null && now.getTime() - campaign.movedAt.getTime() > (INTERVALS / 2) * Math.max(intervalMs, MINUTE)
}

export function campaignReason(code: string, sentence: string, hint: string, now: Date): Reason {
  return { code, sentence, hint, failure: null, at: now }
}
