import { toReply } from '../../../../mail/smtp-reply.ts'
import type { Capabilities } from '../capabilities.ts'
import type { Ending } from '../ending.ts'
import type { SmtpLimits } from '../options.ts'
import type { Wire } from '../wire.ts'
import { toEnvelope } from './envelope.ts'
import { toChunk, toData } from './framing.ts'
import { hear } from './hear.ts'
import { BLOCK, Outgoing } from './outgoing.ts'
import type { Stop, Stopped } from './stop.ts'
import type { Transaction } from './transaction.ts'
import { commandFor, openingOf, repliesTo } from './words.ts'

/** Bytes of several messages that may be under way on one connection before the first is answered. */
const MAX_FLIGHT = 256 * 1024

/** The connection, as what is under way on it sees it. */
export interface Carrier {
  readonly wire: Wire
  readonly capabilities: Capabilities
  readonly limits: SmtpLimits
  monotonicMs(): number
  settle(transaction: Transaction, ending: Ending, nowMs: number): void
  giveBack(transaction: Transaction, why: string, nowMs: number): void
  /** A transaction has come to its end on the wire. */
  onEnded(transaction: Transaction, nowMs: number): void
  /** The server said 421: it takes nothing more. */
  onDismissed(): void
  /** 421, and nothing of a body had left: the connection is of no more use. */
  onClosing(head: Transaction, ending: Ending, nowMs: number): void
  stop(stop: Stop): void
  /** A permission came: something may be written, or begin. */
  onPermission(isHead: boolean, nowMs: number): void
}

/**
 * The transactions on one connection, in the order in which they are answered. With PIPELINING (RFC 2920) MAIL, RCPT and DATA go in one
 * write, and the next envelope goes with the body, so a message costs one round trip; with CHUNKING too (RFC 3030) envelope and body go
 * together and several messages are under way. Without, one command at a time.
 */
export class Flight {
  readonly chunking: boolean
  readonly #carrier: Carrier
  readonly #out: Outgoing
  readonly #pipelined: boolean
  #inflight: Transaction[] = []
  /** Waits for its owner's word that its body may leave. */
  #asking: Transaction | null = null
  /** The last transaction left the server in the middle of a mail. */
  #needsReset = false
  /** The server said 421 while bodies were on their way: it is heard out until it closes. */
  #dismissed = false

  constructor(carrier: Carrier) {
    const { pipelining, chunking } = carrier.capabilities
    this.chunking = pipelining && chunking && carrier.limits.pipelineWindow > 1
    this.#carrier = carrier
    this.#pipelined = pipelining
    this.#out = new Outgoing(carrier.wire)
  }

  get count(): number {
    return this.#inflight.length
  }

  get isEmpty(): boolean {
    return this.#inflight.length === 0 && this.#asking === null
  }

  get head(): Transaction | undefined {
    return this.#inflight[0]
  }

  /** Nothing that was written waits for its answer. */
  get isAnswered(): boolean {
    return this.#out.owed === 0
  }

  /** What the server is waited for with; null when it is not its turn. */
  get awaits(): 'mail' | 'rcpt' | 'data' | 'dot' | 'body' | 'quit' | null {
    if (this.#out.uploading !== null) return 'body'
    if (this.#dismissed) return 'quit'
    const head = this.#inflight[0]
    return head === undefined || head === this.#asking ? null : head.stage
  }

  /** Whether the protocol allows another transaction to begin now. */
  mayBegin(): boolean {
    if (this.#asking !== null || this.#out.uploading !== null) return false
    const last = this.#inflight[this.#inflight.length - 1]
    if (last === undefined) return true
    if (!this.#pipelined) return false
    if (last.chunked) return this.#inflight.length < this.#carrier.limits.pipelineWindow && this.#bytes() < MAX_FLIGHT
    // After a body with its end the next envelope may follow; after DATA alone nothing may (RFC 2920 §3.1).
    return last.expected === 'dot'
  }

  begin(transaction: Transaction, nowMs: number): void {
    const { capabilities, limits } = this.#carrier
    const envelope = toEnvelope(transaction.handoff, capabilities, limits.maxRecipientsPerTransaction)
    if ('stage' in envelope) {
      this.#carrier.settle(transaction, envelope, nowMs)
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
    if (this.#pipelined) this.#out.add(`${openingOf(transaction, envelope)}DATA\r\n`, repliesTo(transaction, envelope))
    else this.#out.add(commandFor(transaction), 1)
  }

  flush(nowMs: number): void {
    this.#out.flush(nowMs)
  }

  /** A command outside any transaction. */
  sayAlone(command: 'RSET\r\n' | 'QUIT\r\n'): void {
    this.#out.add(command, 1)
  }

  hearProbe(): void {
    this.#out.owed -= 1
    this.#needsReset = false
  }

  /** The connection takes more of a large body. */
  uploadMore(nowMs: number): boolean {
    if (this.#out.uploading === null) return false
    this.#out.uploadMore(nowMs)
    return true
  }

  /** An answer to something that was written. */
  hear(head: Transaction, code: number, text: string, nowMs: number): void {
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
        this.#inflight.shift()
        this.#needsReset = head.leavesMail
        this.#carrier.onEnded(head, nowMs)
        break
      case 'closing':
        this.#carrier.onClosing(head, { stage: head.stage, kind: 'reply', reply: toReply(code, text) }, nowMs)
        break
      case 'out_of_turn':
        this.#carrier.stop({ code: 'PROTOCOL', message: `the server answered ${code} out of turn`, blame: true, kept: true })
    }
    if (head.dismissed && code === 421) {
      this.#dismissed = true
      this.#carrier.onDismissed()
    }
  }

  /** A refusal before its question, such as one of a body that still arrives: it is the answer to what is under way. */
  hearEarly(head: Transaction, code: number, text: string, nowMs: number): void {
    head.said.push(code, text)
    const stage = this.#out.uploading === head ? 'body' : head.stage
    this.leave(head)
    this.#out.forget()
    this.#carrier.settle(head, { stage, kind: 'reply', reply: toReply(code, text) }, nowMs)
  }

  /** Takes the first one out, whatever it waits for. */
  leave(head: Transaction): void {
    if (this.#inflight[0] === head) this.#inflight.shift()
    if (this.#asking === head) this.#asking = null
  }

  /** Everything that is under way, when the connection is over. */
  abandon(): Stopped {
    const { uploading } = this.#out
    // Nothing was said of it yet, since its envelope would have gone with its body.
    const silent = this.#asking?.chunked ? this.#asking : null
    const transactions = silent === null ? this.#inflight : [...this.#inflight, silent]
    this.#inflight = []
    this.#asking = null
    this.#out.forget()
    return { transactions, silent, uploading, dismissed: this.#dismissed }
  }

  #askForBody(transaction: Transaction, nowMs: number): void {
    const may = transaction.handoff.mayLeave()
    if (may === true) {
      this.#sayBody(transaction, nowMs)
      return
    }
    this.#asking = transaction
    may.then(
      (allowed) => this.#onPermission(transaction, allowed),
      () => this.#onPermission(transaction, false),
    )
  }

  #onPermission(transaction: Transaction, allowed: boolean): void {
    if (this.#asking !== transaction) return
    this.#asking = null
    const nowMs = this.#carrier.monotonicMs()
    if (allowed) {
      this.#sayBody(transaction, nowMs)
    } else {
      this.leave(transaction)
      this.#carrier.giveBack(transaction, 'it may no longer be sent by this process', nowMs)
      // After 354 the server reads everything as the message: the only way to take it back is to leave without the final dot.
      if (!transaction.chunked)
        this.#carrier.stop({ code: 'CLOSED', message: 'we closed the connection', blame: false, kept: true })
    }
    this.#carrier.onPermission(this.#inflight.length === 0 || this.#inflight[0] === transaction, nowMs)
  }

  #sayBody(transaction: Transaction, nowMs: number): void {
    const { envelope } = transaction
    if (envelope === null) return
    if (transaction.chunked) {
      const chunk = toChunk(envelope.content)
      this.#inflight.push(transaction)
      const text = `${openingOf(transaction, envelope)}BDAT ${chunk.length} LAST\r\n${chunk}`
      this.#out.addBody(transaction, text, repliesTo(transaction, envelope))
      return
    }
    const data = toData(envelope.content)
    if (data.length > BLOCK) this.#out.upload(transaction, `${data}.\r\n`, nowMs)
    else this.#out.addBody(transaction, `${data}.\r\n`, 1)
  }

  #bytes(): number {
    let bytes = 0
    for (const { envelope } of this.#inflight) bytes += envelope?.content.length ?? 0
    return bytes
  }
}
