import { connect as connectPlain } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { SECOND } from '../lib/clock.ts'
import { decodeWords } from '../mail/encoded-word.ts'
import { readReceivedHead } from '../mail/received-head.ts'
import type { MailboxProblem } from './mailbox.ts'
import { problemOf } from './mailbox-problem.ts'
import type { Folder, MailReader } from './open-mailbox.ts'
import { type MailboxAccount, type ReachDeps, reachableAddress, tlsOptions } from './reach.ts'
import { readMail } from './read-mail.ts'

export const MAILBOX_CHECKS = ['name', 'connection', 'encryption', 'login', 'folders', 'newest'] as const
export type MailboxCheckName = (typeof MAILBOX_CHECKS)[number]

/** `skipped`: what came before it failed, or it does not apply. */
export interface MailboxCheck {
  readonly name: MailboxCheckName
  readonly state: 'good' | 'bad' | 'skipped'
  /** What was seen, in words. */
  readonly sentence: string
  readonly hint: string
}

export interface MailboxExamination {
  readonly checks: readonly MailboxCheck[]
  readonly problem: MailboxProblem | null
  readonly folders: readonly Folder[]
  readonly inboxMails: number | null
}

const CONNECT_MS = 10 * SECOND
const HEAD_BYTES = 32 * 1024

/** Walks the way to the mail step by step and says of each what was seen. Nothing in the mailbox is changed. */
export async function examineMailbox(account: MailboxAccount, deps: ReachDeps): Promise<MailboxExamination> {
  const checks: MailboxCheck[] = []
  const good = (name: MailboxCheckName, sentence: string) => checks.push({ name, state: 'good', sentence, hint: '' })
  try {
    const address = await reachableAddress(account, deps)
    good('name', address === account.host ? `${address} is an address: nothing to look up.` : `${account.host} is ${address}.`)
    await reach(account, deps, address, good)
    const session = await readMail(account, deps, async (reader) => look(reader, account, good))
    if (!session.ok) return failed(checks, session.problem)
    return { checks, problem: null, ...session.value }
  } catch (error) {
    const problem = problemOf(error, account)
    if (problem === null) throw error
    return failed(checks, problem)
  }
}

async function look(reader: MailReader, { username }: MailboxAccount, good: (name: MailboxCheckName, sentence: string) => void) {
  good('login', `${username} was let in.`)
  const folders = await reader.folders()
  const { exists } = await reader.enter('INBOX')
  good(
    'folders',
    `${folders.length} ${folders.length === 1 ? 'folder' : 'folders'}; INBOX has ${exists} ${exists === 1 ? 'mail' : 'mails'}.`,
  )
  const newest = await reader.newest()
  const mail = newest && (await reader.fetch(newest, HEAD_BYTES))
  good('newest', mail ? `The newest mail: ${describe(mail.raw)}.` : 'INBOX is empty: send a mail to it and try again.')
  return { folders, inboxMails: exists }
}

function describe(raw: Buffer): string {
  const answer = readReceivedHead(raw, { headerBytes: HEAD_BYTES, headers: 1_000, addresses: 10 })
  if (!answer.ok) return `it cannot be read (${answer.reason}), which will not hold up any other`
  const subject = decodeWords(answer.head.first('subject')).slice(0, 100)
  const [sender] = answer.head.people('from')
  return `“${subject || 'without a subject'}” from ${sender?.address || 'nobody named'}`
}

/** The connection alone, and its encryption where that comes first. STARTTLS is a matter of the log-in. */
function reach(
  account: MailboxAccount,
  deps: ReachDeps,
  address: string,
  good: (name: MailboxCheckName, sentence: string) => void,
): Promise<void> {
  const { host, port, security } = account
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const socket = connectPlain({ host: address, port })
    let secured: TLSSocket | null = null
    const end = (error: Error | null) => {
      clearTimeout(timer)
      for (const each of [secured, socket])
        each
          ?.removeAllListeners()
          .on('error', () => {})
          .destroy()
      if (error) reject(error)
      else resolve()
    }
    const timer = setTimeout(
      () => end(Object.assign(new Error(`no connection within ${CONNECT_MS / SECOND} seconds`), { code: 'ETIMEDOUT' })),
      CONNECT_MS,
    )
    const closed = () => end(Object.assign(new Error('it hung up at once'), { code: 'ECONNRESET' }))
    socket.once('error', end).once('close', closed)
    socket.once('connect', () => {
      good('connection', `${address}, port ${port}, answered within ${Math.max(1, Math.round(performance.now() - started))} ms.`)
      if (security === 'none') return end(null)
      if (security === 'starttls') {
        good('encryption', 'Encrypted by STARTTLS before the log-in.')
        return end(null)
      }
      secured = connectTls({ socket, ...tlsOptions(host, deps) })
      secured.once('error', (error: Error) => end(Object.assign(error, { tlsFailed: true })))
      secured.once('secureConnect', () => {
        const { valid_to: until, issuer } = secured?.getPeerCertificate() ?? {}
        good(
          'encryption',
          `${secured?.getProtocol()}; the certificate for ${host} is from ${issuer?.O ?? issuer?.CN ?? 'somebody unnamed'} and lives until ${until}.`,
        )
        end(null)
      })
    })
  })
}

const CHECK_OF: Readonly<Record<MailboxProblem['cause'], MailboxCheckName>> = {
  name: 'name',
  private_address: 'name',
  connection: 'connection',
  timeout: 'connection',
  encryption: 'encryption',
  login: 'login',
  secret: 'login',
  reconnect: 'login',
  folder: 'folders',
  protocol: 'login',
  too_large: 'folders',
  listing: 'newest',
}

/** The problem stands where the way ended: at its own step, or at the first that was not reached. */
function failed(done: readonly MailboxCheck[], problem: MailboxProblem): MailboxExamination {
  const passed = new Set(done.filter(({ name }) => name !== CHECK_OF[problem.cause]).map(({ name }) => name))
  const at = Math.max(
    MAILBOX_CHECKS.indexOf(CHECK_OF[problem.cause]),
    MAILBOX_CHECKS.findIndex((name) => !passed.has(name)),
  )
  const checks = MAILBOX_CHECKS.map((name, i): MailboxCheck => {
    const seen = done.find((check) => check.name === name)
    if (i === at) return { name, state: 'bad', sentence: problem.sentence, hint: problem.hint }
    if (seen && i < at) return seen
    return { name, state: 'skipped', sentence: i < at ? 'Does not apply.' : 'Not reached.', hint: '' }
  })
  return { checks, problem, folders: [], inboxMails: null }
}
