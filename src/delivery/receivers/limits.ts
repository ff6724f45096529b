import { DAY } from '../../lib/clock.ts'
import type { ReceiverLimits } from './receiver-seeds.ts'

/** What differs from the seed for one receiver on one route: set by a person, or learned from answers. */
export interface LimitsRow {
  readonly receiver: string
  readonly set: { readonly connections: number | null; readonly messages: number | null; readonly at: Date } | null
  readonly learned: {
    readonly connections: number | null
    readonly messages: number | null
    readonly at: Date
    /** The answer that taught it. */
    readonly why: string
  } | null
}

/** What an answer taught about a receiver. */
export interface Lesson {
  readonly connections?: number
  readonly messages?: number
  readonly why: string
}

/**
 * What holds now: what a person set, else the seed; lowered by what was learned. A lesson fades: each day since it was learned it allows a
 * tenth of the usual more, at least one, until it says nothing any more and the receiver is asked anew.
 */
export function limitsNow(seed: ReceiverLimits, row: LimitsRow | null, now: Date): ReceiverLimits {
  const connections = row?.set?.connections ?? seed.maxConnections
  const messages = row?.set?.messages ?? seed.maxMessagesPerConnection
  const days = row?.learned ? Math.max(0, Math.floor((now.getTime() - row.learned.at.getTime()) / DAY)) : 0
  return {
    maxConnections: lowered(connections, row?.learned?.connections ?? null, days),
    maxMessagesPerConnection: lowered(messages, row?.learned?.messages ?? null, days),
  }
}

function lowered(usual: number, learned: number | null, days: number): number {
  return learned === null ? usual : Math.min(usual, learned + days * Math.max(1, Math.floor(usual / 10)))
}
