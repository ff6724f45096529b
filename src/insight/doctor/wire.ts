import type { Socket } from 'node:net'
import { connect as connectTls, rootCertificates, type TLSSocket } from 'node:tls'
import { command } from '../../delivery/providers/smtp/commands.ts'
import { type Connect, connectTcp } from '../../delivery/providers/smtp/dial.ts'
import { ReplyReader, type SmtpReply, toReply } from '../../mail/smtp-reply.ts'

/** How a connection, or the attempt at one, ended. `code` as in SmtpAnswer: Node's, OpenSSL's, or TIMEOUT, CLOSED, PROTOCOL. */
export interface Lost {
  readonly kind: 'lost'
  readonly code: string
  readonly message: string
}
export type Heard = { readonly kind: 'reply'; readonly reply: SmtpReply } | Lost
export type Opened<T> = ({ readonly kind: 'open' } & T) | Lost

/** Makes connections and closes every one of them at the end, or when `signal` says so. */
export class Dialler {
  readonly #connect: Connect
  readonly #open = new Set<Socket>()
  readonly #onAbort = () => this.closeAll()
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal, connect: Connect = connectTcp) {
    this.#connect = connect
    this.#signal = signal
    signal.addEventListener('abort', this.#onAbort)
  }

  /** Dials an address, never a name: what was checked is what is reached. */
  async dial(address: string, port: number, limitMs: number): Promise<Opened<{ socket: Socket }>> {
    if (this.#signal.aborted) return { kind: 'lost', code: 'TIMEOUT', message: 'the examination has ended' }
    let socket: Socket
    try {
      socket = this.#connect({ address, port, inlet: null })
    } catch (error) {
      return lossOf(error as Error)
    }
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    const failure = await eventOrLoss(socket, 'connect', limitMs)
    if (!failure) return { kind: 'open', socket }
    socket.destroy()
    return failure
  }

  closeAll(): void {
    for (const socket of this.#open) socket.destroy()
    this.#open.clear()
    this.#signal.removeEventListener('abort', this.#onAbort)
  }
}

export interface TlsTarget {
  /** The name to ask for and to compare with; an address is never sent as a name (RFC 6066 §3). */
  readonly servername: string | null
  readonly host: string
  /** To trust beside the public ones. */
  readonly certificateAuthorities: readonly string[] | null
  /** Accept the old versions too: only to find out what a server speaks. */
  readonly anyVersion?: boolean
}

/** Encrypts a connection. The certificate is looked at afterwards, by us: a bad one is what we are here to describe. */
export async function secure(socket: Socket, target: TlsTarget, limitMs: number): Promise<Opened<{ socket: TLSSocket }>> {
  socket.removeAllListeners('data')
  const secured = connectTls({
    socket,
    host: target.host,
    ...(target.servername ? { servername: target.servername } : {}),
    ...(target.certificateAuthorities ? { ca: [...rootCertificates, ...target.certificateAuthorities] } : {}),
    ...(target.anyVersion ? { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } : { minVersion: 'TLSv1.2' }),
    rejectUnauthorized: false,
  })
  const failure = await eventOrLoss(secured, 'secureConnect', limitMs)
  if (!failure) return { kind: 'open', socket: secured }
  secured.destroy()
  socket.destroy()
  return failure
}

/** Null when the event came; otherwise how it ended instead. */
function eventOrLoss(socket: Socket, event: string, limitMs: number): Promise<Lost | null> {
  return new Promise((resolve) => {
    const finish = (result: Lost | null) => {
      clearTimeout(timer)
      socket.off(event, onEvent).off('close', onClose)
      resolve(result)
    }
    const onEvent = () => finish(null)
    const onClose = () => finish({ kind: 'lost', code: 'CLOSED', message: 'the server closed the connection' })
    const timer = setTimeout(
      () => finish({ kind: 'lost', code: 'TIMEOUT', message: `no answer within ${limitMs / 1000} s` }),
      limitMs,
    )
    // Stays for good: an error that comes after the first must not end the process.
    socket.on('error', (error) => finish(lossOf(error)))
    socket.once(event, onEvent).once('close', onClose)
  })
}

function lossOf(error: Error): Lost {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'CLOSED'
  return { kind: 'lost', code, message: reasonOf(error.message) }
}

/** OpenSSL's reason out of "409DEB2A947F0000:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../deps/…". */
function reasonOf(message: string): string {
  return /:error:[^:]*:[^:]*:[^:]*:([^:]+)/.exec(message)?.[1] ?? message
}

const SEEN_MAX = 256

/** A lock-step SMTP dialogue: one command, one reply. */
export class Dialogue {
  readonly socket: Socket
  readonly #reader = new ReplyReader()
  /** The first bytes that came, whatever they were, and when. */
  seen = ''
  seenAtMs: number | null = null
  #ended: Lost | null = null
  #wake: () => void = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.seenAtMs ??= performance.now()
      const text = bytes.toString('latin1')
      if (this.seen.length < SEEN_MAX) this.seen = (this.seen + text).slice(0, SEEN_MAX)
      this.#reader.feed(text)
      this.#wake()
    })
    socket.on('error', (error) => this.#end(lossOf(error)))
    socket.on('close', () => this.#end({ kind: 'lost', code: 'CLOSED', message: 'the server closed the connection' }))
    if (socket.destroyed) this.#end({ kind: 'lost', code: 'CLOSED', message: 'the server closed the connection' })
  }

  /** Bytes that nobody asked for: after the reply to STARTTLS they would be an injection (CVE-2011-0411). */
  get pending(): boolean {
    return this.#reader.pending
  }

  async ask(text: string, limitMs: number): Promise<Heard> {
    if (this.#ended) return this.#ended
    this.socket.write(command(text), 'latin1')
    return this.hear(limitMs)
  }

  async hear(limitMs: number): Promise<Heard> {
    const late = Symbol('late')
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<typeof late>((resolve) => (timer = setTimeout(resolve, limitMs, late)))
    try {
      for (;;) {
        if (this.#reader.next()) return { kind: 'reply', reply: toReply(this.#reader.code, this.#reader.text) }
        if (this.#reader.garbage) return { kind: 'lost', code: 'PROTOCOL', message: this.#reader.garbage }
        if (this.#ended) return this.#ended
        const woken = new Promise<void>((resolve) => (this.#wake = resolve))
        if ((await Promise.race([woken, timeout])) === late) {
          return { kind: 'lost', code: 'TIMEOUT', message: `no answer within ${limitMs / 1000} s` }
        }
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Says goodbye, without caring for the answer for long. */
  async leave(limitMs: number): Promise<void> {
    if (!this.#ended && !this.#reader.garbage) await this.ask('QUIT', limitMs)
    this.socket.destroy()
  }

  #end(loss: Lost): void {
    this.#ended ??= loss
    this.#wake()
  }
}
