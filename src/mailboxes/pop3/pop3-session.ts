import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { SECOND } from '../../lib/clock.ts'
import { inTime } from '../../lib/wait.ts'
import { MailboxTrouble } from '../mailbox-problem.ts'
import { xoauth2 } from '../oauth/providers.ts'
import { type MailboxAccount, type ReachDeps, reachableAddress, tlsOptions } from '../reach.ts'
import { type LineReader, lineReader } from './line-reader.ts'

const CONNECT_MS = 15 * SECOND
const SILENCE_MS = 30 * SECOND
const MAX_LIST_BYTES = 16 * 1024 * 1024

/** A POP3 session (RFC 1939) that is logged in. Commands go one at a time. */
export interface Pop3Session {
  /** Number and unique id of every mail, in the server's order, which is that of their arrival. */
  uidl(): Promise<readonly { readonly number: number; readonly uidl: string }[]>
  sizes(): Promise<ReadonlyMap<number, number>>
  retrieve(number: number, maxBytes: number): Promise<{ readonly bytes: Buffer; readonly isCut: boolean }>
  /** Head and no line of the body; null: this server cannot (TOP is optional). */
  head(number: number, maxBytes: number): Promise<Buffer | null>
  /** Marks it; the server removes it when the session ends in good order (§4). */
  remove(number: number): Promise<void>
  /** Ends in good order: what was marked is removed. */
  quit(): Promise<void>
  abandon(): void
}

export async function openPop3(account: MailboxAccount, deps: ReachDeps): Promise<Pop3Session> {
  const address = await reachableAddress(account, deps)
  const { host, port, security } = account
  const tls = tlsOptions(host, deps)
  let socket = await connected(
    security === 'tls' ? connectTls({ host: address, port, ...tls }) : connectPlain({ host: address, port }),
    security === 'tls',
  )
  let reader = lineReader(socket, SILENCE_MS)
  try {
    await ok(reader)
    if (security === 'starttls') {
      await say(socket, reader, 'STLS', 'encryption')
      reader.release()
      socket = await connected(connectTls({ socket, ...tls }), true)
      reader = lineReader(socket, SILENCE_MS)
    }
    await logIn(socket, reader, account)
  } catch (error) {
    socket.destroy()
    throw error
  }
  return session(socket, reader)
}

/** What cannot be said in a line is not said: a line break in a name would be a command of somebody else's making. */
async function say(
  socket: Socket,
  reader: LineReader,
  command: string,
  cause: 'protocol' | 'login' | 'encryption' = 'protocol',
): Promise<string> {
  if (/[\r\n\0]/.test(command)) throw new MailboxTrouble(cause, 'user name and password must fit in one line')
  socket.write(`${command}\r\n`)
  return await ok(reader, cause)
}

async function ok(reader: LineReader, cause: 'protocol' | 'login' | 'encryption' = 'protocol'): Promise<string> {
  const { isOk, said } = await answer(reader)
  if (!isOk) {
    // RFC 2449 §8 and RFC 3206 §4: the mailbox is open elsewhere, or the server has a trouble of its own; the password is not to blame.
    const passes = /^\[(IN-USE|LOGIN-DELAY|SYS\/TEMP)\]/i.test(said)
    throw new MailboxTrouble(passes ? 'connection' : cause, said)
  }
  return said
}

async function answer(reader: LineReader): Promise<{ readonly isOk: boolean; readonly said: string }> {
  const line = await reader.line()
  if (/^\+OK(\s|$)/i.test(line)) return { isOk: true, said: line.slice(3).trim() }
  if (/^-ERR(\s|$)/i.test(line)) return { isOk: false, said: line.slice(4).trim() || 'it said no more than no' }
  throw new MailboxTrouble('protocol', `it said ${JSON.stringify(line.slice(0, 100))}`)
}

async function logIn(socket: Socket, reader: LineReader, { username, credential }: MailboxAccount): Promise<void> {
  if (credential.kind === 'password') {
    await say(socket, reader, `USER ${username}`, 'login')
    await say(socket, reader, `PASS ${credential.password}`, 'login')
    return
  }
  // Microsoft takes no initial response with the command; RFC 5034 §4 allows to send it after the prompt everywhere.
  socket.write('AUTH XOAUTH2\r\n')
  const prompt = await reader.line()
  if (!prompt.startsWith('+')) throw new MailboxTrouble('login', prompt.replace(/^-ERR\s*/i, '') || 'it does not take XOAUTH2')
  socket.write(`${xoauth2(username, credential.accessToken)}\r\n`)
  const answer = await reader.line()
  if (/^\+OK/i.test(answer)) return
  // A second prompt has the reason in it, and waits for an empty line.
  if (answer.startsWith('+')) {
    socket.write('\r\n')
    const why = await reader.line()
    throw new MailboxTrouble('login', why.replace(/^-ERR\s*/i, '') || 'the token was refused')
  }
  throw new MailboxTrouble('login', answer.replace(/^-ERR\s*/i, '') || 'the token was refused')
}

function session(socket: Socket, reader: LineReader): Pop3Session {
  const command = (text: string) => say(socket, reader, text)
  const asked = (text: string) => {
    socket.write(`${text}\r\n`)
    return answer(reader)
  }
  async function listing(text: 'UIDL' | 'LIST'): Promise<[number, string][]> {
    const { isOk, said } = await asked(text)
    if (!isOk) {
      if (await isSurelyEmpty(said, asked)) return []
      throw new MailboxTrouble('listing', `${text} was answered with “${said}”`)
    }
    const { bytes, isCut } = await reader.multiline({ maxBytes: MAX_LIST_BYTES, dropBytes: 0 })
    if (isCut) throw new MailboxTrouble('too_large', 'its list of mails is too long')
    return bytes
      .toString('latin1')
      .split(/\r?\n/)
      .flatMap((line): [number, string][] => {
        const [, number, rest] = /^(\d{1,9}) +(\S{1,255})/.exec(line) ?? []
        return number === undefined || rest === undefined ? [] : [[Number(number), rest]]
      })
  }
  return {
    uidl: async () => (await listing('UIDL')).map(([number, uidl]) => ({ number, uidl })),
    sizes: async () => new Map((await listing('LIST')).map(([number, size]) => [number, Number.parseInt(size, 10) || 0])),
    async retrieve(number, maxBytes) {
      await command(`RETR ${number}`)
      return await reader.multiline({ maxBytes, dropBytes: maxBytes })
    },
    async head(number, maxBytes) {
      try {
        await command(`TOP ${number} 0`)
      } catch (error) {
        if (error instanceof MailboxTrouble && error.trouble === 'protocol') return null
        throw error
      }
      return (await reader.multiline({ maxBytes, dropBytes: MAX_LIST_BYTES })).bytes
    },
    async remove(number) {
      await command(`DELE ${number}`)
    },
    async quit() {
      await inTime(
        command('QUIT').then(
          () => {},
          () => {},
        ),
        SILENCE_MS,
      )
      socket.destroy()
    },
    abandon: () => socket.destroy(),
  }
}

/** How servers say of a mailbox that nothing is in it. */
const SAYS_EMPTY =
  /^(\[[\w/-]*\] *)?(there (is|are) )?((no|0) +(new +)?(messages?|mails?)|(your )?(mail(box|drop)?|inbox|folder) +(is +)?empty|empty (mailbox|maildrop))\b/i

/**
 * Some servers refuse to list what is not there, where RFC 1939 §5 wants an empty list. A refusal may as well be a trouble of the server's, and mail
 * that waits would never come: so it is empty only where STAT counts no mail, or where every answer, STAT's too, says so in words.
 */
async function isSurelyEmpty(
  refusal: string,
  asked: (text: string) => Promise<{ readonly isOk: boolean; readonly said: string }>,
): Promise<boolean> {
  const { isOk, said } = await asked('STAT')
  return isOk ? /^0 +0\b/.test(said) : SAYS_EMPTY.test(refusal) && SAYS_EMPTY.test(said)
}

/** The socket once it is connected, and encrypted where it must be. */
function connected<S extends Socket>(socket: S, isTls: boolean): Promise<S> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => fail(new MailboxTrouble('timeout', `no connection within ${CONNECT_MS / SECOND} seconds`)),
      CONNECT_MS,
    )
    const fail = (error: Error) => {
      clearTimeout(timer)
      socket.off('close', onClose)
      socket.on('error', () => {})
      socket.destroy()
      reject(error)
    }
    const onClose = () => fail(new MailboxTrouble('connection', 'the connection was closed'))
    socket.once('error', fail)
    socket.once('close', onClose)
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      socket.off('close', onClose)
      // Somebody must listen even while nobody reads: an error without a listener ends the process.
      socket.on('error', () => {})
      socket.setKeepAlive(true, 30 * SECOND)
      resolve(socket)
    })
  })
}
