import type { MailboxProtocol, OAuthProvider } from '../mailbox.ts'

/** Where a provider asks people and gives out tokens. A value that is passed in, so that tests answer for them. */
export interface OAuthHosts {
  readonly authoriseUrl: string
  readonly tokenUrl: string
}
export type OAuthWorld = Readonly<Record<OAuthProvider, OAuthHosts>>

/** `{tenant}`: the organisation whose people may agree; `common` for all. */
export const OAUTH_WORLD: OAuthWorld = {
  microsoft: {
    authoriseUrl: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize',
    tokenUrl: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token',
  },
  google: {
    authoriseUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    tokenUrl: 'https://oauth2.googleapis.com/token',
  },
}

/** What we ask to be allowed, and no more: to read the mailbox, and to go on doing so without asking each hour. */
export function scopesOf(provider: OAuthProvider, protocol: MailboxProtocol): string {
  if (provider === 'google') return 'https://mail.google.com/'
  const name = protocol === 'imap' ? 'IMAP' : 'POP'
  return `https://outlook.office.com/${name}.AccessAsUser.All offline_access`
}

/** Where the mailboxes of a provider are. */
export function serverOf(provider: OAuthProvider, protocol: MailboxProtocol): string {
  if (provider === 'microsoft') return 'outlook.office365.com'
  return protocol === 'imap' ? 'imap.gmail.com' : 'pop.gmail.com'
}

/**
 * The initial response of SASL XOAUTH2, for IMAP, POP3 and SMTP alike (developers.google.com/workspace/gmail/imap/xoauth2-protocol): user and
 * bearer token between bytes of value 1.
 */
export function xoauth2(username: string, accessToken: string): string {
  return Buffer.from(`user=${username}\x01auth=Bearer ${accessToken}\x01\x01`).toString('base64')
}
