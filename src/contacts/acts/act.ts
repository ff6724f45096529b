/**
 * One act on many contacts. Law: whom it means is decided once, when it begins; each of them is changed, was so already, or could not be, with the reason;
 * the sum of these is everybody who was looked at, and with whoever is left since it was stopped everybody whom it meant. Consent rises by it as it does by any act of a person: never without an override and its reason. Pure.
 */
import type { Id } from '../../lib/ids.ts'
import { decideConsent, type OptIn, type Standing } from '../consent/consent.ts'
import type { ListId } from '../consent/queries.ts'
import type { ContactFilter } from '../filter/filter.ts'

export type ContactActId = Id<'contact_act'>

export type ManyAct =
  | { readonly kind: 'tag' | 'untag'; readonly tag: string }
  /** `reason`: how they agreed; with `override` why it is right all the same. */
  | { readonly kind: 'subscribe'; readonly list: ListId; readonly reason: string; readonly override: boolean }
  | { readonly kind: 'unsubscribe'; readonly list: ListId; readonly reason: string }

export type ActScope =
  | { readonly kind: 'contacts'; readonly ids: readonly string[] }
  | ({ readonly kind: 'filter' } & ContactFilter)

export const ACT_STATES = ['choosing', 'running', 'done', 'stopped', 'undoing', 'undone', 'failed'] as const
export type ActState = (typeof ACT_STATES)[number]

/** Why somebody could not be changed. */
export const ACT_REFUSALS = ['unsubscribed', 'unconfirmed', 'too_many_tags', 'failed'] as const
export type ActRefusal = (typeof ACT_REFUSALS)[number]

export interface ActCounts {
  readonly people: number
  readonly changed: number
  /** Of these, who are to confirm the list first. */
  readonly pending: number
  readonly already: number
  readonly refused: Readonly<Partial<Record<ActRefusal, number>>>
  /** Erased, or joined with another, since they were chosen. */
  readonly gone: number
  /** Not looked at, since it was stopped. */
  readonly left: number
  readonly undone: number
  readonly stayed: number
}

export const NO_COUNTS: ActCounts = {
  people: 0,
  changed: 0,
  pending: 0,
  already: 0,
  refused: {},
  gone: 0,
  left: 0,
  undone: 0,
  stayed: 0,
}

/** What an act would make of somebody who stands so with its list. */
export function outcomeOf(
  act: Extract<ManyAct, { readonly list: ListId }>,
  was: Standing,
  optIn: OptIn,
): { readonly kind: 'changed'; readonly became: Standing } | { readonly kind: 'already' } | { readonly kind: ActRefusal } {
  // Whoever is not on a list is not taken off it: that they left would be no word of theirs.
  if (act.kind === 'unsubscribe')
    return was === 'none' || was === 'unsubscribed' ? { kind: 'already' } : { kind: 'changed', became: 'unsubscribed' }
  const answer = decideConsent({ was, wants: 'subscribed', source: 'person', optIn, isOverride: act.override })
  if (answer.kind === 'refused') return { kind: answer.why }
  return answer.kind === 'stays' ? { kind: 'already' } : { kind: 'changed', became: answer.standing }
}

/** Whom it did not look at yet. */
export function leftOf({ people, changed, already, refused, gone }: ActCounts): number {
  return people - changed - already - gone - Object.values(refused).reduce((sum, n) => sum + n, 0)
}

/** How it was written before; null where they have no such tag, however it is written. */
export function sameTag(tags: readonly string[], tag: string): string | null {
  return tags.find((one) => one.toLowerCase() === tag.toLowerCase()) ?? null
}
