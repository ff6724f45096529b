/**
 * Whether a person wants a list. Law: consent goes down whoever says so, and goes up only by the person themself (through a link that only they got), or by
 * an override that somebody of the workspace answers for with their name and a reason. A first word about a list may come from anywhere that says how it
 * was given; on lists with double opt-in it waits until the person has confirmed. Pure.
 */

export const STANDINGS = ['none', 'pending', 'subscribed', 'unsubscribed'] as const
export type Standing = (typeof STANDINGS)[number]

/** 'recipient': by a link that only they got. 'form': somebody typed the address into a form, which anybody can. */
export const CONSENT_SOURCES = ['import', 'form', 'recipient', 'person', 'api', 'merge', 'address', 'undo'] as const
export type ConsentSource = (typeof CONSENT_SOURCES)[number]

export type OptIn = 'single' | 'double'

export interface ConsentQuestion {
  readonly was: Standing
  readonly wants: Exclude<Standing, 'none'>
  readonly source: ConsentSource
  readonly optIn: OptIn
  /** Somebody answers for it with a reason. */
  readonly isOverride: boolean
}

export type ConsentAnswer =
  | { readonly kind: 'becomes'; readonly standing: Standing; readonly isOverride: boolean }
  | { readonly kind: 'stays' }
  | { readonly kind: 'refused'; readonly why: 'unsubscribed' | 'unconfirmed' }

export function decideConsent({ was, wants, source, optIn, isOverride }: ConsentQuestion): ConsentAnswer {
  if (was === wants) return { kind: 'stays' }
  const becomes = (standing: Standing, override = false): ConsentAnswer =>
    standing === was ? { kind: 'stays' } : { kind: 'becomes', standing, isOverride: override }
  if (wants === 'unsubscribed') return becomes('unsubscribed')
  // Whoever types a subscriber's address into a form takes nothing from them.
  if (was === 'subscribed') return source === 'form' ? { kind: 'stays' } : becomes('pending')
  if (source === 'recipient') return becomes(wants)
  const mayConfirm = optIn === 'single' || isOverride
  if (was === 'none') {
    const confirmed = wants === 'subscribed' && optIn === 'double' && isOverride
    return becomes(wants === 'subscribed' && !mayConfirm ? 'pending' : wants, confirmed)
  }
  if (isOverride) return becomes(wants, true)
  if (was === 'pending') return optIn === 'single' ? becomes('subscribed') : { kind: 'refused', why: 'unconfirmed' }
  return source === 'form' ? becomes('pending') : { kind: 'refused', why: 'unsubscribed' }
}

const HEIGHT: Readonly<Record<Standing, number>> = { none: 3, unsubscribed: 0, pending: 1, subscribed: 2 }

export interface Stand {
  readonly status: Exclude<Standing, 'none'>
  readonly source: ConsentSource
  readonly since: Date
}

/** Two people turn out to be one: the lower word counts, unless the person themself said the higher one later. */
export function joinedStanding(one: Stand | null, other: Stand | null): Stand | null {
  if (!one || !other) return one ?? other
  const [low, high] = HEIGHT[one.status] <= HEIGHT[other.status] ? [one, other] : [other, one]
  return high.source === 'recipient' && high.since > low.since ? high : low
}

/** What a delivery and a suppression call a list. */
export function scopeOfList<L extends string>(listId: L): `list:${L}` {
  return `list:${listId}`
}
