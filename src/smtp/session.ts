import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import { MINUTE, SECOND } from '../lib/clock.ts'
import { Dialogue, type DialogueSettings, type Turn } from './dialogue.ts'
import { COMMAND_MAX } from './protocol/command.ts'
import { DataFraming } from './protocol/framing.ts'
import { formatReply, reply } from './protocol/reply.ts'

export interface SessionSettings extends Omit<DialogueSettings, 'address' | 'offersTls'> {
  /** Null: no certificate, and so no TLS. Asked anew for each connection, for certificates are renewed. */
  secureContext(): SecureContext | null
  /** TLS from the first byte (RFC 8314). */
  readonly implicitTls: boolean
  monotonicMs(): number
  onFault(error: unknown): void
  onEnd(session: Session): void
}

/** RFC 5321 §4.5.3.2 asks a server to wait five minutes for a command and three for a block of the content. */
const COMMAND_MS = 5 * MINUTE
const BLOCK_MS = 3 * MINUTE
/** A whole content, however slowly it trickles. */
const CONTENT_MS = 30 * MINUTE
/** Who has not said who they are: time for a handshake and a few round trips. */
const STRANGER_MS = MINUTE
const GOODBYE_MS = 5 * SECOND
/** What a client may have sent ahead while something is waited for. */
const AHEAD_MAX = 64 * 1024
const [LF, CR] = [10, 13]
const NOTHING = Buffer.alloc(0)

type Mode = { readonly kind: 'commands' } | { readonly kind: 'data'; readonly framing: DataFraming } | Chunk
interface Chunk {
  readonly kind: 'chunk'
  readonly size: number
  left: number
  readonly isLast: boolean
}
const COMMANDS: Mode = { kind: 'commands' }

/** One connection: its bytes, its encryption and its patience. What is said is the dialogue's matter. */
export class Session {
  readonly #settings: SessionSettings
  readonly #dialogue: Dialogue
  readonly #startedMs: number
  #socket: Socket
  #input: Buffer = NOTHING
  #mode: Mode = COMMANDS
  #out = ''
  #isBusy = false
  #isOver = false
  #deadlineMs: number
  #contentEndsMs = 0

  constructor(socket: Socket, settings: SessionSettings) {
    this.#settings = settings
    this.#socket = socket
    this.#startedMs = settings.monotonicMs()
    this.#deadlineMs = this.#startedMs + STRANGER_MS
    this.#dialogue = new Dialogue({
      ...settings,
      address: socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
      offersTls: !settings.implicitTls && settings.secureContext() !== null,
    })
    socket.setNoDelay(true)
    if (settings.implicitTls) this.#secure(true)
    else {
      this.#attach(socket)
      this.#write(this.#dialogue.greeting())
    }
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** True when it may be closed without cutting anything off. */
  get isIdle(): boolean {
    return !this.#isBusy && this.#mode.kind === 'commands'
  }

  onTick(nowMs: number): void {
    if (!this.#isBusy && nowMs > this.#deadlineMs) this.leave('4.4.2', 'You took too long.')
  }

  /** Says why, and closes. */
  leave(enhanced: string, why: string): void {
    this.#out += formatReply(reply(421, enhanced, why))
    this.#close()
  }

  destroy(): void {
    this.#end()
    this.#socket.destroy()
  }

  #attach(socket: Socket): void {
    this.#socket = socket
    socket.on('data', (bytes: Buffer) => this.#feed(bytes))
    socket.on('error', () => this.destroy())
    socket.on('end', () => this.destroy())
    socket.on('close', () => this.#end())
    socket.on('drain', () => this.#run())
  }

  #feed(bytes: Buffer): void {
    if (this.#isOver) return
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes])
    this.#run()
    if (this.#input.length > AHEAD_MAX && !this.#isOver) this.#socket.pause()
  }

  /** Goes on until something has to be waited for: more bytes, our own work, or a client that does not listen. */
  #run(): void {
    while (!this.#isOver && !this.#isBusy && this.#socket.writableLength < AHEAD_MAX) {
      const step = this.#step()
      if (step === 'starved') break
      if (step !== undefined) this.#wait(step)
    }
    this.#flush()
  }

  #wait(work: Promise<void>): void {
    this.#isBusy = true
    // Who waits for us is told what is known so far.
    this.#flush()
    work
      .catch((error: unknown) => {
        if (this.#isOver) return
        this.#settings.onFault(error)
        this.#out += formatReply(reply(451, '4.3.0', 'Something went wrong on our side, and nothing was kept. Try again.'))
        this.#close()
      })
      .finally(() => {
        this.#isBusy = false
        if (this.#isOver) return
        this.#patience()
        if (this.#socket.isPaused()) this.#socket.resume()
        this.#run()
      })
  }

  /** One command, or what there is of a content. */
  #step(): 'starved' | Promise<void> | undefined {
    // A chunk of nothing has come already.
    if (this.#input.length === 0 && !(this.#mode.kind === 'chunk' && this.#mode.left === 0)) return 'starved'
    switch (this.#mode.kind) {
      case 'commands':
        return this.#command()
      case 'data':
        return this.#data(this.#mode.framing)
      case 'chunk':
        return this.#chunk(this.#mode)
    }
  }

  #command(): 'starved' | Promise<void> | undefined {
    const end = this.#input.indexOf(LF)
    if (end === -1 ? this.#input.length > COMMAND_MAX : end > COMMAND_MAX) {
      this.#out += formatReply(reply(500, '5.5.2', `A command has at most ${COMMAND_MAX} bytes.`))
      this.leave('4.7.0', 'I cannot know where the next command begins.')
      return undefined
    }
    if (end === -1) return 'starved'
    const line = this.#input.toString('latin1', 0, end)
    const isWhole = this.#input[end - 1] === CR
    this.#input = this.#input.subarray(end + 1)
    const turn = isWhole
      ? this.#dialogue.command(line.slice(0, -1))
      : this.#dialogue.badLine('A command ends in CRLF, not in LF alone (RFC 5321, 2.3.8).')
    if (turn instanceof Promise) return turn.then((told) => this.#take(told))
    return this.#take(turn)
  }

  #take({ say, next }: Turn): undefined {
    this.#out += say
    this.#patience()
    if (next === undefined) return
    if (next === 'close') this.#close()
    else if (next === 'starttls') this.#startTls()
    else {
      this.#mode =
        next === 'data'
          ? { kind: 'data', framing: new DataFraming() }
          : { kind: 'chunk', size: next.chunk, left: next.chunk, isLast: next.isLast }
      this.#contentEndsMs = this.#settings.monotonicMs() + CONTENT_MS
      this.#patience()
    }
  }

  #data(framing: DataFraming): Promise<void> | undefined {
    const pieces: Buffer[] = []
    const end = framing.feed(this.#input, (piece) => void pieces.push(piece))
    this.#input = end === -1 ? NOTHING : this.#input.subarray(end)
    if (end !== -1) this.#mode = COMMANDS
    return this.#content(pieces, end !== -1)
  }

  #chunk(chunk: Chunk): Promise<void> | undefined {
    const piece = this.#input.subarray(0, chunk.left)
    this.#input = this.#input.subarray(piece.length)
    chunk.left -= piece.length
    if (chunk.left > 0 || chunk.isLast) {
      if (chunk.left === 0) this.#mode = COMMANDS
      return this.#content([piece], chunk.left === 0)
    }
    this.#mode = COMMANDS
    const told = this.#content([piece], false)
    const answer = () => void this.#take(this.#dialogue.finishChunk(chunk.size))
    if (told) return told.then(answer)
    answer()
    return undefined
  }

  #content(pieces: readonly Buffer[], isEnd: boolean): Promise<void> | undefined {
    this.#patience()
    const bytes = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
    const written = bytes.length === 0 ? undefined : this.#dialogue.write(bytes)
    if (this.#dialogue.isHopeless) {
      this.leave('5.3.4', 'The mail is far larger than this server takes.')
      return undefined
    }
    if (!isEnd) return written
    const finish = () => this.#dialogue.finish().then((turn) => this.#take(turn))
    return written ? written.then(finish) : finish()
  }

  /** Bytes behind STARTTLS came in plain text, from whoever was in between: they are never read as commands (CVE-2011-0411). */
  #startTls(): void {
    if (this.#input.length > 0) {
      this.#out = ''
      this.leave('4.7.0', 'Nothing may follow STARTTLS before the handshake.')
      return
    }
    this.#flush()
    for (const event of ['data', 'end', 'close', 'drain', 'error']) this.#socket.removeAllListeners(event)
    this.#secure(false)
  }

  #secure(isGreeted: boolean): void {
    const secureContext = this.#settings.secureContext()
    const raw = this.#socket
    raw.on('error', () => {})
    if (!secureContext) {
      this.destroy()
      return
    }
    const secured = new TLSSocket(raw, { isServer: true, secureContext })
    raw.once('close', () => this.#end())
    this.#attach(secured)
    secured.once('secure', () => {
      this.#dialogue.secured(secured.getProtocol() ?? 'TLS')
      if (isGreeted) this.#write(this.#dialogue.greeting())
    })
  }

  /** A stranger's whole time is one minute; a content's is limited however it trickles. */
  #patience(): void {
    const nowMs = this.#settings.monotonicMs()
    const end = this.#mode.kind === 'commands' ? nowMs + COMMAND_MS : Math.min(nowMs + BLOCK_MS, this.#contentEndsMs)
    this.#deadlineMs = this.#dialogue.isKnown ? end : this.#startedMs + STRANGER_MS
  }

  #write(text: string): void {
    this.#out += text
    this.#flush()
  }

  #flush(): void {
    if (this.#out === '' || this.#isOver) return
    const out = this.#out
    this.#out = ''
    this.#socket.write(out, 'latin1')
  }

  /** Says what is left to say, then closes; whoever does not take notice is cut off. */
  #close(): void {
    this.#flush()
    const socket = this.#socket
    this.#end()
    socket.end()
    setTimeout(() => socket.destroy(), GOODBYE_MS).unref()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#input = NOTHING
    this.#dialogue.end()
    this.#settings.onEnd(this)
  }
}
