import type { Socket } from 'node:net'
import type { Clock } from '../../../lib/clock.ts'
import type { SmtpStage } from '../../../mail/smtp-answer.ts'
import { toReply } from '../../../mail/smtp-reply.ts'
import type { Trace } from '../../outcome.ts'
import { command, UnsafeCommand } from './commands.ts'
import type { Deadlines } from './deadlines.ts'
import type { Dialled } from './dial.ts'
import type { Ending } from './ending.ts'
import type { SmtpTimeouts } from './options.ts'
import { Transcript } from './transcript.ts'
import { type Speaker, Wire } from './wire.ts'

/** RFC 4954 §4: a line of a log-in may be longer than any other, and tokens use it. */
const MAX_AUTH_LINE = 12_288

/** Ends the opening of a connection from any depth; caught in one place, where it becomes a value. */
export class Halt extends Error {
  readonly ending: Ending

  constructor(ending: Ending) {
    super(ending.stage)
    this.ending = ending
  }
}

interface Waiter {
  resolve(reply: Raw): void
  reject(halt: Halt): void
}

interface Raw {
  readonly code: number
  readonly text: string
}

/** The dialogue before the first MAIL: one question, one answer. */
export class Handshake implements Speaker {
  readonly wire: Wire
  tls: Trace['tls'] = null
  readonly #timeouts: SmtpTimeouts
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #log = new Transcript()
  #stage: SmtpStage = 'banner'
  #deadlineMs = Number.POSITIVE_INFINITY
  #waiting: Waiter | null = null
  #lost: Halt | null = null
  #secrets: readonly string[] = []

  constructor(dialled: Dialled, timeouts: SmtpTimeouts, deps: { readonly clock: Clock; readonly deadlines: Deadlines }) {
    this.#timeouts = timeouts
    this.#clock = deps.clock
    this.#deadlines = deps.deadlines
    this.wire = new Wire(dialled.socket, dialled.inlet, this)
    this.#deadlines.add(this.wire)
  }

  get transcript(): string {
    return this.#log.toString()
  }

  async say(line: string, stage: SmtpStage, wanted: number): Promise<void> {
    const reply = await this.ask(line, stage)
    if (reply.code !== wanted) throw this.refused(stage, reply)
  }

  async expect(stage: SmtpStage, wanted: number): Promise<void> {
    const reply = await this.#hear(stage)
    if (reply.code !== wanted) throw this.refused(stage, reply)
  }

  ask(line: string, stage: SmtpStage, logged = line): Promise<Raw> {
    // An answer that is there before its question belongs to no question.
    if (this.wire.reader.next() || this.wire.reader.pending) throw this.desync(stage, 'the server answered before it was asked')
    this.wire.write(written(line, stage))
    this.#log.client(logged)
    return this.#hear(stage)
  }

  /** Waits for something of our own as long as the stage may take. */
  async inTime<T>(asked: Promise<T>, stage: 'auth', code: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), this.#timeouts[stage])
    })
    try {
      return await Promise.race([asked, late])
    } catch (error) {
      throw new Halt({
        stage,
        kind: 'lost',
        code,
        message: error instanceof Error ? error.message : String(error),
        bodySent: false,
      })
    } finally {
      clearTimeout(timer)
    }
  }

  /** From here on a server that repeats what it was told does not tell it to whoever reads the attempt. */
  hide(secrets: readonly string[]): void {
    this.#secrets = secrets
  }

  refused(stage: SmtpStage, { code, text }: Raw): Halt {
    // A positive answer that is not the one asked for says only that the two sides do not understand each other.
    if (code < 400) return this.desync(stage, `the server answered ${code} out of turn`)
    return new Halt({ stage, kind: 'reply', reply: toReply(code, text) })
  }

  desync(stage: SmtpStage, message: string): Halt {
    return new Halt({ stage, kind: 'lost', code: 'PROTOCOL', message, bodySent: false })
  }

  upgrade(socket: Socket, tls: NonNullable<Trace['tls']>): void {
    this.tls = tls
    this.#log.note(`TLS ${tls.version} ${tls.cipher}${tls.verified ? '' : ', certificate not verified'}`)
    this.wire.replaceSocket(socket)
  }

  abandon(): void {
    this.#deadlines.delete(this.wire)
    this.wire.destroy()
  }

  onBytes(): void {
    if (this.#waiting === null) return
    const { reader } = this.wire
    if (reader.next()) {
      const { code } = reader
      const text = this.#withoutSecrets(reader.text)
      this.#log.server(code, text)
      this.#answered()?.resolve({ code, text })
    } else if (reader.garbage !== null) {
      this.#fail('PROTOCOL', reader.garbage)
    }
  }

  onDrain(): void {}

  onLost(code: string, message: string): void {
    this.#fail(code, message)
  }

  onTick(nowMs: number): void {
    if (nowMs < this.#deadlineMs) return
    this.wire.destroy()
    this.#fail('TIMEOUT', `no answer in ${this.#timeoutMs() / 1000} s`)
  }

  #hear(stage: SmtpStage): Promise<Raw> {
    if (this.#lost) return Promise.reject(this.#lost)
    this.#stage = stage
    this.#deadlineMs = this.#clock.monotonicMs() + this.#timeoutMs()
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.onBytes()
    })
  }

  #answered(): Waiter | null {
    const waiting = this.#waiting
    this.#waiting = null
    this.#deadlineMs = Number.POSITIVE_INFINITY
    return waiting
  }

  #fail(code: string, message: string): void {
    this.#lost = new Halt({ stage: this.#stage, kind: 'lost', code, message: this.#withoutSecrets(message), bodySent: false })
    this.#answered()?.reject(this.#lost)
  }

  #withoutSecrets(text: string): string {
    return this.#secrets.reduce((clean, secret) => clean.replaceAll(secret, '<hidden>'), text)
  }

  #timeoutMs(): number {
    const stage = this.#stage
    return stage === 'config' ? 0 : this.#timeouts[stage]
  }
}

function written(line: string, stage: SmtpStage): string {
  try {
    return stage === 'auth' ? command(line, MAX_AUTH_LINE) : command(line)
  } catch (error) {
    if (!(error instanceof UnsafeCommand)) throw error
    throw new Halt({ stage, kind: 'unable', lack: 'configuration', message: error.message })
  }
}
