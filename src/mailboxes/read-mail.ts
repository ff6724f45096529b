import { SECOND } from '../lib/clock.ts'
import { withImap } from './imap.ts'
import { imapReader } from './imap-reader.ts'
import { MailboxTrouble, problemOf } from './mailbox-problem.ts'
import type { MailReader, Session } from './open-mailbox.ts'
import { pop3Reader } from './pop3/pop3-reader.ts'
import { openPop3, type Pop3Session } from './pop3/pop3-session.ts'
import type { MailboxAccount, ReachDeps } from './reach.ts'

const SESSION_MS = 60 * SECOND

/** One session by whichever protocol the mailbox speaks: opened, worked in, and closed within `limitMs`. Network: never inside a transaction. */
export function readMail<T>(
  account: MailboxAccount,
  deps: ReachDeps,
  work: (reader: MailReader) => Promise<T>,
  limitMs: number = SESSION_MS,
): Promise<Session<T>> {
  return account.protocol === 'imap'
    ? withImap(account, deps, (client) => work(imapReader(client)), limitMs)
    : readPop3(account, deps, work, limitMs)
}

/** The same by POP3. `signal` cuts it off at once; the work then hears that the line is gone. */
export async function readPop3<T>(
  account: MailboxAccount,
  deps: ReachDeps,
  work: (reader: MailReader) => Promise<T>,
  limitMs: number,
  signal?: AbortSignal,
): Promise<Session<T>> {
  let session: Pop3Session | null = null
  let isLate = false
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true
      // What waits for the server hears of it too, and so nothing goes on behind our back.
      session?.abandon()
      reject(new MailboxTrouble('timeout', `it took longer than ${Math.round(limitMs / SECOND)} seconds`))
    }, limitMs)
  })
  const cut = () => session?.abandon()
  signal?.addEventListener('abort', cut, { once: true })
  const run = async () => {
    const opened = await openPop3(account, deps)
    session = opened
    if (isLate || signal?.aborted) opened.abandon()
    const value = await work(pop3Reader(opened))
    await opened.quit()
    return value
  }
  try {
    const running = run()
    running.catch(() => {})
    return { ok: true, value: await Promise.race([running, late]) }
  } catch (error) {
    const problem = problemOf(error, account)
    if (problem === null) throw error
    return { ok: false, problem }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', cut)
    ;(session as Pop3Session | null)?.abandon()
  }
}
