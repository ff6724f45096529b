import { SECOND } from '../lib/clock.ts'
import { farewell, foldersOf, type ImapClient, imapClient, mailQuery, toRawMail } from './imap-client.ts'
import { MailboxTrouble, problemOf } from './mailbox-problem.ts'
import type { OpenMailbox, RawMail, Session } from './open-mailbox.ts'
import type { MailboxAccount, ReachDeps } from './reach.ts'

const SESSION_MS = 60 * SECOND
const MAX_AT_ONCE = 200

/** Opens a mailbox by IMAP, does the work and closes it, all within `limitMs`. */
export function withMailbox<T>(
  account: MailboxAccount,
  deps: ReachDeps,
  work: (mailbox: OpenMailbox) => Promise<T>,
  limitMs: number = SESSION_MS,
): Promise<Session<T>> {
  return withImap(account, deps, (client) => work(openMailboxOf(client)), limitMs)
}

/** The same with the client itself, for the other files of this seam. */
export async function withImap<T>(
  account: MailboxAccount,
  deps: ReachDeps,
  work: (client: ImapClient) => Promise<T>,
  limitMs: number = SESSION_MS,
): Promise<Session<T>> {
  let client: ImapClient | null = null
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  let behind: Error | null = null
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true
      reject(new MailboxTrouble('timeout', `it took longer than ${Math.round(limitMs / SECOND)} seconds`))
    }, limitMs)
  })
  const session = async () => {
    const made = await imapClient(account, deps)
    if (isLate) throw new MailboxTrouble('timeout', 'it took too long to look its name up')
    client = made
    // What goes wrong outside of a command is told here, and the command under way hears only that the line is gone.
    made.on('error', (error: Error) => {
      behind ??= error
    })
    await made.connect()
    return await work(made)
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
    if (client) await farewell(client, isLate)
  }
}

function openMailboxOf(client: ImapClient): OpenMailbox {
  return {
    folders: () => foldersOf(client),
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
      const found = await client.fetchOne(String(uid), mailQuery(maxBytes), { uid: true })
      return found ? toRawMail(found, maxBytes) : null
    },
    async heads(uids, maxBytes) {
      const mails: RawMail[] = []
      for (let at = 0; at < uids.length; at += MAX_AT_ONCE) {
        const range = uids.slice(at, at + MAX_AT_ONCE).join(',')
        for await (const found of client.fetch(range, mailQuery(maxBytes), { uid: true })) mails.push(toRawMail(found, maxBytes))
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
    async append(path, raw, at) {
      await client.append(path, raw, ['\\Seen'], at)
    },
    async holds(path, messageId) {
      await client.mailboxOpen(path, { readOnly: true })
      // A substring is looked for (RFC 9051 §6.4.4): the brackets keep it from being another id's.
      const found = await client.search({ header: { 'message-id': messageId } }, { uid: true })
      return found !== false && found !== undefined && found.length > 0
    },
  }
}
