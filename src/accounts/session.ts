/**
 * A session is a random token in a cookie and a row that knows its hash. It ends when it is signed out or revoked, when it was not used
 * for two weeks, and after sixty days in any case.
 */
import { DAY, MINUTE } from '../lib/clock.ts'
import type { Id } from '../lib/ids.ts'

export type SessionId = Id<'session'>

export interface Session {
  readonly id: SessionId
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly expiresAt: Date
  readonly userAgent: string
  readonly ip: string
}

export const SESSION_LIFE_MS = 60 * DAY
export const SESSION_IDLE_MS = 14 * DAY
/** How exact "last seen" and "last used" are: a row is written at most this often, not with every request. */
const LAST_USED_EXACTNESS_MS = MINUTE

/** Where a request came from, as it is kept with a session and an event. */
export interface Origin {
  readonly ip: string
  readonly userAgent: string
}

export function sessionExpiresAt(now: Date): Date {
  return new Date(now.getTime() + SESSION_LIFE_MS)
}

/** A session last seen before this instant has ended. */
export function idleSince(now: Date): Date {
  return new Date(now.getTime() - SESSION_IDLE_MS)
}

/** Whether the time of last use is worth writing again. */
export function isStale(lastUsedAt: Date | null, now: Date): boolean {
  return lastUsedAt === null || now.getTime() - lastUsedAt.getTime() >= LAST_USED_EXACTNESS_MS
}
