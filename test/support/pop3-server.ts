import { createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls'
import { type Certificate, good } from './tls.ts'

export interface Pop3Script {
  readonly security?: 'none' | 'starttls' | 'tls'
  readonly certificate?: Certificate
  readonly user?: string
  readonly password?: string
  readonly accessToken?: () => string
  /** Without TOP, as some are. */
  readonly hasTop?: boolean
  /** Said in the place of the answer to a command of this name: a line, or what happens. */
  readonly fault?: { readonly at: string; readonly do: 'silence' | 'close' | string } | null
  /** Said in the place of the answers to these commands. */
  readonly answers?: Readonly<Record<string, string>>
  /** Sends everything in pieces of so many bytes. */
  readonly pieceBytes?: number
}

export interface Pop3Server extends AsyncDisposable {
  readonly port: number
  readonly said: string[]
  fault: Pop3Script['fault']
  deliver(raw: string | Buffer, uidl?: string): string
  mails(): readonly { readonly uidl: string; readonly raw: Buffer }[]
  close(): Promise<void>
}

interface Kept {
  readonly uidl: string
  readonly raw: Buffer
}

/** A POP3 server on this machine (RFC 1939, STLS of RFC 2595) over real TCP and TLS. What a session deletes is gone after QUIT only. */
export async function pop3Server(script: Pop3Script = {}): Promise<Pop3Server> {
  const { security = 'none', certificate = good } = script
  let kept: Kept[] = []
  let count = 0
  const said: string[] = []
  const sockets = new Set<Socket>()
  const ground: Ground = {
    script,
    said,
    certificate,
    fault: () => api.fault,
    mails: () => kept,
    remove: (gone) => {
      kept = kept.filter((mail) => !gone.has(mail))
    },
  }
  const onSocket = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    converse(socket, ground)
  }
  const server: Server = security === 'tls' ? createTlsServer({ ...certificate }, onSocket) : createServer(onSocket)
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy()
      server.close(() => resolve())
    })
  const api: Pop3Server = {
    port: (server.address() as { port: number }).port,
    said,
    fault: script.fault ?? null,
    deliver(raw, uidl = `id-${++count}`) {
      kept.push({ uidl, raw: Buffer.from(raw) })
      return uidl
    },
    mails: () => kept,
    close,
    [Symbol.asyncDispose]: close,
  }
  return api
}

interface Ground {
  readonly script: Pop3Script
  readonly said: string[]
  readonly certificate: Certificate
  fault(): Pop3Script['fault']
  mails(): readonly Kept[]
  remove(gone: ReadonlySet<Kept>): void
}

function converse(first: Socket, { script, said, certificate, fault, mails, remove }: Ground): void {
  let socket = first
  let pending = ''
  let user = ''
  let session: readonly Kept[] = []
  let awaitsToken = false
  let awaitsEmpty = false
  const gone = new Set<Kept>()
  const send = (bytes: Buffer) => {
    const { pieceBytes = bytes.length } = script
    for (let at = 0; at < bytes.length; at += pieceBytes) socket.write(bytes.subarray(at, at + pieceBytes))
  }
  const say = (line: string) => send(Buffer.from(`${line}\r\n`, 'latin1'))
  const many = (bytes: Buffer) => {
    const text = bytes.toString('latin1').replace(/^\./gm, '..')
    say(`+OK\r\n${text}${text === '' || text.endsWith('\r\n') ? '' : '\r\n'}.`)
  }
  const enter = (isRight: boolean) => {
    if (isRight) session = [...mails()]
    say(isRight ? '+OK logged in' : '-ERR [AUTH] wrong user or password')
  }
  const mailAt = (number: string | undefined) => {
    const mail = session[Number(number) - 1]
    return mail && !gone.has(mail) ? mail : null
  }
  const rows = (of: (mail: Kept) => string | number) =>
    many(Buffer.from(session.map((mail, i) => (gone.has(mail) ? '' : `${i + 1} ${of(mail)}\r\n`)).join('')))

  const acts: Record<string, (...words: string[]) => unknown> = {
    STLS: () => {
      if (script.security !== 'starttls') return say('-ERR no TLS here')
      say('+OK begin')
      first.removeAllListeners('data')
      const secured = new TLSSocket(first, { isServer: true, secureContext: createSecureContext({ ...certificate }) })
      secured.on('error', () => first.destroy())
      socket = secured
      listen(secured)
    },
    USER: (name = '') => {
      user = name
      say('+OK')
    },
    PASS: (...words) =>
      enter(user === (script.user ?? 'seed') && words.join(' ') === (script.password ?? 'a password for tests')),
    AUTH: (mechanism) => {
      if (mechanism !== 'XOAUTH2' || !script.accessToken) return say('-ERR unknown mechanism')
      awaitsToken = true
      say('+ ')
    },
    UIDL: () => rows(({ uidl }) => uidl),
    STAT: () => {
      const there = session.filter((mail) => !gone.has(mail))
      say(`+OK ${there.length} ${there.reduce((sum, { raw }) => sum + raw.length, 0)}`)
    },
    LIST: () => rows(({ raw }) => raw.length),
    RETR: (number) => {
      const mail = mailAt(number)
      if (mail) many(mail.raw)
      else say('-ERR no such mail')
    },
    TOP: (number) => {
      const mail = mailAt(number)
      if (script.hasTop === false || !mail) return say('-ERR cannot')
      const end = mail.raw.indexOf('\r\n\r\n')
      many(mail.raw.subarray(0, end === -1 ? mail.raw.length : end + 4))
    },
    DELE: (number) => {
      const mail = mailAt(number)
      if (mail) gone.add(mail)
      say(mail ? '+OK' : '-ERR no such mail')
    },
    QUIT: () => {
      remove(gone)
      say('+OK bye')
      socket.end()
    },
  }

  function handle(line: string): unknown {
    if (awaitsToken) {
      awaitsToken = false
      const shown = /auth=Bearer ([^\x01]*)/.exec(Buffer.from(line, 'base64').toString())?.[1]
      if (shown === script.accessToken?.()) return enter(true)
      awaitsEmpty = true
      return say('+ eyJzdGF0dXMiOiI0MDEifQ==')
    }
    if (awaitsEmpty) {
      awaitsEmpty = false
      return say('-ERR the token was refused')
    }
    const [verb = '', ...words] = line.split(' ')
    said.push(verb === 'PASS' ? verb : line)
    const instead = script.answers?.[verb]
    if (instead !== undefined) return say(instead)
    const wrong = fault()
    if (wrong?.at === verb) {
      if (wrong.do === 'close') socket.destroy()
      else if (wrong.do !== 'silence') say(wrong.do)
      return null
    }
    return (acts[verb] ?? (() => say('-ERR unknown command')))(...words)
  }

  function listen(on: Socket): void {
    on.on('data', (bytes: Buffer) => {
      pending += bytes.toString('latin1')
      for (let end = pending.indexOf('\r\n'); end !== -1; end = pending.indexOf('\r\n')) {
        const line = pending.slice(0, end)
        pending = pending.slice(end + 2)
        handle(line)
      }
    })
  }

  listen(first)
  if (fault()?.at === 'greeting') {
    const { do: instead } = fault() ?? { do: 'silence' }
    if (instead === 'close') socket.destroy()
    else if (instead !== 'silence') say(instead)
  } else say('+OK scripted POP3 server ready')
}
