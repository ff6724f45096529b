import { createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls'
import { type Certificate, good } from './tls.ts'

/** What the server does instead of its duty, once a command that begins so comes ('UID FETCH 7'; 'greeting': before any; 'APPENDED': a mail was stored, and is not said to be). */
export interface ImapFault {
  readonly at: string
  /** 'silence': nothing ever; 'close': hangs up; else this line in the place of an answer (`%t` is the command's tag). */
  readonly do: 'silence' | 'close' | string
}

export interface ImapScript {
  readonly security?: 'none' | 'starttls' | 'tls'
  readonly certificate?: Certificate
  readonly user?: string
  readonly password?: string
  /** Lets in whoever shows this token by XOAUTH2. */
  readonly accessToken?: () => string
  /** Path and special use. INBOX is always there. */
  readonly folders?: Readonly<Record<string, string>>
  readonly fault?: ImapFault | null
  /** Said in the place of CAPABILITY's usual list. */
  readonly capabilities?: string
}

interface Kept {
  readonly uid: number
  readonly raw: Buffer
  readonly at: Date
  readonly flags: Set<string>
}

export interface ImapServer extends AsyncDisposable {
  readonly port: number
  /** Commands so far, without tags; passwords are not in them. */
  readonly said: string[]
  fault: ImapFault | null
  /** Puts a mail into a folder, as its server would. */
  deliver(raw: string | Buffer, at: Date, folder?: string): number
  mails(folder?: string): readonly Kept[]
  /** Its password from now on; sessions that are open stay. */
  setPassword(password: string): void
  /** Cuts every connection. */
  cut(): void
  removeFolder(folder: string): void
  /** The folder begins anew: other UIDs, another UIDVALIDITY. */
  renumber(folder?: string): void
  close(): Promise<void>
}

interface Box {
  readonly use: string
  validity: number
  next: number
  mails: Kept[]
}

/** An IMAP4rev1 server on this machine that speaks as much of RFC 3501, 6154 and 6851 as reading a mailbox takes, over real TCP and TLS. */
export async function imapServer(script: ImapScript = {}): Promise<ImapServer> {
  const { security = 'none', certificate = good } = script
  const boxes = new Map<string, Box>()
  for (const [path, use] of Object.entries({ INBOX: '', Junk: '\\Junk', ...script.folders }))
    boxes.set(path, { use, validity: 100 + boxes.size, next: 1, mails: [] })
  const sockets = new Set<Socket>()
  const idlers = new Set<() => void>()
  let password = script.password ?? 'a password for tests'
  const said: string[] = []
  const boxOf = (folder: string) => {
    const box = boxes.get(folder)
    if (!box) throw new Error(`no folder ${folder}`)
    return box
  }
  const onSocket = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    converse(socket, { script, boxes, said, idlers, fault: () => api.fault, password: () => password, certificate })
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
  const api: ImapServer = {
    port: (server.address() as { port: number }).port,
    said,
    fault: script.fault ?? null,
    deliver(raw, at, folder = 'INBOX') {
      const box = boxOf(folder)
      const uid = box.next++
      box.mails.push({ uid, raw: Buffer.from(raw), at, flags: new Set() })
      for (const tell of idlers) tell()
      return uid
    },
    setPassword(given) {
      password = given
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    removeFolder: (folder) => void boxes.delete(folder),
    mails: (folder = 'INBOX') => boxOf(folder).mails,
    renumber(folder = 'INBOX') {
      const box = boxOf(folder)
      box.validity += 1_000
      box.mails = box.mails.map((mail, i) => ({ ...mail, uid: i + 1 }))
      box.next = box.mails.length + 1
    },
    close,
    [Symbol.asyncDispose]: close,
  }
  return api
}

interface Ground {
  readonly script: ImapScript
  readonly boxes: Map<string, Box>
  readonly said: string[]
  readonly certificate: Certificate
  /** Called when mail came, by who says so to those that wait. */
  readonly idlers: Set<() => void>
  fault(): ImapFault | null
  password(): string
}

function converse(first: Socket, ground: Ground): void {
  let socket = first
  let pending = Buffer.alloc(0)
  let open: { box: Box; readOnly: boolean } | null = null
  let isLoggedIn = false
  let expectsPlain: string | null = null
  let expectsToken: string | null = null
  let idling: { tag: string; tell: () => void } | null = null
  /** How many mails the client was told of. */
  let told = 0
  const { script, boxes, said } = ground
  const say = (line: string | Buffer) => void socket.write(line instanceof Buffer ? line : `${line}\r\n`)
  const capabilities = () =>
    script.capabilities ??
    `IMAP4rev1 SPECIAL-USE UIDPLUS MOVE IDLE ID${script.accessToken ? ' AUTH=XOAUTH2' : ''}${script.security === 'starttls' && !(socket instanceof TLSSocket) ? ' STARTTLS LOGINDISABLED' : ' AUTH=PLAIN'}`

  /** Whether something other than duty was done. */
  function strays(name: string, tag: string, text = ''): boolean {
    const fault = ground.fault()
    if (!fault || (fault.at !== name && !`${name} ${text}`.startsWith(`${fault.at} `))) return false
    if (fault.do === 'close') socket.destroy()
    else if (fault.do !== 'silence') say(fault.do.replaceAll('%t', tag))
    return true
  }

  const listen = (on: Socket) => {
    on.on('data', (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes])
      for (let command = take(); command !== null; command = take()) handle(command)
    })
  }

  /** One command with its literals read in, or null while it is not complete. */
  function take(): string | null {
    let text = ''
    let at = 0
    for (;;) {
      const end = pending.indexOf('\r\n', at)
      if (end === -1) return null
      const line = pending.toString('utf8', at, end)
      const literal = /\{(\d+)(\+?)\}$/.exec(line)
      if (!literal) {
        pending = pending.subarray(end + 2)
        return text + line
      }
      const size = Number(literal[1])
      const from = end + 2
      if (pending.length < from + size) {
        if (literal[2] === '' && pending.length === from) say('+ go on')
        return null
      }
      text += line.slice(0, literal.index) + JSON.stringify(pending.toString('utf8', from, from + size))
      at = from + size
    }
  }

  function handle(line: string): void {
    if (expectsPlain !== null) {
      const tag = expectsPlain
      expectsPlain = null
      const [, user = '', password = ''] = Buffer.from(line, 'base64').toString('utf8').split('\0')
      logIn(tag, user, password)
      return
    }
    if (expectsToken !== null) {
      const tag = expectsToken
      expectsToken = null
      say(`${tag} NO [AUTHENTICATIONFAILED] the token was refused`)
      return
    }
    if (idling && line === 'DONE') {
      ground.idlers.delete(idling.tell)
      say(`${idling.tag} OK done`)
      idling = null
      return
    }
    const [tag = '', verb = '', ...rest] = line.split(' ')
    const isUid = verb.toUpperCase() === 'UID'
    const name = (isUid ? `UID ${rest.shift()}` : verb).toUpperCase()
    const text = rest.join(' ')
    said.push(name === 'LOGIN' || name === 'AUTHENTICATE' ? name : `${name} ${text}`.trim())
    if (strays(name, tag, text)) return
    const act = acts[name]
    if (act) act(tag, text)
    else say(`${tag} BAD unknown command`)
  }

  function logIn(tag: string, user: string, password: string): void {
    isLoggedIn = user === (script.user ?? 'seed') && password === ground.password()
    say(
      isLoggedIn ? `${tag} OK [CAPABILITY ${capabilities()}] logged in` : `${tag} NO [AUTHENTICATIONFAILED] Invalid credentials`,
    )
  }

  function select(tag: string, text: string, readOnly: boolean): void {
    const box = boxes.get(unquoted(text))
    if (!box || !isLoggedIn) {
      say(`${tag} NO [NONEXISTENT] Unknown Mailbox: ${unquoted(text)}`)
      return
    }
    open = { box, readOnly }
    told = box.mails.length
    say('* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)')
    say('* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] ok')
    say(`* ${box.mails.length} EXISTS`)
    say('* 0 RECENT')
    say(`* OK [UIDVALIDITY ${box.validity}] ok`)
    say(`* OK [UIDNEXT ${box.next}] ok`)
    say(`${tag} OK [READ-${readOnly ? 'ONLY' : 'WRITE'}] done`)
  }

  function chosen(set: string): Kept[] {
    const box = open?.box
    if (!box) return []
    const last = box.mails.at(-1)?.uid ?? 0
    const number = (text: string) => (text === '*' ? last : Number(text))
    const ranges = set.split(',').map((range) => {
      const [a = '0', b = a] = range.split(':')
      return [Math.min(number(a), number(b)), Math.max(number(a), number(b))] as const
    })
    return box.mails.filter(({ uid }) => ranges.some(([from, to]) => uid >= from && uid <= to))
  }

  function expunge(gone: readonly Kept[]): void {
    const box = open?.box
    if (!box) return
    for (const mail of gone) {
      const index = box.mails.indexOf(mail)
      if (index === -1) continue
      box.mails.splice(index, 1)
      say(`* ${index + 1} EXPUNGE`)
    }
  }

  const acts: Record<string, (tag: string, text: string) => void> = {
    CAPABILITY: (tag) => {
      say(`* CAPABILITY ${capabilities()}`)
      say(`${tag} OK done`)
    },
    ID: (tag) => {
      say('* ID ("name" "scripted")')
      say(`${tag} OK done`)
    },
    NOOP: (tag) => say(`${tag} OK done`),
    STARTTLS: (tag) => {
      say(`${tag} OK begin`)
      first.removeAllListeners('data')
      const secured = new TLSSocket(first, { isServer: true, secureContext: createSecureContext({ ...ground.certificate }) })
      secured.on('error', () => first.destroy())
      socket = secured
      listen(secured)
    },
    APPEND: (tag, text) => {
      const [, quoted, plain, flags = '', literal = '""'] =
        /^(?:"((?:[^"\\]|\\.)*)"|(\S+)) (?:\(([^)]*)\) )?(?:"[^"]*" )?(".*")$/s.exec(text) ?? []
      const box = boxes.get(quoted ?? plain ?? '')
      if (!box || !isLoggedIn) return say(`${tag} NO [TRYCREATE] no such folder`)
      const uid = box.next++
      box.mails.push({
        uid,
        raw: Buffer.from(JSON.parse(literal)),
        at: new Date(0),
        flags: new Set(flags.split(' ').filter(Boolean)),
      })
      if (strays('APPENDED', tag)) return
      say(`${tag} OK [APPENDUID ${box.validity} ${uid}] done`)
    },
    LOGIN: (tag, text) => {
      const [user = '', password = ''] = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
        (match) => match[1] ?? match[2] ?? '',
      )
      logIn(tag, user, password)
    },
    AUTHENTICATE: (tag, text) => {
      const [mechanism, initial = ''] = text.split(' ')
      if (mechanism === 'XOAUTH2') {
        const shown = /auth=Bearer ([^\x01]*)/.exec(Buffer.from(initial, 'base64').toString())?.[1]
        isLoggedIn = shown === script.accessToken?.()
        if (isLoggedIn) say(`${tag} OK [CAPABILITY ${capabilities()}] logged in`)
        else {
          expectsToken = tag
          say(`+ ${Buffer.from('{"status":"401"}').toString('base64')}`)
        }
        return
      }
      expectsPlain = tag
      if (initial) handle(initial)
      else say('+ ')
    },
    NAMESPACE: (tag) => {
      say('* NAMESPACE (("" "/")) NIL NIL')
      say(`${tag} OK done`)
    },
    ENABLE: (tag) => say(`${tag} OK done`),
    LIST: (tag, text) => {
      if (/"" ""?$/.test(text) && !text.includes('*')) say('* LIST (\\Noselect) "/" ""')
      else for (const [path, { use }] of boxes) say(`* LIST (\\HasNoChildren${use ? ` ${use}` : ''}) "/" "${path}"`)
      say(`${tag} OK done`)
    },
    LSUB: (tag) => say(`${tag} OK done`),
    SELECT: (tag, text) => select(tag, text, false),
    EXAMINE: (tag, text) => select(tag, text, true),
    'UID SEARCH': (tag, text) => {
      const set = /UID (\S+)/.exec(text)?.[1] ?? '1:*'
      const [, name = '', value = ''] = /HEADER "?([\w-]+)"? "?([^"]*)"?/i.exec(text) ?? []
      const has = ({ raw }: Kept) => name === '' || headerOf(raw, name).includes(value)
      say(
        `* SEARCH ${chosen(set)
          .filter(has)
          .map(({ uid }) => uid)
          .join(' ')}`.trimEnd(),
      )
      say(`${tag} OK done`)
    },
    'UID FETCH': (tag, text) => {
      const [set = ''] = text.split(' ')
      const part = /BODY\.PEEK\[\]<(\d+)\.(\d+)>/.exec(text)
      for (const mail of chosen(set)) {
        const facts = `UID ${mail.uid} FLAGS (${[...mail.flags].join(' ')}) INTERNALDATE "${imapDate(mail.at)}" RFC822.SIZE ${mail.raw.length}`
        const number = (open?.box.mails.indexOf(mail) ?? 0) + 1
        if (part) {
          const bytes = mail.raw.subarray(Number(part[1]), Number(part[1]) + Number(part[2]))
          say(
            Buffer.concat([
              Buffer.from(`* ${number} FETCH (${facts} BODY[]<${part[1]}> {${bytes.length}}\r\n`),
              bytes,
              Buffer.from(')\r\n'),
            ]),
          )
        } else say(`* ${number} FETCH (${facts})`)
      }
      say(`${tag} OK done`)
    },
    'UID STORE': (tag, text) => {
      const [set = ''] = text.split(' ')
      const flags = /\(([^)]*)\)/.exec(text)?.[1]?.split(' ') ?? []
      if (open?.readOnly) {
        say(`${tag} NO [READ-ONLY] the folder is open for reading`)
        return
      }
      for (const mail of chosen(set)) for (const flag of flags) mail.flags.add(flag)
      say(`${tag} OK done`)
    },
    'UID EXPUNGE': (tag, text) => {
      expunge(chosen(text).filter(({ flags }) => flags.has('\\Deleted')))
      say(`${tag} OK done`)
    },
    'UID MOVE': (tag, text) => {
      const [set = '', ...to] = text.split(' ')
      const box = boxes.get(unquoted(to.join(' ')))
      const moving = chosen(set)
      if (box) for (const mail of moving) box.mails.push({ ...mail, uid: box.next++ })
      expunge(moving)
      say(box ? `${tag} OK done` : `${tag} NO [TRYCREATE] no such folder`)
    },
    FETCH: (tag, text) => {
      const [set = '1'] = text.split(' ')
      const [from = '1', to = from] = set.split(':')
      const mails = open?.box.mails ?? []
      const last = to === '*' ? mails.length : Number(to)
      for (let number = Number(from); number <= Math.min(last, mails.length); number++) {
        const mail = mails[number - 1]
        if (mail) say(`* ${number} FETCH (UID ${mail.uid} RFC822.SIZE ${mail.raw.length} FLAGS (${[...mail.flags].join(' ')}))`)
      }
      say(`${tag} OK done`)
    },
    STATUS: (tag, text) => {
      const path = unquoted(text.replace(/ \([^)]*\)$/, ''))
      const box = boxes.get(path)
      if (box) say(`* STATUS "${path}" (MESSAGES ${box.mails.length} UIDNEXT ${box.next} UIDVALIDITY ${box.validity})`)
      say(box ? `${tag} OK done` : `${tag} NO [NONEXISTENT] Unknown Mailbox: ${path}`)
    },
    IDLE: (tag) => {
      const tell = () => {
        const count = open?.box.mails.length ?? 0
        if (count !== told) say(`* ${count} EXISTS`)
        told = count
      }
      idling = { tag, tell }
      ground.idlers.add(tell)
      first.once('close', () => ground.idlers.delete(tell))
      say('+ idling')
      // What came since the folder was opened is said at once.
      tell()
    },
    LOGOUT: (tag) => {
      say('* BYE')
      say(`${tag} OK done`)
      socket.end()
    },
  }

  listen(first)
  if (!strays('greeting', '*')) say(`* OK [CAPABILITY ${capabilities()}] scripted IMAP server ready`)
}

function unquoted(text: string): string {
  return text.trim().replace(/^"(.*)"$/, '$1')
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** RFC 9051 §9, date-time. */
function imapDate(at: Date): string {
  const iso = at.toISOString()
  return `${iso.slice(8, 10)}-${MONTHS[at.getUTCMonth()]}-${iso.slice(0, 4)} ${iso.slice(11, 19)} +0000`
}

/** As it stands in the mail's head, unfolded; '' where there is none. */
function headerOf(raw: Buffer, name: string): string {
  const [head = ''] = raw.toString('latin1').split('\r\n\r\n', 1)
  const line = head
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`))
  return line?.slice(name.length + 1) ?? ''
}
