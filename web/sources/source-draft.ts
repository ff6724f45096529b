import type { Source } from '../../src/api/endpoints/sources.ts'
import type { Id } from '../../src/lib/ids.ts'
import { type MailboxProtocol, type MailboxSecurity, type OAuthProvider, usualPort } from '../../src/mailboxes/mailbox.ts'

export const SOURCE_KINDS = ['password', 'microsoft', 'google', 'ses', 'folder'] as const
export type SourceKind = (typeof SOURCE_KINDS)[number]

export interface SourceDraft {
  readonly kind: SourceKind
  readonly name: string
  readonly protocol: MailboxProtocol
  readonly address: string
  readonly host: string
  readonly port: number
  readonly security: MailboxSecurity
  readonly username: string
  readonly password: string
  readonly allowPrivate: boolean
  readonly path: string
  readonly topicArn: string
  readonly route: string
  readonly folders: readonly string[]
  readonly inbox: string
  readonly begin: Source['begin_with']
  readonly afterwards: Source['afterwards']
  readonly moveTo: string
}

const EMPTY: SourceDraft = {
  kind: 'password',
  name: '',
  protocol: 'imap',
  address: '',
  host: '',
  port: 993,
  security: 'tls',
  username: '',
  password: '',
  allowPrivate: false,
  path: '',
  topicArn: '',
  route: '',
  folders: ['INBOX'],
  inbox: '',
  begin: 'new',
  afterwards: 'leave',
  moveTo: '',
}

export function draftOf(source: Source | null): SourceDraft {
  if (!source) return EMPTY
  const { name, mailbox, path, ses, folders, inbox_id, begin_with: begin, afterwards, move_to } = source
  return {
    ...EMPTY,
    kind: mailbox ? (mailbox.provider ?? 'password') : ses ? 'ses' : 'folder',
    name,
    ...(mailbox && {
      protocol: mailbox.protocol,
      address: mailbox.address,
      host: mailbox.host,
      port: mailbox.port,
      security: mailbox.security,
      username: mailbox.username,
      allowPrivate: mailbox.allow_private,
    }),
    path: path ?? '',
    topicArn: ses?.topic_arn ?? '',
    route: ses?.route_id ?? '',
    folders,
    inbox: inbox_id ?? '',
    begin,
    afterwards,
    moveTo: move_to ?? '',
  }
}

export function providerOf({ kind }: SourceDraft): OAuthProvider | null {
  return kind === 'microsoft' || kind === 'google' ? kind : null
}

/** What another protocol or encryption makes of the port, as long as it is a usual one. */
export function withUsualPort(
  draft: SourceDraft,
  change: Pick<SourceDraft, 'protocol'> | Pick<SourceDraft, 'security'>,
): SourceDraft {
  const next = { ...draft, ...change }
  const isUsual = draft.port === usualPort(draft.protocol, draft.security)
  return isUsual ? { ...next, port: usualPort(next.protocol, next.security) } : next
}

export function mailboxOf(draft: SourceDraft) {
  const { protocol, address, host, port, security, username, password, allowPrivate } = draft
  const provider = providerOf(draft)
  const who = username.trim() || address.trim()
  if (provider) return { protocol, provider, address: address.trim(), username: who }
  return {
    protocol,
    address: address.trim(),
    host: host.trim(),
    port,
    security,
    username: who,
    ...(password !== '' && { password }),
    allow_private: allowPrivate,
  }
}

export function sesOf({ topicArn, route }: SourceDraft) {
  return { topic_arn: topicArn.trim(), route_id: route === '' ? null : (route as Id<'route'>) }
}

/** A mailbox has a server with folders, on which something may be done with its mail. */
export function isMailbox({ kind }: SourceDraft): boolean {
  return kind !== 'folder' && kind !== 'ses'
}

export function choicesOf(draft: SourceDraft) {
  const { name, folders, inbox, afterwards, moveTo } = draft
  return {
    name: name.trim(),
    folders: [...folders],
    inbox_id: inbox === '' ? null : (inbox as Id<'inbox'>),
    ...(isMailbox(draft) && { afterwards, move_to: afterwards === 'move' ? moveTo.trim() : null }),
  }
}
