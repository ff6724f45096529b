import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import type { Actor } from '../../src/accounts/actor.ts'
import { type CredentialRequest, createCredential, type Issued } from '../../src/accounts/credentials/manage.ts'
import { createMemoryBudget, type MemoryBudget } from '../../src/lib/memory-budget.ts'
import { createLog } from '../../src/log.ts'
import { inboundPolicy } from '../../src/smtp/inbound/inbound-policy.ts'
import type { Policy } from '../../src/smtp/policy.ts'
import { SmtpServer, type SmtpServerSettings } from '../../src/smtp/server.ts'
import { CommitGroup } from '../../src/smtp/submission/commit-group.ts'
import { submissionPolicy } from '../../src/smtp/submission/submission-policy.ts'
import { authority, good } from '../support/tls.ts'
import { type World, world } from '../support/world.ts'

const secureContext = createSecureContext(good)
export const HOST = 'mail.example.com'

/** What stands on a port: the real server, on any free port of this machine. */
export async function serve(policy: Policy, changes: Partial<SmtpServerSettings> = {}): Promise<SmtpServer & { port: number }> {
  const server = new SmtpServer({
    policy,
    hostname: HOST,
    implicitTls: false,
    secureContext: () => secureContext,
    monotonicMs: () => performance.now(),
    log: createLog({ level: 'silent' }),
    ...changes,
  })
  const port = await server.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close(0))
  return Object.assign(server, { port })
}

export interface Submission extends World {
  readonly port: number
  readonly server: SmtpServer
  readonly credential: Issued
  newCredential(scopes?: Partial<CredentialRequest>): Promise<Issued>
  /** Connected, encrypted and signed in. */
  signedIn(credential?: Issued, port?: number): Promise<SmtpTalk>
  /** Another such server on another way to the same database; its port. */
  serveThrough(database: World['database']): Promise<number>
}

export interface SubmissionOptions extends Partial<CredentialRequest> {
  readonly budget?: MemoryBudget
  readonly server?: Partial<SmtpServerSettings>
}

/** A world whose mail comes in over SMTP. */
export async function submissionWorld({ budget, server, ...scopes }: SubmissionOptions = {}): Promise<Submission> {
  const made = await world()
  const policyOn = (database: World['database']) => {
    const deps = { ...made, database }
    return submissionPolicy({
      ...deps,
      budget: budget ?? createMemoryBudget({ totalBytes: 64 * 1024 * 1024, waiting: 100, waitMs: 1_000 }),
      group: new CommitGroup({ ...deps, wake: () => {} }),
      hostname: HOST,
    })
  }
  const running = await serve(policyOn(made.database), server)
  const actor: Actor = { kind: 'key', id: 'key' as never, name: 'a key', workspaceId: made.workspaceId, scopes: ['full'] }
  const newCredential = (wanted: Partial<CredentialRequest> = {}) =>
    made.inWorkspace((tx) => createCredential(tx, { ...ANY, ...wanted }, actor, made.clock.now()))
  const credential = await newCredential(scopes)
  return {
    ...made,
    port: running.port,
    server: running,
    credential,
    newCredential,
    serveThrough: async (database) => (await serve(policyOn(database))).port,
    async signedIn(as = credential, port = running.port) {
      const talk = await SmtpTalk.open(port)
      await talk.hello()
      await talk.startTls()
      await talk.hello()
      await talk.logIn(as)
      return talk
    },
  }
}

const ANY: CredentialRequest = {
  name: 'Shop',
  streams: ['transactional', 'conversation', 'bulk'],
  fromDomains: [],
  networks: [],
  ratePerMinute: null,
  sandbox: false,
  expiresAt: null,
}

export async function inboundWorld(): Promise<World & { port: number }> {
  const made = await world()
  const budget = createMemoryBudget({ totalBytes: 64 * 1024 * 1024, waiting: 10, waitMs: 1_000 })
  const { port } = await serve(inboundPolicy({ ...made, budget, wake: () => {} }))
  return { ...made, port }
}

/** A client that writes exactly what it is told to, bad manners included. */
export class SmtpTalk {
  #socket: Socket
  #heard = ''
  #over = false
  #wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    this.#listen(socket)
  }

  /** After the greeting. */
  static async open(port: number, { implicitTls = false } = {}): Promise<SmtpTalk> {
    const socket = implicitTls ? connectTls({ port, host: '127.0.0.1', ca: authority }) : connectTcp(port, '127.0.0.1')
    const talk = new SmtpTalk(socket)
    onTestFinished(() => void talk.#socket.destroy())
    await once(socket, implicitTls ? 'secureConnect' : 'connect')
    await talk.reply()
    return talk
  }

  get socket(): Socket {
    return this.#socket
  }

  write(bytes: string | Buffer): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** The next whole reply; '' when the server has closed. */
  async reply(): Promise<string> {
    for (;;) {
      const found = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r\n/.exec(this.#heard)
      if (found) {
        this.#heard = this.#heard.slice(found[0].length)
        return found[0].trimEnd()
      }
      if (this.#over) return ''
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Everything up to the end of the connection. */
  async rest(): Promise<string> {
    while (!this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#heard
  }

  async say(line: string): Promise<string> {
    this.write(`${line}\r\n`)
    return await this.reply()
  }

  hello(): Promise<string> {
    return this.say('EHLO app.example.com')
  }

  async startTls(): Promise<void> {
    const answer = await this.say('STARTTLS')
    if (!answer.startsWith('220')) throw new Error(answer)
    for (const event of ['data', 'end', 'close', 'error']) this.#socket.removeAllListeners(event)
    const secured = connectTls({ socket: this.#socket, ca: authority, servername: 'localhost' })
    this.#socket = secured
    this.#listen(secured)
    await once(secured, 'secureConnect')
  }

  async logIn({ username, secret }: { readonly username: string; readonly secret: string }): Promise<string> {
    return await this.say(`AUTH PLAIN ${Buffer.from(`\0${username}\0${secret}`).toString('base64')}`)
  }

  /** The answer to the mail itself. `content` without the final dot. */
  async send(content: string | Buffer, { from = 'shop@example.com', to = ['ann@example.org'], mail = '' } = {}): Promise<string> {
    for (const line of [`MAIL FROM:<${from}>${mail}`, ...to.map((address) => `RCPT TO:<${address}>`), 'DATA']) {
      const answer = await this.say(line)
      if (!/^[23]/.test(answer)) return answer
    }
    this.write(content)
    return await this.say('.')
  }

  get isEncrypted(): boolean {
    return this.#socket instanceof TLSSocket
  }

  #listen(socket: Socket): void {
    socket.on('data', (bytes: Buffer) => {
      this.#heard += bytes.toString('latin1')
      this.#wake()
    })
    socket.on('error', () => {})
    for (const event of ['end', 'close'])
      socket.on(event, () => {
        this.#over = true
        this.#wake()
      })
  }
}

/** A plain mail with a Message-ID of its own. */
export function aMail({
  from = 'shop@example.com',
  to = 'ann@example.org',
  subject = 'Hello',
  headers = '',
  body = 'Hello Ann\r\n',
} = {}): string {
  mails += 1
  return `From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: <${mails}.${process.pid}@app.example.com>\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\n${headers}\r\n${body}`
}
let mails = 0
