/**
 * When what lets us into a mailbox ends, as far as it is known. Providers end grants that nobody uses, Google those of an application in testing,
 * and Microsoft every client secret; none of them says so before. What the provider told with the token counts as well; the earliest end is it.
 */
import { DAY } from '../../lib/clock.ts'
import type { OAuthProvider } from '../mailbox.ts'
import type { StoredToken } from './token.ts'

export const GRANT_ENDS = ['unused', 'testing', 'told'] as const

export interface GrantEnd {
  readonly at: Date
  readonly because: (typeof GRANT_ENDS)[number]
}

/** Microsoft: learn.microsoft.com, “Refresh tokens in the Microsoft identity platform”; Google: developers.google.com, “Refresh token expiration”, six months. */
const UNUSED_MS: Readonly<Record<OAuthProvider, number>> = { microsoft: 90 * DAY, google: 180 * DAY }
const TESTING_MS = 7 * DAY

export function grantEnd(
  { grantedAt, refreshedAt, refreshEndsAt }: Pick<StoredToken, 'grantedAt' | 'refreshedAt' | 'refreshEndsAt'>,
  { provider, inTesting }: { readonly provider: OAuthProvider; readonly inTesting: boolean },
): GrantEnd {
  const ends: GrantEnd[] = [{ at: new Date(refreshedAt.getTime() + UNUSED_MS[provider]), because: 'unused' }]
  if (inTesting) ends.push({ at: new Date(grantedAt.getTime() + TESTING_MS), because: 'testing' })
  if (refreshEndsAt) ends.push({ at: refreshEndsAt, because: 'told' })
  return ends.reduce((first, end) => (end.at < first.at ? end : first))
}

/** Time enough to ask whoever may renew it, and the last call. */
const NEAR_MS = 14 * DAY
const CLOSE_MS = 3 * DAY

export const NEARNESSES = ['far', 'near', 'close', 'over'] as const
export type Nearness = (typeof NEARNESSES)[number]

/** How near an end is. What lives for two weeks or less would always be near: of that only the last call is made. */
function nearness(end: Date, begun: Date | null, now: Date): Nearness {
  const left = end.getTime() - now.getTime()
  if (left <= 0) return 'over'
  if (left <= CLOSE_MS) return 'close'
  const isShort = begun !== null && end.getTime() - begun.getTime() <= NEAR_MS
  return left <= NEAR_MS && !isShort ? 'near' : 'far'
}

export function nearnessOfGrant(
  { grantedAt, refreshedAt }: Pick<StoredToken, 'grantedAt' | 'refreshedAt'>,
  { at, because }: GrantEnd,
  now: Date,
): Nearness {
  return nearness(at, because === 'unused' ? refreshedAt : grantedAt, now)
}

/** By the beginning of its day: in which time zone the provider means it is not known, and early is in time. */
export function nearnessOfSecret(endsOn: string, now: Date): Nearness {
  return nearness(new Date(`${endsOn}T00:00:00.000Z`), null, now)
}

/** The days a client secret that ends on `day` is warned of are those up to this one. */
export function lastDayToWarn(now: Date): string {
  return new Date(now.getTime() + NEAR_MS).toISOString().slice(0, 10)
}
