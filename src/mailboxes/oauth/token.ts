/**
 * What a person granted us for a mailbox: a token to show, which lives for an hour or so, and one to get the next with.
 *
 *   granted ──its end comes near──▶ refreshed ──▶ …
 *                   └──the provider refuses for good──▶ refused, until a person grants it again or the application is changed
 *
 * A refusal that may pass (the network, the provider's own trouble) changes nothing but `failingSince`; the old token is shown while it lives.
 */
import { MINUTE } from '../../lib/clock.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { MailboxId, OAuthProvider } from '../mailbox.ts'

export interface OAuthApp {
  readonly workspaceId: WorkspaceId
  readonly provider: OAuthProvider
  readonly clientId: string
  readonly sealedSecret: Buffer
  /** Microsoft's directory whose people may agree. */
  readonly tenant: string
  /** The day, as YYYY-MM-DD, where a person entered it. */
  readonly secretEndsOn: string | null
  /** Google's consent screen is in testing: grants end after a week. */
  readonly inTesting: boolean
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface StoredToken {
  readonly workspaceId: WorkspaceId
  readonly mailboxId: MailboxId
  readonly sealedAccess: Buffer
  readonly sealedRefresh: Buffer
  readonly expiresAt: Date
  readonly grantedAt: Date
  readonly refreshedAt: Date
  /** The end of the long-lived one, where the provider told it. */
  readonly refreshEndsAt: Date | null
  readonly problem: string | null
  readonly failingSince: Date | null
  readonly refreshing: string | null
  readonly refreshingUntil: Date | null
}

/** A session that begins with a token must not outlive it at once; clocks differ, too. */
const FRESH_MS = 5 * MINUTE

/** Whether it need not be refreshed yet. */
export function isFresh({ expiresAt }: Pick<StoredToken, 'expiresAt'>, now: Date): boolean {
  return expiresAt.getTime() - now.getTime() > FRESH_MS
}

export function isAlive({ expiresAt }: Pick<StoredToken, 'expiresAt'>, now: Date): boolean {
  return expiresAt > now
}

export function tokenSeal(mailboxId: MailboxId, which: 'access' | 'refresh'): string {
  return `mailbox-token:${which}:${mailboxId}`
}

export function appSeal(workspaceId: WorkspaceId, provider: OAuthProvider): string {
  return `oauth-app:${workspaceId}:${provider}`
}
