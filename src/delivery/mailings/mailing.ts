import type { MailingId, WorkspaceId } from '../../lib/ids.ts'
import type { Reason } from '../delivery.ts'
import type { ListScope } from '../suppression/suppression.ts'

/**
 * Many deliveries that are paused, paced and cancelled as one. It runs, or stands still with a reason; what is cancelled never runs again. A
 * delivery is in it for good and has its states as any other: what a mailing decides is whether it may be claimed.
 */
export const MAILING_STATES = ['running', 'paused', 'cancelled'] as const
export type MailingState = (typeof MAILING_STATES)[number]

export interface Mailing {
  readonly workspaceId: WorkspaceId
  readonly id: MailingId
  readonly state: MailingState
  readonly reason: Reason | null
  /** Beside everything and its stream: whoever is suppressed here is not mailed by it. */
  readonly scopes: readonly ListScope[]
  readonly createdAt: Date
  readonly changedAt: Date
  /** Nothing of it waits any more, and nothing will. */
  readonly settledAt: Date | null
}

export const MAX_SCOPES = 100
/** So many recipients are submitted at once: a message of a mailing. */
export const MAX_CHUNK = 1_000

export function canPause({ state, settledAt }: Pick<Mailing, 'state' | 'settledAt'>): boolean {
  return state === 'running' && settledAt === null
}

export function canResume({ state, settledAt }: Pick<Mailing, 'state' | 'settledAt'>): boolean {
  return state === 'paused' && settledAt === null
}

export function canCancel({ state, settledAt }: Pick<Mailing, 'state' | 'settledAt'>): boolean {
  return state !== 'cancelled' && settledAt === null
}

export function pausedReason(sentence: string, hint: string, code: string, now: Date): Reason {
  return { code, sentence, hint, failure: null, at: now }
}
