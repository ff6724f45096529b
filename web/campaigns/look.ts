/** Where people of a campaign may be, in the order in which they get there: one bar, the sum of all. */
import type { CampaignSummary } from '../../src/api/endpoints/campaigns.ts'
import type { Tone } from '../ui/tone.ts'
import type { RecipientSearch } from './campaign-search.ts'

export const PARTS = [
  'delivered',
  'sent',
  'sending',
  'fresh',
  'deferred',
  'held',
  'preparing',
  'awaits_winner',
  'unknown',
  'bounced',
  'failed',
  'expired',
  'suppressed',
  'cancelled',
  'excluded',
] as const
export type PartName = (typeof PARTS)[number]

export interface Part {
  readonly name: PartName
  readonly n: number
}

/** Parts beside each other of one tone are told apart by what fills them. */
export const PART_LOOKS: Readonly<Record<PartName, { readonly tone: Tone; readonly fill: 'solid' | 'hatched' | 'soft' }>> = {
  delivered: { tone: 'good', fill: 'solid' },
  sent: { tone: 'good', fill: 'hatched' },
  sending: { tone: 'busy', fill: 'solid' },
  fresh: { tone: 'wait', fill: 'soft' },
  deferred: { tone: 'care', fill: 'hatched' },
  held: { tone: 'care', fill: 'solid' },
  preparing: { tone: 'busy', fill: 'soft' },
  awaits_winner: { tone: 'wait', fill: 'hatched' },
  unknown: { tone: 'doubt', fill: 'solid' },
  bounced: { tone: 'bad', fill: 'solid' },
  failed: { tone: 'bad', fill: 'hatched' },
  expired: { tone: 'bad', fill: 'soft' },
  suppressed: { tone: 'calm', fill: 'solid' },
  cancelled: { tone: 'calm', fill: 'hatched' },
  excluded: { tone: 'calm', fill: 'soft' },
}

interface Counted {
  readonly excluded: number
  readonly preparing: number
  readonly deliveries: CampaignSummary['deliveries']
  readonly deferred: number
  /** Of a test: who gets the version that wins. */
  readonly awaits_winner: number
}

/** Their sum is everybody. */
export function partsOf({ excluded, preparing, deliveries, deferred, awaits_winner }: Counted): readonly Part[] {
  const { queued = 0, ...rest } = deliveries
  const tried = Math.min(deferred, queued)
  const counts: Partial<Record<PartName, number>> = {
    ...rest,
    excluded,
    preparing,
    awaits_winner,
    fresh: queued - tried,
    deferred: tried,
  }
  return PARTS.map((name) => ({ name, n: counts[name] ?? 0 }))
}

/** Taken by a server of theirs: what is meant by "had it". */
export function hadIt({ sent = 0, delivered = 0 }: CampaignSummary['deliveries']): number {
  return sent + delivered
}

export function failedOf({ bounced = 0, failed = 0, expired = 0 }: CampaignSummary['deliveries']): number {
  return bounced + failed + expired
}

/** Who would still get it. */
export function stillComing({
  preparing,
  deliveries,
  awaits_winner = 0,
}: Pick<CampaignSummary, 'preparing' | 'deliveries'> & { readonly awaits_winner?: number }): number {
  const { queued = 0, held = 0 } = deliveries
  return preparing + awaits_winner + queued + held
}

/** The list of those who are there; nobody is listed who has no state yet. */
export function searchOf(part: PartName): RecipientSearch | null {
  switch (part) {
    case 'preparing':
    case 'awaits_winner':
      return null
    case 'excluded':
      return { excluded: 'any' }
    case 'fresh':
      return { state: 'queued' }
    case 'deferred':
      return { deferred: 'true' }
    default:
      return { state: part }
  }
}

const TONES: Readonly<Record<CampaignSummary['state'], Tone>> = {
  draft: 'calm',
  scheduled: 'wait',
  preparing: 'busy',
  sending: 'busy',
  paused: 'care',
  done: 'good',
  cancelled: 'calm',
}

export function toneOf({ state, question }: Pick<CampaignSummary, 'state' | 'question'>): Tone {
  return question ? 'care' : TONES[state]
}
