import type { Clock } from '../../../lib/clock.ts'
import { toReply } from '../../../mail/smtp-reply.ts'
import type { Ending } from './ending.ts'
import { type Envelope, toEnvelope } from './envelope.ts'
import { toChunk, toData } from './framing.ts'
import { hear } from './hear.ts'
import type { Link } from './open.ts'
import type { SmtpOptions } from './options.ts'
import { BLOCK, Outgoing } from './outgoing.ts'
import { type Evidence, giveBack, settle } from './result.ts'
import { type Stop, settleStopped } from './stop.ts'
import type { Transaction } from './transaction.ts'
import type { Speaker, Wire } from './wire.ts'

/** Bytes of several messages that may be under way on one connection before the first is answered. */
const MAX_FLIGHT = 256 * 1024
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
  /** The connection is gone; `turnedAway`: the server closed it before it could carry anything. */
  ended(session: Session, turnedAway: TurnedAway | null): void
}

export interface TurnedAway {
  readonly ending: Ending
  readonly evidence: Evidence
}

/**
 * One open connection and the transactions on it, in the order in which they are answered. With PIPELINING (RFC 2920) MAIL, RCPT and
 * DATA go in one write, and the next envelope goes with the body, so a message costs one round trip; with CHUNKING too (RFC 3030)
 * envelope and body go together and several messages are under way. Without, one command at a time.
 *
 * Whatever happens calls one of the `on…` methods: it first hears the replies, then starts what may start, then writes once.
 */
export class Session implements Speaker {
  readonly wire: Wire
  readonly chunking: boolean
  /** Transactions that ended on this connection. */
  used = 0
  readonly #owner: SessionOwner
  readonly #link: Link
  readonly #out: Outgoing
  readonly #pipelined: boolean
  readonly #openedAtMs: number
  #idleSinceMs: number
  #deadlineMs = Number.POSITIVE_INFINITY
  #evidence: Evidence
  #state: 'ready' | 'probing' | 'quitting' | 'over' = 'ready'
  #retiring = false
  #inflight: Transaction[] = []
  /** Waits for its owner's word that its body may leave. */
  #asking: Transaction | null = null
  /** The last transaction left the server in the middle of a mail. */
  #needsReset = false
  /** The server said 421 while bodies were on their way: it is heard out until it closes. */
  #dismissed = false

  constructor(link: Link, owner: SessionOwner) {
    const { mode, host, port, limits } = owner.options
    this.wire = link.wire
    this.chunking = link.capabilities.pipelining && link.capabilities.chunking && limits.pipelineWindow > 1
    this.#owner = owner
    this.#link = link
    this.#out = new Outgoing(link.wire)
    this.#pipelined = link.capabilities.pipelining
    this.#openedAtMs = this.#idleSinceMs = owner.clock.monotonicMs()
    this.#evidence = {
      mode,
      host,
      port,
      address: link.address,
      tls: link.tls,
      stagesMs: link.stagesMs,
      transcript: link.transcript,
    }
    this.wire.speaker = this
  }

  get idle(): boolean {
    return this.#state === 'ready' && this.#inflight.length === 0 && this.#asking === null
  }

  /** Takes on as much of the pool's work as the protocol allows now. */
  pump(): void {
    const wasWaiting = this.#inflight.length > 0
    this.#goOn(this.#owner.clock.monotonicMs(), !wasWaiting)
  }

  /** Takes on nothing more, and says QUIT when nothing is under way. */
  retire(): void {
    this.#retiring = true
    if (this.idle || this.#state === 'probing') this.#quit()
  }

  /** Ends at once: what is under way is answered as if the connection had broken, what had not begun is given back. */
  abort(message: string): void {
    this.#stop({ code: 'CLOSED', message, blame: false, kept: false })
  }

  onBytes(): void {
    const nowMs = this.#owner.clock.monotonicMs()
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
    if (this.#out.uploading === null) return
    const nowMs = this.#owner.clock.monotonicMs()
    this.#out.uploadMore(nowMs)
    this.#goOn(nowMs, true)
  }

  onLost(code: string, message: string): void {
    this.#stop({ code, message, blame: true, kept: true, byServer: true })
  }

  onTick(nowMs: number): void {
    const { timeouts, limits } = this.#owner.options
    const head = this.#inflight[0]
    const wholeLimitMs = head === undefined ? Number.POSITIVE_INFINITY : head.startedAtMs + timeouts.transaction
    if (nowMs >= this.#deadlineMs || nowMs >= wholeLimitMs) {
      const message = nowMs >= this.#deadlineMs ? 'no answer in time' : `not finished within ${timeouts.transaction / 1000} s`
      this.#stop({ code: 'TIMEOUT', message, blame: true, kept: true })
    } else if (
      this.idle &&
      (nowMs - this.#idleSinceMs >= limits.idleMs || nowMs - this.#openedAtMs >= limits.maxConnectionAgeMs)
    ) {
      this.#quit()
    }
  }

  /** Starts what may start, writes it, and sets the time until which an answer is awaited: anew only after a whole reply. */
  #goOn(nowMs: number, heard: boolean): void {
    if (this.#state === 'over') return
    while (this.#mayStart(nowMs)) {
      const transaction = this.#owner.next(this)
      if (transaction === null) break
      this.#begin(transaction, nowMs)
    }
    this.#out.flush(nowMs)
    if (heard) this.#deadlineMs = nowMs + this.#patienceMs()
  }

  #patienceMs(): number {
    const { timeouts } = this.#owner.options
    const head = this.#inflight[0]
    if (this.#state === 'quitting') return timeouts.quit
    if (this.#state === 'probing') return Math.min(timeouts.mail, PROBE_TIMEOUT_MS)
    if (this.#out.uploading !== null) return timeouts.body
    if (this.#dismissed) return timeouts.quit
    return head === undefined || head === this.#asking ? Number.POSITIVE_INFINITY : timeouts[head.stage]
  }

  #onReply(code: number, text: string, nowMs: number): void {
    const head = this.#inflight[0]
    if (this.#state === 'quitting') this.#stop(LEFT)
    else if (this.#out.owed === 0) this.#onUnasked(head, code, text, nowMs)
    else if (this.#state === 'probing' || head === undefined) this.#onProbed(code, nowMs)
    else this.#onAnswer(head, code, text, nowMs)
  }

  #onAnswer(head: Transaction, code: number, text: string, nowMs: number): void {
    this.#out.owed -= 1
    switch (hear(head, code, text, this.#pipelined, nowMs)) {
      case 'wait':
        break
      case 'next_command':
        this.#out.add(commandFor(head), 1)
        break
      case 'body_wanted':
        this.#askForBody(head, nowMs)
        break
      case 'body_for_nobody':
        // RFC 2920 §3.1: an empty message ends what the server began; what it says to that means nothing.
        this.#out.add('.\r\n', 1)
        break
      case 'ended':
        this.#onEnded(head, nowMs)
        break
      case 'closing':
        this.#onClosing(head, code, text, nowMs)
        break
      case 'out_of_turn':
        this.#outOfStep(`the server answered ${code} out of turn`)
    }
    if (head.dismissed && code === 421) this.#dismissed = this.#retiring = true
  }

  #onEnded(head: Transaction, nowMs: number): void {
    this.#inflight.shift()
    this.#needsReset = head.leavesMail
    this.#idleSinceMs = nowMs
    if (head.turnedAway && this.used > 0) {
      this.#owner.takeBack(head)
      return
    }
    // Every recipient has an answer of its own where no ending was heard for all.
    settle(head, head.ending ?? NO_ENDING, this.#evidence, nowMs)
    if (this.used++ === 0) this.#evidence = { ...this.#evidence, stagesMs: {} }
  }

  /**
   * 421. On a connection that was used before it is how a limit of messages is told, and the message goes again elsewhere; on a new one
   * it is the answer, for whoever else waits too. What was said after it the server has not looked at.
   */
  #onClosing(head: Transaction, code: number, text: string, nowMs: number): void {
    const isAnswer = this.used === 0 || head.stage === 'dot' || head.ending !== null
    const ending: Ending = { stage: head.stage, kind: 'reply', reply: toReply(code, text) }
    if (isAnswer) {
      this.#inflight.shift()
      settle(head, head.ending ?? ending, this.#evidence, nowMs)
    }
    for (const transaction of this.#inflight) transaction.bodySent = false
    const turnedAway = this.used === 0 ? { ending, evidence: this.#evidence } : null
    this.#stop({ code: 'CLOSED', message: 'the server closed the connection', blame: false, kept: true }, turnedAway)
  }

  /** A reply before its question: a server that says goodbye, one that refuses a body while it still arrives, or one out of step. */
  #onUnasked(head: Transaction | undefined, code: number, text: string, nowMs: number): void {
    if (head !== undefined && code >= 400) {
      head.said.push(code, text)
      this.#inflight.shift()
      if (this.#asking === head) this.#asking = null
      const stage = this.#out.uploading === head ? 'body' : head.stage
      this.#out.forget()
      settle(head, { stage, kind: 'reply', reply: toReply(code, text) }, this.#evidence, nowMs)
    }
    this.#outOfStep(`the server said ${code} without being asked`)
  }

  #onProbed(code: number, nowMs: number): void {
    this.#out.owed -= 1
    if (code >= 300) {
      this.#outOfStep(`the server refused RSET with ${code}`)
      return
    }
    this.#state = 'ready'
    this.#needsReset = false
    this.#idleSinceMs = nowMs
    if (this.#retiring) this.#quit()
  }

  #mayStart(nowMs: number): boolean {
    if (this.#state !== 'ready' || this.#asking !== null || this.#out.uploading !== null) return false
    const { maxMessagesPerConnection, maxConnectionAgeMs, pipelineWindow } = this.#owner.options.limits
    const count = this.#inflight.length
    const carried = this.used + count
    // A new connection carries at least one, whatever the limits.
    if (carried > 0 && (carried >= maxMessagesPerConnection || nowMs - this.#openedAtMs >= maxConnectionAgeMs))
      this.#retiring = true
    const last = this.#inflight[count - 1]
    if (last === undefined) return this.#retiring ? this.#quit() : this.#isLively(nowMs)
    if (this.#retiring || !this.#pipelined) return false
    if (last.chunked) return count < pipelineWindow && this.#flightBytes() < MAX_FLIGHT
    // After a body with its end the next envelope may follow; after DATA alone nothing may (RFC 2920 §3.1).
    return last.expected === 'dot'
  }

  /** After a long pause the server is asked first: firewalls forget connections without a word. */
  #isLively(nowMs: number): boolean {
    if (!this.#owner.hasWork()) return false
    // Bytes that came before any question would be taken for its answer.
    if (this.wire.reader.pending) return this.#outOfStep('the server spoke before it was asked')
    const { probeAfterMs } = this.#owner.options.limits
    if (nowMs - this.#idleSinceMs <= (this.chunking ? Math.min(probeAfterMs, CHUNKED_PROBE_AFTER_MS) : probeAfterMs)) return true
    this.#state = 'probing'
    this.#out.add('RSET\r\n', 1)
    return false
  }

  #flightBytes(): number {
    let bytes = 0
    for (const { envelope } of this.#inflight) bytes += envelope?.content.length ?? 0
    return bytes
  }

  #begin(transaction: Transaction, nowMs: number): void {
    const { maxRecipientsPerTransaction } = this.#owner.options.limits
    const envelope = toEnvelope(transaction.handoff, this.#link.capabilities, maxRecipientsPerTransaction)
    if ('stage' in envelope) {
      settle(transaction, envelope, this.#evidence, nowMs)
      return
    }
    // Behind a BDAT whose fate is open only RSET makes sure that this mail does not continue that one.
    const afterReset = this.#needsReset || this.#inflight[this.#inflight.length - 1]?.chunked === true
    const chunked = this.chunking && envelope.content.length <= BLOCK
    this.#needsReset = false
    transaction.begin(envelope, { chunked, afterReset }, nowMs)
    if (chunked) {
      this.#askForBody(transaction, nowMs)
      return
    }
    this.#inflight.push(transaction)
    if (this.#pipelined) this.#out.add(`${opening(transaction, envelope)}DATA\r\n`, repliesTo(transaction, envelope))
    else this.#out.add(commandFor(transaction), 1)
  }

  #askForBody(transaction: Transaction, nowMs: number): void {
    const may = transaction.handoff.mayLeave()
    if (may === true) {
      this.#sayBody(transaction, nowMs)
      return
    }
    this.#asking = transaction
    may.then(
      (allowed) => this.#onMayLeave(transaction, allowed),
      () => this.#onMayLeave(transaction, false),
    )
  }

  #onMayLeave(transaction: Transaction, allowed: boolean): void {
    if (this.#asking !== transaction) return
    this.#asking = null
    const nowMs = this.#owner.clock.monotonicMs()
    if (allowed) {
      this.#sayBody(transaction, nowMs)
    } else {
      giveBack(transaction, 'it may no longer be sent by this process', this.#evidence, nowMs)
      // After 354 the server reads everything as the message: the only way to take it back is to leave without the final dot.
      if (!transaction.chunked) {
        this.#inflight.shift()
        this.#stop(LEFT)
      }
    }
    this.#goOn(nowMs, true)
  }

  #sayBody(transaction: Transaction, nowMs: number): void {
    const { envelope } = transaction
    if (envelope === null) return
    if (transaction.chunked) {
      const chunk = toChunk(envelope.content)
      this.#inflight.push(transaction)
      const text = `${opening(transaction, envelope)}BDAT ${chunk.length} LAST\r\n${chunk}`
      this.#out.addBody(transaction, text, repliesTo(transaction, envelope))
      return
    }
    const data = toData(envelope.content)
    if (data.length > BLOCK) this.#out.upload(transaction, `${data}.\r\n`, nowMs)
    else this.#out.addBody(transaction, `${data}.\r\n`, 1)
  }

  #outOfStep(message: string): false {
    this.#stop({ code: 'PROTOCOL', message, blame: true, kept: true })
    return false
  }

  #quit(): false {
    if (this.#state === 'over' || this.#state === 'quitting') return false
    this.#state = 'quitting'
    this.#deadlineMs = this.#owner.clock.monotonicMs() + this.#owner.options.timeouts.quit
    this.wire.write('QUIT\r\n')
    return false
  }

  #stop(stop: Stop, turnedAway: TurnedAway | null = null): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.wire.destroy()
    // Nothing was said of it yet, since its envelope would have gone with its body.
    const silent = this.#asking?.chunked ? this.#asking : null
    const stopped = silent === null ? this.#inflight : [...this.#inflight, silent]
    const { uploading } = this.#out
    if (this.#dismissed && stop.byServer) for (const transaction of stopped) notReached(transaction, this.used > 0)
    this.#inflight = []
    this.#asking = null
    this.#out.forget()
    settleStopped(stopped, { ...stop, used: this.used > 0, silent, uploading }, this.#owner, this.#evidence)
    this.#owner.ended(this, turnedAway)
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

/** After a 421 and the close that it announced, what the server had not begun to answer it has not taken. */
function notReached(transaction: Transaction, used: boolean): void {
  if (transaction.said.length > 0 && !transaction.turnedAway) return
  transaction.bodySent = false
  if (used) transaction.ending = null
}

/** RSET where it is needed, MAIL and every RCPT. */
function opening({ afterReset }: Transaction, { mail, recipients }: Envelope): string {
  const envelope = mail + (recipients.length === 1 ? recipients[0] : recipients.join(''))
  return afterReset ? `RSET\r\n${envelope}` : envelope
}

/** One for each command of an opening, and one for DATA or BDAT. */
function repliesTo({ afterReset }: Transaction, { recipients }: Envelope): number {
  return recipients.length + (afterReset ? 3 : 2)
}

/** Without PIPELINING: what is to be said next. */
function commandFor({ expected, envelope, heard }: Transaction): string {
  if (expected === 'reset') return 'RSET\r\n'
  if (expected === 'mail') return envelope?.mail ?? ''
  return expected === 'rcpt' ? (envelope?.recipients[heard] ?? '') : 'DATA\r\n'
}
