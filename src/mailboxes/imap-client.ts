import { isIP } from 'node:net'
import { type FetchMessageObject, ImapFlow } from 'imapflow'
import { SECOND } from '../lib/clock.ts'
import { inTime } from '../lib/wait.ts'
import type { Folder, FolderRole, RawMail } from './open-mailbox.ts'
import { type MailboxAccount, type ReachDeps, reachableAddress } from './reach.ts'

export type ImapClient = ImapFlow

const CONNECT_MS = 15 * SECOND
const GREETING_MS = 10 * SECOND
const SILENCE_MS = 30 * SECOND
const FAREWELL_MS = 2 * SECOND
const MAX_FOLDERS = 500
const MAX_LINE = 1024 * 1024
/** No mail larger than this is ever fetched whole. */
export const MAX_LITERAL = 64 * 1024 * 1024

/** A client for the address that may be dialled; it is not connected yet. Only this file knows the library. */
export async function imapClient(account: MailboxAccount, deps: ReachDeps): Promise<ImapClient> {
  const { host, port, security, username, credential } = account
  return new ImapFlow({
    host: await reachableAddress(account, deps),
    port,
    secure: security === 'tls',
    doSTARTTLS: security === 'starttls',
    ...(isIP(host) === 0 && { servername: host }),
    auth:
      credential.kind === 'token'
        ? { user: username, accessToken: credential.accessToken }
        : { user: username, pass: credential.password },
    tls: { minVersion: 'TLSv1.2', ...(deps.ca !== undefined && { ca: deps.ca }) },
    clientInfo: { name: 'Waybill' },
    logger: false,
    disableAutoIdle: true,
    disableCompression: true,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: SILENCE_MS,
    maxLineLength: MAX_LINE,
    maxLiteralSize: MAX_LITERAL,
    maxResponseSize: MAX_LITERAL + MAX_LINE,
  })
}

/** LOGOUT is a courtesy: a server that does not answer it is left standing. */
export async function farewell(client: ImapClient, isLate = false): Promise<void> {
  await inTime(
    client.logout().catch(() => {}),
    isLate ? 0 : FAREWELL_MS,
  )
  client.close()
}

export async function foldersOf(client: ImapClient): Promise<readonly Folder[]> {
  const listed = await client.list()
  return listed
    .filter(({ flags }) => !flags.has('\\Noselect') && !flags.has('\\NonExistent'))
    .slice(0, MAX_FOLDERS)
    .map(({ path, specialUse }) => ({ path, role: roleOf(path, specialUse) }))
}

/** What is asked of a mail. The beginning of it, not BODY[HEADER]: only so can the server be told where to stop. */
export function mailQuery(maxBytes: number) {
  return { uid: true, size: true, flags: true, internalDate: true, source: { start: 0, maxLength: maxBytes } } as const
}

export function toRawMail(found: FetchMessageObject, maxBytes: number): RawMail {
  const { uid, source: raw = Buffer.alloc(0), size = raw.length, flags, internalDate } = found
  const at = internalDate === undefined ? null : new Date(internalDate)
  return {
    uid,
    raw,
    sizeBytes: size,
    isCut: raw.length >= maxBytes && size > raw.length,
    receivedAt: at && !Number.isNaN(at.getTime()) ? at : null,
    flags: [...(flags ?? [])],
  }
}

const ROLES: Readonly<Record<string, FolderRole>> = {
  '\\Inbox': 'inbox',
  '\\Junk': 'junk',
  '\\Sent': 'sent',
  '\\Trash': 'trash',
  '\\Drafts': 'drafts',
  '\\Archive': 'archive',
  '\\All': 'all',
}

function roleOf(path: string, specialUse: string | undefined): FolderRole {
  return path.toUpperCase() === 'INBOX' ? 'inbox' : (ROLES[specialUse ?? ''] ?? 'other')
}
