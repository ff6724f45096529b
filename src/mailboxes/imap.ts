import { isIP } from 'node:net'
import { type FetchMessageObject, ImapFlow } from 'imapflow'
import type { Resolver } from '../dns/resolver.ts'
import { SECOND } from '../lib/clock.ts'
import { isPrivateAddress } from '../net/private-address.ts'
import { ImapTrouble, problemOf } from './imap-problem.ts'
import type { MailboxProblem, MailboxSettings } from './mailbox.ts'

/** What a folder is for, as the server says (RFC 6154) or its name does. */
export type FolderRole = 'inbox' | 'junk' | 'sent' | 'trash' | 'drafts' | 'archive' | 'all' | 'other'

export interface Folder {
  readonly path: string
  readonly role: FolderRole
}

/** The open folder: UIDs mean something only together with `uidValidity`. */
export interface OpenFolder {
  readonly path: string
  readonly uidValidity: bigint
  /** The next mail gets at least this. */
  readonly uidNext: number
  readonly exists: number
}

export interface RawMail {
  readonly uid: number
  /** Up to `maxBytes` of it. */
  readonly raw: Buffer
  readonly sizeBytes: number
  readonly isCut: boolean
  /** When the server took it (INTERNALDATE). */
  readonly receivedAt: Date | null
  readonly flags: readonly string[]
}

/** A mailbox that is open: everything the house may do with one. Whatever fails ends the session with a problem. */
export interface OpenMailbox {
  folders(): Promise<readonly Folder[]>
  open(path: string, mode?: 'read' | 'write'): Promise<OpenFolder>
  /** UIDs above `uid` in the open folder, the newest `limit` of them, oldest first. */
  uidsAfter(uid: number, limit: number): Promise<readonly number[]>
  /** Null: it is not there any more. */
  fetch(uid: number, maxBytes: number): Promise<RawMail | null>
  /** The first `maxBytes` of each: enough for their heads. */
  heads(uids: readonly number[], maxBytes: number): Promise<readonly RawMail[]>
  markSeen(uids: readonly number[]): Promise<void>
  move(uids: readonly number[], path: string): Promise<void>
  remove(uids: readonly number[]): Promise<void>
}

export type Session<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: MailboxProblem }

export interface ImapDeps {
  readonly resolver: Resolver
  /** WAYBILL_ALLOW_PRIVATE_NETWORKS. */
  readonly allowPrivateNetworks: boolean
  /** Certificates trusted beside the usual ones. */
  readonly ca?: string
}

export interface ImapAccount extends MailboxSettings {
  readonly password: string
}

const CONNECT_MS = 15 * SECOND
const GREETING_MS = 10 * SECOND
const IDLE_MS = 30 * SECOND
const SESSION_MS = 60 * SECOND
const MAX_FOLDERS = 500
const MAX_AT_ONCE = 200
const MAX_LINE = 1024 * 1024
const MAX_LITERAL = 64 * 1024 * 1024

/**
 * Opens a mailbox, does the work and closes it, all within `limitMs`. The name is looked up by our resolver, and what is dialled is the address
 * that was held against the private networks: a name cannot point elsewhere in between.
 */
export async function withMailbox<T>(
  account: ImapAccount,
  deps: ImapDeps,
  work: (mailbox: OpenMailbox) => Promise<T>,
  limitMs: number = SESSION_MS,
): Promise<Session<T>> {
  let client: ImapFlow | null = null
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  let behind: Error | null = null
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true
      reject(new ImapTrouble('timeout', `it took longer than ${Math.round(limitMs / SECOND)} seconds`))
    }, limitMs)
  })
  const session = async () => {
    const address = await addressOf(account, deps)
    if (isLate) throw new ImapTrouble('timeout', 'it took too long to look its name up')
    client = clientFor(account, address, deps)
    // What goes wrong outside of a command is told here, and the command under way hears only that the line is gone.
    client.on('error', (error: Error) => {
      behind ??= error
    })
    await client.connect()
    return await work(openMailboxOf(client))
  }
  try {
    const running = session()
    running.catch(() => {})
    return { ok: true, value: await Promise.race([running, late]) }
  } catch (error) {
    const told = problemOf(error, account)
    const problem = told?.cause === 'connection' ? (problemOf(behind, account) ?? told) : told
    if (problem === null) throw error
    return { ok: false, problem }
  } finally {
    clearTimeout(timer)
    await farewell(client, isLate)
  }
}

/** LOGOUT is a courtesy: a server that does not answer it is left standing. */
async function farewell(client: ImapFlow | null, isLate: boolean): Promise<void> {
  if (!client) return
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, isLate ? 0 : 2 * SECOND)
  })
  await Promise.race([client.logout().catch(() => {}), enough])
  clearTimeout(timer)
  client.close()
}

async function addressOf({ host, allowPrivate }: ImapAccount, deps: ImapDeps): Promise<string> {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  const answer = await deps.resolver.addresses(bare)
  if (!answer.ok) throw new ImapTrouble('name', answer.message)
  const mayBePrivate = allowPrivate || deps.allowPrivateNetworks
  const allowed = answer.found.filter(({ address }) => mayBePrivate || !isPrivateAddress(address))
  // IPv4 first: a machine whose IPv6 leads nowhere is commoner than one without IPv4, and only one address is dialled.
  const [first] = [...allowed].sort((a, b) => a.family - b.family)
  if (!first) throw new ImapTrouble('private_address', `${host} is an address of this machine or of a private network`)
  return first.address
}

function clientFor(account: ImapAccount, address: string, { ca }: ImapDeps): ImapFlow {
  const { host, port, security, username, password } = account
  return new ImapFlow({
    host: address,
    port,
    secure: security === 'tls',
    doSTARTTLS: security === 'starttls',
    ...(isIP(host) === 0 && { servername: host }),
    auth: { user: username, pass: password },
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    clientInfo: { name: 'Waybill' },
    logger: false,
    disableAutoIdle: true,
    disableCompression: true,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: IDLE_MS,
    maxLineLength: MAX_LINE,
    maxLiteralSize: MAX_LITERAL,
    maxResponseSize: MAX_LITERAL + MAX_LINE,
  })
}

function openMailboxOf(client: ImapFlow): OpenMailbox {
  return {
    async folders() {
      const listed = await client.list()
      return listed
        .filter(({ flags }) => !flags.has('\\Noselect') && !flags.has('\\NonExistent'))
        .slice(0, MAX_FOLDERS)
        .map(({ path, specialUse }) => ({ path, role: roleOf(path, specialUse) }))
    },
    async open(path, mode = 'read') {
      const opened = await client.mailboxOpen(path, { readOnly: mode === 'read' })
      return { path: opened.path, uidValidity: opened.uidValidity, uidNext: opened.uidNext, exists: opened.exists }
    },
    async uidsAfter(uid, limit) {
      // `n:*` names the last mail even when its UID is below n (RFC 9051 §9, seq-range).
      const found = await client.search({ uid: `${uid + 1}:*` }, { uid: true })
      const uids = (found || []).filter((each) => each > uid).sort((a, b) => a - b)
      return uids.slice(Math.max(0, uids.length - limit))
    },
    async fetch(uid, maxBytes) {
      const query = { uid: true, size: true, flags: true, internalDate: true, source: { start: 0, maxLength: maxBytes } }
      const found = await client.fetchOne(String(uid), query, { uid: true })
      return found ? toRawMail(found, found.source, maxBytes) : null
    },
    async heads(uids, maxBytes) {
      const mails: RawMail[] = []
      for (let at = 0; at < uids.length; at += MAX_AT_ONCE) {
        const range = uids.slice(at, at + MAX_AT_ONCE).join(',')
        // The beginning of the mail, not BODY[HEADER]: only so can the server be told where to stop.
        const query = { uid: true, size: true, flags: true, internalDate: true, source: { start: 0, maxLength: maxBytes } }
        for await (const found of client.fetch(range, query, { uid: true })) mails.push(toRawMail(found, found.source, maxBytes))
      }
      return mails
    },
    async markSeen(uids) {
      if (uids.length > 0) await client.messageFlagsAdd(uids.join(','), ['\\Seen'], { uid: true })
    },
    async move(uids, path) {
      if (uids.length > 0) await client.messageMove(uids.join(','), path, { uid: true })
    },
    async remove(uids) {
      if (uids.length > 0) await client.messageDelete(uids.join(','), { uid: true })
    },
  }
}

function toRawMail(found: FetchMessageObject, raw: Buffer = Buffer.alloc(0), maxBytes: number): RawMail {
  const { uid, size = raw.length, flags, internalDate } = found
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
