import { createServer, type Server, type Socket } from 'node:net'
import { Dialogue } from './smtp-dialogue.ts'
import type { Act, Moment, SmtpScript } from './smtp-script.ts'

export interface ReceivedMessage {
  readonly sender: string
  readonly recipients: readonly string[]
  /** Parameters of MAIL, as written. */
  readonly parameters: readonly string[]
  /** As the sender meant it: dots no longer doubled. */
  readonly content: string
  readonly sha256: string
  readonly receivedAt: Date
  readonly connection: number
  /** `swallowed`: taken, and nothing was said about it. */
  readonly fate: 'accepted' | 'refused' | 'swallowed'
}

/** What one connection was told, in order; `tls` says what protects it at the end. */
export interface ConnectionLog {
  readonly commands: string[]
  tls: string | null
  servername: string | null
  /** The TLS session continued one of an earlier connection. */
  resumed: boolean
  ended: boolean
}

/** The far end of every test: an SMTP server on this machine that does what its script says and remembers what it saw. */
export class ScriptedSmtpServer implements AsyncDisposable {
  readonly host = '127.0.0.1'
  readonly connections: ConnectionLog[] = []
  readonly messages: ReceivedMessage[] = []
  port = 0
  script: SmtpScript
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** By moment, or by `RCPT address`. */
  readonly #once = new Map<string, Act[]>()
  /** By moment, or by address. */
  readonly #always = new Map<string, Act>()
  readonly #watchers = new Set<() => void>()

  constructor(script: SmtpScript) {
    this.script = script
    for (const [moment, acts] of Object.entries(script.on ?? {})) {
      if (isList(acts)) this.#once.set(moment, [...acts])
      else this.#always.set(moment, acts)
    }
    this.#server = createServer((socket) => void this.#serve(socket))
  }

  /** On any free port; after a close on the same one again. */
  async listen(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(this.port, this.host, resolve)
    })
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the SMTP server has no port')
    this.port = address.port
    return this
  }

  /** Connections open now. */
  get open(): number {
    return this.#sockets.size
  }

  /** Recipients of every message that the server has, in order, whether it said so or not. */
  received(): string[] {
    return this.messages.filter(({ fate }) => fate !== 'refused').flatMap(({ recipients }) => recipients)
  }

  /** All commands of all connections. */
  commands(): string[] {
    return this.connections.flatMap(({ commands }) => commands)
  }

  /** Answers RCPT for one recipient: each reply once and then as everybody else, or the last one always. */
  answer(recipient: string, ...replies: readonly [Act, ...Act[]]): { thenAccept(): void; always(): void } {
    const last = replies[replies.length - 1] ?? replies[0]
    return {
      thenAccept: () => void this.#once.set(`RCPT ${recipient}`, [...replies]),
      always: () => {
        this.#once.set(`RCPT ${recipient}`, replies.slice(0, -1))
        this.#always.set(recipient, last)
      },
    }
  }

  /** Acts once at the next such moment, before anything the script says about it. */
  next(moment: Moment, act: Act): void {
    this.#once.set(moment, [...(this.#once.get(moment) ?? []), act])
  }

  /** From now on acts so at every such moment; null: as usual again. */
  always(moment: Moment, act: Act | null): void {
    if (act === null) this.#always.delete(moment)
    else this.#always.set(moment, act)
  }

  /** Resolves when what is asked about has come true; asked anew after everything that happens here. */
  async when(isTrue: (server: this) => boolean): Promise<void> {
    if (isTrue(this)) return
    await new Promise<void>((resolve) => {
      const watcher = (): void => {
        if (!isTrue(this)) return
        this.#watchers.delete(watcher)
        resolve()
      }
      this.#watchers.add(watcher)
    })
  }

  /** Breaks every open connection, as a crash of the server would. */
  breakAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #serve(socket: Socket): Promise<void> {
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    const log: ConnectionLog = { commands: [], tls: null, servername: null, resumed: false, ended: false }
    this.connections.push(log)
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#sockets.delete(socket)
      log.ended = true
      this.#changed()
    })
    this.#changed()
    await new Dialogue(socket, log, this, this.connections.length - 1).run()
  }

  // What a dialogue asks of its server.

  actAt(moment: Moment, recipient?: string): Act | null {
    const once =
      (recipient === undefined ? undefined : this.#once.get(`RCPT ${recipient}`)?.shift()) ?? this.#once.get(moment)?.shift()
    const always = recipient === undefined ? undefined : this.#always.get(recipient)
    return once ?? always ?? this.#always.get(moment) ?? null
  }

  record(message: ReceivedMessage): void {
    this.messages.push(message)
    this.#changed()
  }

  noted(): void {
    this.#changed()
  }

  #changed(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}

function isList(acts: Act | readonly Act[]): acts is readonly Act[] {
  return Array.isArray(acts)
}

export function smtpServer(script: SmtpScript = {}): Promise<ScriptedSmtpServer> {
  return new ScriptedSmtpServer(script).listen()
}

/** A port of this machine where nobody listens. */
export async function refusedPort(): Promise<number> {
  const server = await smtpServer()
  await server.close()
  return server.port
}
