import type { Socket } from 'node:net'
import { ReplyReader } from '../../../mail/smtp-reply.ts'
import type { Timed } from './deadlines.ts'
import type { Inlet } from './dial.ts'

/** Who speaks over a wire at present: first the handshake, then the session. */
export interface Speaker extends Timed {
  /** Bytes came: whole replies may be in the reader. */
  onBytes(): void
  /** Everything written so far is on its way. */
  onDrain(): void
  /** The connection ended by itself. Called at most once, and not after `destroy`. */
  onLost(code: string, message: string): void
}

/** A socket and the replies that come out of it. */
export class Wire implements Timed {
  readonly reader = new ReplyReader()
  speaker: Speaker
  #socket: Socket
  #over = false

  constructor(socket: Socket, inlet: Inlet | null, speaker: Speaker) {
    this.#socket = socket
    this.speaker = speaker
    this.#attach(inlet)
  }

  get socket(): Socket {
    return this.#socket
  }

  /** One character a byte. False when the caller should wait for `onDrain` before it writes more. */
  write(bytes: string): boolean {
    return this.#over ? true : this.#socket.write(bytes, 'latin1')
  }

  /** Puts TLS in the place of the bare connection. */
  replaceSocket(socket: Socket): void {
    this.#detach()
    this.#socket = socket
    this.#attach(null)
  }

  destroy(): void {
    this.#over = true
    this.#socket.destroy()
  }

  onTick(nowMs: number): void {
    this.speaker.onTick(nowMs)
  }

  #attach(inlet: Inlet | null): void {
    const socket = this.#socket
    if (inlet) inlet.connect((bytes) => this.#feed(bytes))
    else socket.on('data', (bytes: Buffer) => this.#feed(bytes.toString('latin1')))
    socket.on('drain', () => {
      if (!this.#over) this.speaker.onDrain()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => this.#lost(error.code ?? 'ERROR', error.message))
    socket.on('end', () => this.#lost('CLOSED', 'the server closed the connection'))
    socket.on('close', () => this.#lost('CLOSED', 'the connection was closed'))
  }

  /** The old socket lives on under TLS; its errors arrive there. */
  #detach(): void {
    for (const event of ['data', 'drain', 'error', 'end', 'close']) this.#socket.removeAllListeners(event)
    this.#socket.on('error', () => {})
  }

  #feed(bytes: string): void {
    if (this.#over) return
    this.reader.feed(bytes)
    this.speaker.onBytes()
  }

  #lost(code: string, message: string): void {
    if (this.#over) return
    this.destroy()
    this.speaker.onLost(code, message)
  }
}
