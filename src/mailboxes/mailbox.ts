/**
 * A mailbox of ours on another server, read by IMAP or POP3.
 *
 *   untried ──read──▶ working ◀──▶ failing
 *
 * It fails with a cause and a sentence for people, and works again as soon as it was read to the end. New settings make it untried: whatever
 * was wrong may be mended. The same law stands as CHECKs in migrations/0019_mailboxes.sql and 0026_mailbox_protocols.sql.
 */
import type { Id, WorkspaceId } from '../lib/ids.ts'

export type MailboxId = Id<'mailbox'>

export const MAILBOX_SECURITIES = ['tls', 'starttls', 'none'] as const
export type MailboxSecurity = (typeof MAILBOX_SECURITIES)[number]

export const MAILBOX_PROTOCOLS = ['imap', 'pop3'] as const
export type MailboxProtocol = (typeof MAILBOX_PROTOCOLS)[number]

export const OAUTH_PROVIDERS = ['microsoft', 'google'] as const
export type OAuthProvider = (typeof OAUTH_PROVIDERS)[number]

/** How we say who we are: by a password that is sealed in the row, or by what a person granted us (mailbox_token). */
export type MailboxAuth = { readonly kind: 'password' } | { readonly kind: 'oauth'; readonly provider: OAuthProvider }

/** How to reach a mailbox. The secret is apart: sealed, never read back. */
export interface MailboxSettings {
  readonly protocol: MailboxProtocol
  readonly auth: MailboxAuth
  readonly host: string
  readonly port: number
  /** tls: encrypted from the first byte (993, 995). starttls: encrypted before the log-in, required. none: the password goes in clear. */
  readonly security: MailboxSecurity
  readonly username: string
  /** Allows an address in a private or loopback network. */
  readonly allowPrivate: boolean
}

/**
 * Where the way to the mail ended. `folder`: the mailbox opens, but not that folder of it. `reconnect`: what a person granted us is over, and only a
 * person can grant it again.
 */
export const MAILBOX_CAUSES = [
  'name',
  'private_address',
  'connection',
  'encryption',
  'login',
  'folder',
  'protocol',
  'timeout',
  'too_large',
  'listing',
  'secret',
  'reconnect',
] as const
export type MailboxCause = (typeof MAILBOX_CAUSES)[number]

export interface MailboxProblem {
  readonly cause: MailboxCause
  readonly sentence: string
  readonly hint: string
}

export type MailboxState =
  | { readonly state: 'untried'; readonly since: Date }
  | { readonly state: 'working'; readonly since: Date; readonly lastSeenAt: Date }
  | {
      readonly state: 'failing'
      readonly since: Date
      readonly problem: MailboxProblem
      /** In a row. */
      readonly failures: number
      readonly lastSeenAt: Date | null
    }

export interface Mailbox {
  readonly workspaceId: WorkspaceId
  readonly id: MailboxId
  readonly name: string
  readonly address: string
  readonly settings: MailboxSettings
  /** Null with OAuth: there is no password. */
  readonly sealedSecret: Buffer | null
  readonly health: MailboxState
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What a look at a mailbox makes of its state: `problem` is null when it was read to the end. */
export function afterLook(health: MailboxState, problem: MailboxProblem | null, now: Date): MailboxState {
  if (problem === null) return { state: 'working', since: health.state === 'working' ? health.since : now, lastSeenAt: now }
  const isFailing = health.state === 'failing'
  return {
    state: 'failing',
    since: isFailing ? health.since : now,
    problem,
    failures: (isFailing ? health.failures : 0) + 1,
    lastSeenAt: health.state === 'untried' ? null : health.lastSeenAt,
  }
}

/** The port that each protocol has for it (RFC 8314 §7). */
export function usualPort(protocol: MailboxProtocol, security: MailboxSecurity): number {
  if (protocol === 'pop3') return security === 'tls' ? 995 : 110
  return security === 'tls' ? 993 : 143
}

/** The place a mailbox's password is sealed for. */
export function sealOf(id: MailboxId): string {
  return `mailbox:${id}`
}
