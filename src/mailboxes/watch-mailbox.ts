import type { Clock } from '../lib/clock.ts'
import { MINUTE, SECOND } from '../lib/clock.ts'
import { inTime } from '../lib/wait.ts'
import { reconnectDelayMs } from './backoff.ts'
import type { Bell } from './bell.ts'
import { farewell, type ImapClient, imapClient } from './imap-client.ts'
import { imapReader } from './imap-reader.ts'
import type { Mailbox, MailboxProblem } from './mailbox.ts'
import { MailboxTrouble, problemOf } from './mailbox-problem.ts'
import { accountOf, type MailboxDeps } from './mailboxes.ts'
import { distrustToken } from './oauth/access-token.ts'
import type { MailReader } from './open-mailbox.ts'
import type { MailboxAccount } from './reach.ts'
import { readPop3 } from './read-mail.ts'

/** push: the server tells of new mail (IDLE, RFC 2177). poll: it is asked every minute. */
export type Listening = 'push' | 'poll'

export interface WatchTiming {
  /** How often a session that hears nothing asks for a sign of life, and the other folders for news. */
  readonly tickMs: number
  /** News or not: after so long everything is looked at. */
  readonly sweepMs: number
  readonly heardEveryMs: number
  /** A server that says something now and then, and never lets us in, is given up after so long. */
  readonly openMs: number
  readonly answerMs: number
  readonly pollMs: number
  delayMs(failures: number, problem: MailboxProblem | null): number
}

export interface Watch {
  /** IDLE is on the first; the others are asked every minute, on the same connection. */
  readonly folders: readonly string[]
  /** At the start of every session, when there may be new mail, and now and then. In the session, one call at a time. */
  onNews(reader: MailReader): Promise<void>
  /** The server said something. At most every half minute. */
  onHeard(listening: Listening, now: Date): Promise<void>
  /** The session failed, or could not be opened; it is tried again at `retryAt`. */
  onTrouble(problem: MailboxProblem, retryAt: Date): Promise<void>
  /** Rung from outside: look now. */
  readonly bell: Bell
  readonly signal: AbortSignal
}

export interface WatchDeps extends MailboxDeps {
  readonly clock: Clock
  readonly random: () => number
  readonly timing?: Partial<WatchTiming>
}

const POP3_SESSION_MS = 10 * MINUTE

/**
 * Keeps a mailbox open as long as `signal` lets it, and says when there is something to take. Never rejects for what a server does; a fault of ours
 * (the database is away) ends it, and whoever called comes again.
 */
export async function watchMailbox(mailbox: Mailbox, deps: WatchDeps, watch: Watch): Promise<void> {
  const timing = timingOf(deps)
  const heard = throttled(deps, watch, timing)
  let failures = 0
  while (!watch.signal.aborted) {
    let worked = false
    const counting: Watch = {
      ...watch,
      onNews: async (reader) => {
        await watch.onNews(reader)
        worked = true
      },
    }
    const problem = await oneSession(mailbox, deps, counting, timing, heard)
    if (watch.signal.aborted) return
    if (problem === null) {
      failures = 0
      // With POP3 this is the usual end of a look.
      await watch.bell.wait(timing.pollMs, watch.signal)
      continue
    }
    if (problem.cause === 'login' && mailbox.settings.auth.kind === 'oauth') await distrustToken(mailbox, deps)
    failures = worked ? 1 : failures + 1
    const delayMs = timing.delayMs(failures, problem)
    await watch.onTrouble(problem, new Date(deps.clock.now().getTime() + delayMs))
    await watch.bell.wait(delayMs, watch.signal)
  }
}

function timingOf({ timing, random }: WatchDeps): WatchTiming {
  return {
    tickMs: MINUTE,
    sweepMs: 5 * MINUTE,
    heardEveryMs: 30 * SECOND,
    openMs: MINUTE,
    answerMs: 30 * SECOND,
    pollMs: MINUTE,
    delayMs: (failures, problem) => reconnectDelayMs(failures, problem?.cause ?? null, random()),
    ...timing,
  }
}

type Heard = (listening: Listening) => Promise<void>

function throttled({ clock }: WatchDeps, watch: Watch, { heardEveryMs }: WatchTiming): Heard {
  let toldMs = Number.NEGATIVE_INFINITY
  return async (listening) => {
    if (clock.monotonicMs() - toldMs < heardEveryMs) return
    toldMs = clock.monotonicMs()
    await watch.onHeard(listening, clock.now())
  }
}

/** Null: it ended as it should. */
async function oneSession(
  mailbox: Mailbox,
  deps: WatchDeps,
  watch: Watch,
  timing: WatchTiming,
  heard: Heard,
): Promise<MailboxProblem | null> {
  const account = await accountOf(mailbox, deps)
  if (!account.ok) return account.problem
  if (account.value.protocol === 'imap') return await imapSession(account.value, deps, watch, timing, heard)
  const session = await readPop3(
    account.value,
    deps,
    async (reader) => {
      await heard('poll')
      await watch.onNews(reader)
    },
    POP3_SESSION_MS,
    watch.signal,
  )
  return session.ok ? null : session.problem
}

async function imapSession(
  account: MailboxAccount,
  deps: WatchDeps,
  watch: Watch,
  timing: WatchTiming,
  heard: Heard,
): Promise<MailboxProblem | null> {
  let client: ImapClient | null = null
  let behind: Error | null = null
  const cut = () => client?.close()
  try {
    const made = await imapClient(account, deps)
    client = made
    made.on('error', (error: Error) => {
      behind ??= error
    })
    made.on('close', () => watch.bell.ring())
    // Ended while the name was looked up: nobody would hear of it any more.
    if (watch.signal.aborted) return null
    watch.signal.addEventListener('abort', cut, { once: true })
    await open(made, timing)
    await listen(made, watch, timing, heard)
    return null
  } catch (error) {
    if (watch.signal.aborted) return null
    const told = problemOf(error, account)
    const problem = told?.cause === 'connection' ? (problemOf(behind, account) ?? told) : told
    if (problem === null) throw error
    return problem
  } finally {
    watch.signal.removeEventListener('abort', cut)
    if (client) await farewell(client, watch.signal.aborted)
  }
}

/** The library's own limits are for silence; this one is for all of it. */
async function open(client: ImapClient, { openMs }: WatchTiming): Promise<void> {
  const opened = await inTime(
    client.connect().then(() => true),
    openMs,
  )
  if (opened === null) throw new MailboxTrouble('timeout', `it did not let us in within ${Math.ceil(openMs / SECOND)} seconds`)
}

/**
 * Takes what is there, then waits: for the server's word, for somebody's ring, or for the minute to end. Whether there is news is told by comparing the
 * folders with how they were when they were last looked at, so that what comes while we look is not slept over.
 */
async function listen(client: ImapClient, watch: Watch, timing: WatchTiming, heard: Heard): Promise<void> {
  const { bell, signal } = watch
  const listening: Listening = client.capabilities.has('IDLE') ? 'push' : 'poll'
  const reader = imapReader(client)
  const ring = () => bell.ring()
  let looked = ''
  let sweepIn = 0
  while (!signal.aborted) {
    const now = await looksOf(client, watch.folders)
    await heard(listening)
    if (now !== looked || sweepIn <= 0) {
      looked = now
      sweepIn = Math.max(1, Math.round(timing.sweepMs / timing.tickMs))
      await watch.onNews(reader)
      continue
    }
    client.on('exists', ring)
    if (listening === 'push') client.idle().catch(() => {})
    if (await bell.wait(timing.tickMs, signal)) sweepIn = 0
    else sweepIn--
    client.off('exists', ring)
    if (signal.aborted) return
    // Ends IDLE, and is the sign of life: a connection that a firewall forgot says nothing, and would say nothing for ever.
    const answered = await inTime(
      client.noop().then(() => true),
      timing.answerMs,
    )
    if (answered === null) throw new MailboxTrouble('timeout', 'it does not answer any more')
    if (!client.usable) throw new MailboxTrouble('connection', 'the connection was closed')
  }
}

/** What would change with news. The first folder is left open, for IDLE; in the place of one that cannot be opened, the inbox. */
async function looksOf(client: ImapClient, folders: readonly string[]): Promise<string> {
  const [first = 'INBOX', ...others] = folders
  const looks: string[] = []
  for (const path of others) {
    const status = await unlessRefused(() => client.status(path, { uidNext: true, uidValidity: true }))
    looks.push(status ? `${status.uidValidity}:${status.uidNext}` : '')
  }
  const opened =
    (await unlessRefused(() => client.mailboxOpen(first, { readOnly: true }))) ??
    (await client.mailboxOpen('INBOX', { readOnly: true }))
  return [...looks, `${opened.path}:${opened.uidValidity}:${opened.uidNext}:${opened.exists}`].join(' ')
}

/** Null where the server says no: the folder is gone, which whoever reads it says better. */
async function unlessRefused<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    const { responseStatus, code } = error as { responseStatus?: string; code?: string }
    if (responseStatus === 'NO' || code === 'NotFound') return null
    throw error
  }
}
