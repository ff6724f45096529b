import type { Clock } from '../../../lib/clock.ts'
import type { SmtpReply } from '../../../mail/smtp-reply.ts'
import type { Capabilities } from './capabilities.ts'
import type { Ending } from './ending.ts'
import { type Carrier, Flight } from './flight/flight.ts'
import { type Evidence, giveBack, settle } from './flight/result.ts'
import { type Stop, settleStopped } from './flight/stop.ts'
import type { Transaction } from './flight/transaction.ts'
import type { Link } from './open.ts'
import type { SmtpLimits, SmtpOptions } from './options.ts'
import type { Speaker, Wire } from './wire.ts'

/** With CHUNKING the body goes before the first answer, so a connection that died unnoticed costs certainty: it is asked earlier. */
const CHUNKED_PROBE_AFTER_MS = 2_000
const PROBE_TIMEOUT_MS = 10_000

/** The pool, as one of its connections sees it. */
export interface SessionOwner {
  readonly options: SmtpOptions
  readonly clock: Clock
  /** The handoff to be carried next, if there is one. */
  next(session: Session): Transaction | null
  hasWork(): boolean
  /** Puts a handoff back in front of the queue; it goes to a connection that has not been used yet. */
  takeBack(transaction: Transaction): void
  /** The server closes a connection that has carried something before. */
  dismissed(session: Session, reply: SmtpReply): void
  /** The connection is gone; `turnedAway`: the server closed it before it could carry anything. */
  ended(session: Session, turnedAway: TurnedAway | null): void
}

export interface TurnedAway {
  readonly ending: Ending
  readonly evidence: Evidence
}

/**
 * The life of one open connection: it takes work from its pool, asks after a long pause whether the server still lives, keeps the time of
 * every answer, retires when it has done enough, and says what becomes of what was under way when it ends.
 *
 * Whatever happens calls one of the `on…` methods: it first hears the replies, then starts what may start, then writes once.
 */
export class Session implements Speaker, Carrier {
  readonly wire: Wire
  readonly capabilities: Capabilities
  readonly limits: SmtpLimits
  /** Transactions that ended on this connection. */
  used = 0
  readonly #owner: SessionOwner
  readonly #flight: Flight
  readonly #openedAtMs: number
  #idleSinceMs: number
  #deadlineMs = Number.POSITIVE_INFINITY
  #evidence: Evidence
  #state: 'ready' | 'probing' | 'quitting' | 'over' = 'ready'
  #retiring = false

  constructor(link: Link, owner: SessionOwner) {
    const { mode, host, port, limits } = owner.options
    const { address, tls, stagesMs, transcript } = link
    this.wire = link.wire
    this.capabilities = link.capabilities
    this.limits = limits
    this.#owner = owner
    this.#evidence = { mode, host, port, address, tls, stagesMs, transcript }
    this.#flight = new Flight(this)
    this.#openedAtMs = this.#idleSinceMs = this.monotonicMs()
    this.wire.speaker = this
  }

  get chunking(): boolean {
    return this.#flight.chunking
  }

  get idle(): boolean {
    return this.#state === 'ready' && this.#flight.isEmpty
  }

  monotonicMs(): number {
    return this.#owner.clock.monotonicMs()
  }

  /** Takes on as much of the pool's work as the protocol allows now. */
  pump(): void {
    if (this.#state === 'ready') this.#goOn(this.monotonicMs(), this.#flight.count === 0)
  }

  /** Takes on nothing more, and says QUIT when nothing is under way. */
  retire(): void {
    this.#retiring = true
    if (this.idle || this.#state === 'probing') this.#quit()
  }

  /** Ends at once: what is under way is answered as if the connection had broken, what had not begun is given back. */
  abort(message: string): void {
    this.stop({ code: 'CLOSED', message, blame: false, kept: false })
  }

  // What the wire tells.

  onBytes(): void {
    const nowMs = this.monotonicMs()
    const { reader } = this.wire
    let heard = false
    while (this.#state !== 'over' && reader.next()) {
      heard = true
      this.#onReply(reader.code, reader.text, nowMs)
    }
    if (reader.garbage !== null) this.#outOfStep(reader.garbage)
    this.#goOn(nowMs, heard)
  }

  onDrain(): void {
    const nowMs = this.monotonicMs()
    if (this.#flight.uploadMore(nowMs)) this.#goOn(nowMs, true)
  }

  onLost(code: string, message: string): void {
    this.stop({ code, message, blame: true, kept: true, byServer: true })
  }

  onTick(nowMs: number): void {
    const limitMs = this.#owner.options.timeouts.transaction
    const { head } = this.#flight
    if (nowMs >= this.#deadlineMs) {
      this.stop({ code: 'TIMEOUT', message: 'no answer in time', blame: true, kept: true })
    } else if (head !== undefined && nowMs >= head.startedAtMs + limitMs) {
      this.stop({ code: 'TIMEOUT', message: `not finished within ${limitMs / 1000} s`, blame: true, kept: true })
    } else if (this.idle && (nowMs - this.#idleSinceMs >= this.limits.idleMs || this.#isOld(nowMs))) {
      this.#quit()
    }
  }

  // What is under way tells.

  settle(transaction: Transaction, ending: Ending, nowMs: number): void {
    settle(transaction, ending, this.#evidence, nowMs)
  }

  giveBack(transaction: Transaction, why: string, nowMs: number): void {
    giveBack(transaction, why, this.#evidence, nowMs)
  }

  onEnded(transaction: Transaction, nowMs: number): void {
    this.#idleSinceMs = nowMs
    if (transaction.turnedAway && this.used > 0) {
      if (transaction.ending?.kind === 'reply') this.#owner.dismissed(this, transaction.ending.reply)
      this.#owner.takeBack(transaction)
      return
    }
    // Every recipient has an answer of its own where no ending was heard for all.
    this.settle(transaction, transaction.ending ?? NO_ENDING, nowMs)
    if (this.used++ === 0) this.#evidence = { ...this.#evidence, stagesMs: {} }
  }

  onDismissed(): void {
    this.#retiring = true
  }

  /**
   * On a connection that was used before, 421 is how a limit of messages is told, and the message goes again elsewhere; on a new one it is
   * the answer, for whoever else waits too.
   */
  onClosing(head: Transaction, ending: Ending, nowMs: number): void {
    if (this.used === 0 || head.stage === 'dot' || head.ending !== null) {
      this.#flight.leave(head)
      this.settle(head, head.ending ?? ending, nowMs)
    }
    if (this.used > 0 && ending.kind === 'reply') this.#owner.dismissed(this, ending.reply)
    const turnedAway = this.used === 0 ? { ending, evidence: this.#evidence } : null
    this.stop({ code: 'CLOSED', message: 'the server closed the connection', blame: false, kept: true }, turnedAway)
  }

  onPermission(isHead: boolean, nowMs: number): void {
    this.#goOn(nowMs, isHead)
  }

  /** The connection is over, for whatever reason; everything on it finds its end or goes elsewhere. */
  stop(stop: Stop, turnedAway: TurnedAway | null = null): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.wire.destroy()
    settleStopped({ ...stop, ...this.#flight.abandon(), used: this.used > 0 }, this.#owner, this.#evidence)
    this.#owner.ended(this, turnedAway)
  }

  #onReply(code: number, text: string, nowMs: number): void {
    const { head } = this.#flight
    if (this.#state === 'quitting' && head === undefined) this.stop(LEFT)
    else if (this.#flight.isAnswered) this.#onUnasked(head, code, text, nowMs)
    else if (this.#state === 'probing' || head === undefined) this.#onProbed(code, nowMs)
    else this.#flight.hear(head, code, text, nowMs)
  }

  /** A reply before its question: a server that says goodbye, one that refuses a body while it still arrives, or one out of step. */
  #onUnasked(head: Transaction | undefined, code: number, text: string, nowMs: number): void {
    if (head !== undefined && code >= 400) this.#flight.hearEarly(head, code, text, nowMs)
    this.#outOfStep(`the server said ${code} without being asked`)
  }

  #onProbed(code: number, nowMs: number): void {
    this.#flight.hearProbe()
    if (code >= 300) {
      this.#outOfStep(`the server refused RSET with ${code}`)
      return
    }
    this.#state = 'ready'
    this.#idleSinceMs = nowMs
    if (this.#retiring) this.#quit()
  }

  /** Starts what may start, writes it, and sets the time until which an answer is awaited: anew only after a whole reply. */
  #goOn(nowMs: number, heard: boolean): void {
    if (this.#state === 'over') return
    while (this.#mayBegin(nowMs)) {
      const transaction = this.#owner.next(this)
      if (transaction === null) break
      this.#flight.begin(transaction, nowMs)
    }
    this.#flight.flush(nowMs)
    if (heard) this.#deadlineMs = nowMs + this.#patienceMs()
  }

  #patienceMs(): number {
    const { timeouts } = this.#owner.options
    if (this.#state === 'probing') return Math.min(timeouts.mail, PROBE_TIMEOUT_MS)
    const awaits = this.#flight.awaits ?? (this.#state === 'quitting' ? 'quit' : null)
    return awaits === null ? Number.POSITIVE_INFINITY : timeouts[awaits]
  }

  #mayBegin(nowMs: number): boolean {
    if (this.#state !== 'ready' || !this.#flight.mayBegin()) return false
    const carried = this.used + this.#flight.count
    // A new connection carries at least one, whatever the limits.
    if (carried > 0 && (carried >= this.limits.maxMessagesPerConnection || this.#isOld(nowMs))) this.#retiring = true
    // With PIPELINING, QUIT goes with the last message (RFC 2920 §3.1).
    if (this.#retiring) return this.#quit()
    return this.#flight.count > 0 || this.#isLively(nowMs)
  }

  /** After a long pause the server is asked first: firewalls forget connections without a word. */
  #isLively(nowMs: number): boolean {
    if (!this.#owner.hasWork()) return false
    // Bytes that came before any question would be taken for its answer.
    if (this.wire.reader.pending) return this.#outOfStep('the server spoke before it was asked')
    const { probeAfterMs } = this.limits
    if (nowMs - this.#idleSinceMs <= (this.chunking ? Math.min(probeAfterMs, CHUNKED_PROBE_AFTER_MS) : probeAfterMs)) return true
    this.#state = 'probing'
    this.#flight.sayAlone('RSET\r\n')
    return false
  }

  #isOld(nowMs: number): boolean {
    return nowMs - this.#openedAtMs >= this.limits.maxConnectionAgeMs
  }

  #outOfStep(message: string): false {
    this.stop({ code: 'PROTOCOL', message, blame: true, kept: true })
    return false
  }

  #quit(): false {
    if (this.#state === 'over' || this.#state === 'quitting') return false
    const nowMs = this.monotonicMs()
    this.#state = 'quitting'
    this.#flight.sayAlone('QUIT\r\n')
    this.#flight.flush(nowMs)
    if (this.#flight.count === 0) this.#deadlineMs = nowMs + this.#patienceMs()
    return false
  }
}

const LEFT: Stop = { code: 'CLOSED', message: 'we closed the connection', blame: false, kept: true }
const NO_ENDING = {
  stage: 'rcpt',
  kind: 'lost',
  code: 'PROTOCOL',
  message: 'the server answered no recipient',
  bodySent: false,
} as const
