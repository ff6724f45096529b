import type { Clock } from '../../../lib/clock.ts'
import { toReply } from '../../../mail/smtp-reply.ts'
import type { Ending } from './ending.ts'
import { type Envelope, toEnvelope } from './envelope.ts'
import { toChunk, toData } from './framing.ts'
import type { Link } from './open.ts'
import type { SmtpOptions } from './options.ts'
import type { Evidence, Transaction } from './transaction.ts'
import type { Speaker, Wire } from './wire.ts'

/** How often a handoff is taken back, unseen by its owner, from connections that end before its body could leave. */
export const MAX_RETRIES = 2
/** A body up to this size is written at once; a larger one in blocks of it, each with its time. */
const BLOCK = 64 * 1024
/** Bytes of several messages that may be under way on one connection before the first is answered. */
const MAX_FLIGHT = 256 * 1024
/** With CHUNKING the body goes before the first answer, so a connection that died unnoticed costs certainty: it is asked earlier. */
const CHUNKED_PROBE_AFTER_MS = 2_000

/** The pool, as one of its connections sees it. */
export interface SessionOwner {
  /** The handoff to be carried next, if there is one. */
  next(session: Session): Transaction | null
  hasWork(): boolean
  /** Puts a handoff back in front of the queue; it goes to a connection that has not been used yet. */
  takeBack(transaction: Transaction): void
  /** The connection is gone. */
  ended(session: Session): void
  /** What a handoff learns about this connection. */
  readonly options: SmtpOptions
  readonly clock: Clock
}

/**
 * One open connection and the transactions on it, in the order in which they are answered. With PIPELINING (RFC 2920) MAIL, RCPT and
 * DATA go in one write, and the next envelope goes with the body, so a message costs one round trip; with CHUNKING too (RFC 3030)
 * envelope and body go together and several messages are under way. Without, one command at a time.
 *
 * Whatever comes in calls one of the `on…` methods; each first hears the replies, then starts what may start, then writes once.
 */
export class Session implements Speaker {
  readonly openedAtMs: number
  /** Transactions that ended on this connection. */
  used = 0
  idleSinceMs: number
  readonly #owner: SessionOwner
  readonly #link: Link
  readonly #wire: Wire
  readonly #evidence: Evidence
  readonly #pipelined: boolean
  readonly #chunking: boolean
  #inflight: Transaction[] = []
  #state: 'ready' | 'probing' | 'quitting' | 'over' = 'ready'
  #retiring = false
  /** Replies that the server owes us. One more than that is a server out of step. */
  #owed = 0
  #out = ''
  #leaving: Transaction[] = []
  /** Waits for its owner's word that its body may leave. */
  #asking: Transaction | null = null
  #upload: { readonly transaction: Transaction; readonly data: string; at: number } | null = null
  /** The last transaction left the server in the middle of a mail. */
  #needsReset = false
  #deadlineMs = Number.POSITIVE_INFINITY

  constructor(link: Link, owner: SessionOwner) {
    const { options, clock } = owner
    this.#link = link
    this.#wire = link.wire
    this.#owner = owner
    this.openedAtMs = this.idleSinceMs = clock.monotonicMs()
    this.#pipelined = link.capabilities.pipelining
    this.#chunking = link.capabilities.pipelining && link.capabilities.chunking && options.limits.pipelineWindow > 1
    const place = { mode: options.mode, host: options.host, port: options.port, address: link.address }
    this.#evidence = { ...place, tls: link.tls, stagesMs: link.stagesMs, transcript: link.transcript }
    this.#wire.speaker = this
  }

  get wire(): Wire {
    return this.#wire
  }

  get chunking(): boolean {
    return this.#chunking
  }

  get idle(): boolean {
    return this.#state === 'ready' && this.#inflight.length === 0 && this.#asking === null
  }

  /** Takes on as much of the pool's work as the protocol allows now. */
  pump(): void {
    const nowMs = this.#owner.clock.monotonicMs()
    const wasWaiting = this.#inflight.length > 0
    this.#start(nowMs)
    this.#flush(nowMs)
    if (!wasWaiting) this.#arm(nowMs)
  }

  /** Takes on nothing more, and says QUIT when nothing is under way. */
  retire(): void {
    this.#retiring = true
    if (this.idle || this.#state === 'probing') this.#quit()
  }

  /** Ends at once. What is under way is answered as if the connection had broken. */
  abort(message: string): void {
    if (this.#state === 'over') return
    this.#end({ code: 'CLOSED', message, blame: false, kept: false })
  }

  onBytes(): void {
    const nowMs = this.#owner.clock.monotonicMs()
    const { reader } = this.#wire
    let heard = false
    while (this.#state !== 'over' && reader.next()) {
      heard = true
      this.#hear(reader.code, reader.text, nowMs)
    }
    if (this.#state === 'over') return
    if (reader.garbage !== null) return this.#end({ code: 'PROTOCOL', message: reader.garbage })
    this.#start(nowMs)
    this.#flush(nowMs)
    if (heard) this.#arm(nowMs)
  }

  onDrain(): void {
    if (this.#upload === null || this.#state === 'over') return
    const nowMs = this.#owner.clock.monotonicMs()
    this.#uploadMore(nowMs)
    if (this.#upload !== null) return
    this.#start(nowMs)
    this.#flush(nowMs)
    this.#arm(nowMs)
  }

  onLost(code: string, message: string): void {
    this.#end({ code, message })
  }

  onTick(nowMs: number): void {
    const head = this.#inflight[0]
    const { transaction } = this.#owner.options.timeouts
    if (nowMs < this.#deadlineMs && (head === undefined || nowMs < head.startedAtMs + transaction)) {
      if (this.idle && this.#isTooOldToWait(nowMs)) this.#quit()
      return
    }
    if (this.#state === 'quitting') return this.#close()
    const late = nowMs < this.#deadlineMs ? `the whole transaction took more than ${transaction / 1000} s` : 'no answer in time'
    this.#end({ code: 'TIMEOUT', message: late })
  }

  // The server's side: one reply at a time.

  #hear(code: number, text: string, nowMs: number): void {
    if (this.#state === 'quitting') return this.#close()
    const head = this.#inflight[0]
    if (this.#owed === 0) return this.#hearUnasked(head, code, text, nowMs)
    this.#owed -= 1
    if (this.#state === 'probing') return this.#hearProbe(code, nowMs)
    if (head === undefined) return this.#end({ code: 'PROTOCOL', message: 'the server answered what was not asked' })
    head.hear(code, text)
    if (code === 421 && head.expected !== 'void') return this.#hearClosing(head, code, text, nowMs)
    switch (head.expected) {
      case 'reset':
        if (code >= 300) return this.#end({ code: 'PROTOCOL', message: `the server refused RSET with ${code}` })
        head.expected = 'mail'
        return this.#proceed(head, nowMs)
      case 'mail':
        return this.#hearMail(head, code, text, nowMs)
      case 'rcpt':
        return this.#hearRecipient(head, code, text, nowMs)
      case 'data':
        return this.#hearData(head, code, text, nowMs)
      case 'bdat':
      case 'dot':
        if (code >= 300 && code < 400) return this.#outOfTurn(code)
        // RFC 3030 §2: after a refused BDAT the server may still be in the middle of the mail.
        if (head.expected === 'bdat' && code >= 300) this.#needsReset = true
        head.ending ??= { stage: 'dot', kind: 'reply', reply: toReply(code, text) }
        return this.#finish(head, nowMs)
      case 'void':
        this.#needsReset = true
        return this.#finish(head, nowMs)
    }
  }

  #hearMail(head: Transaction, code: number, text: string, nowMs: number): void {
    if (code >= 300 && code < 400) return this.#outOfTurn(code)
    head.mailAtMs = nowMs
    head.expected = 'rcpt'
    if (code < 300) head.mailAccepted = true
    else head.ending = { stage: 'mail', kind: 'reply', reply: toReply(code, text) }
    if (!this.#pipelined && head.ending !== null) return this.#finish(head, nowMs)
    this.#proceed(head, nowMs)
  }

  #hearRecipient(head: Transaction, code: number, text: string, nowMs: number): void {
    if (code >= 300 && code < 400) return this.#outOfTurn(code)
    const index = head.heard++
    if (code < 300) head.accepted += 1
    else if (head.ending === null) head.refuse(index, toReply(code, text))
    if (head.heard === head.envelope?.recipients.length) {
      head.rcptAtMs = nowMs
      head.expected = head.chunked ? 'bdat' : 'data'
      if (!this.#pipelined && head.accepted === 0) {
        this.#needsReset = true
        return this.#finish(head, nowMs)
      }
    }
    this.#proceed(head, nowMs)
  }

  #hearData(head: Transaction, code: number, text: string, nowMs: number): void {
    head.dataAtMs = nowMs
    if (code === 354) {
      if (head.ending === null && head.accepted > 0) return this.#askForBody(head, nowMs)
      // RFC 2920 §3.1: nobody is left to receive it, so an empty message ends what the server began.
      head.expected = 'void'
      this.#owed += 1
      this.#out += '.\r\n'
      return
    }
    if (code < 400) return this.#outOfTurn(code)
    head.ending ??= { stage: 'data', kind: 'reply', reply: toReply(code, text) }
    this.#needsReset = head.mailAccepted
    this.#finish(head, nowMs)
  }

  /**
   * RFC 5321 §3.8: the server is about to close, and has not looked at what came after. On a connection that was used before, this is
   * how a limit of messages is told; on a new one it is the answer.
   */
  #hearClosing(head: Transaction, code: number, text: string, nowMs: number): void {
    const isLimit = this.used > 0 && head.expected !== 'dot' && head.retries < MAX_RETRIES
    if (!isLimit) {
      this.#inflight.shift()
      const ending: Ending = { stage: stageOf(head), kind: 'reply', reply: toReply(code, text) }
      head.settle(head.ending ?? ending, this.#evidence, nowMs)
    }
    for (const transaction of this.#inflight) transaction.bodySent = false
    this.used += 1
    this.#end({ code: 'CLOSED', message: 'the server closed the connection', blame: false })
  }

  /** A reply before its question: a server that says goodbye, one that refuses a body while it still arrives, or one out of step. */
  #hearUnasked(head: Transaction | undefined, code: number, text: string, nowMs: number): void {
    if (head !== undefined && code >= 400 && head.ending === null) {
      head.hear(code, text)
      this.#inflight.shift()
      this.#upload = null
      head.settle(
        { stage: head.dataAtMs > 0 ? 'body' : 'data', kind: 'reply', reply: toReply(code, text) },
        this.#evidence,
        nowMs,
      )
    }
    this.#end({ code: 'PROTOCOL', message: `the server said ${code} without being asked` })
  }

  #hearProbe(code: number, nowMs: number): void {
    if (code >= 300) return this.#end({ code: 'PROTOCOL', message: 'the connection did not survive its pause' })
    this.#state = 'ready'
    this.#needsReset = false
    this.idleSinceMs = nowMs
    if (this.#retiring) this.#quit()
  }

  #outOfTurn(code: number): void {
    this.#end({ code: 'PROTOCOL', message: `the server answered ${code} out of turn` })
  }

  // Our side: what to say next.

  /** Without PIPELINING: the next command, now that the last one was answered. */
  #proceed(head: Transaction, _nowMs: number): void {
    if (this.#pipelined || head.envelope === null) return
    this.#owed += 1
    if (head.expected === 'mail') this.#out += head.envelope.mail
    else if (head.expected === 'rcpt') this.#out += head.envelope.recipients[head.heard]
    else this.#out += 'DATA\r\n'
  }

  #start(nowMs: number): void {
    while (this.#mayStart(nowMs)) {
      const transaction = this.#owner.next(this)
      if (transaction === null) return
      this.#begin(transaction, nowMs)
    }
  }

  #mayStart(nowMs: number): boolean {
    if (this.#state !== 'ready' || this.#asking !== null || this.#upload !== null) return false
    const { limits } = this.#owner.options
    const last = this.#inflight[this.#inflight.length - 1]
    if (
      this.used + this.#inflight.length >= limits.maxMessagesPerConnection ||
      nowMs - this.openedAtMs >= limits.maxConnectionAgeMs
    ) {
      this.#retiring = true
    }
    if (last === undefined) return this.#retiring ? this.#quit() : this.#isLively(nowMs)
    if (this.#retiring || !this.#pipelined) return false
    // After a body with its end the next envelope may follow; after DATA alone nothing may (RFC 2920 §3.1).
    if (last.expected === 'dot') return true
    return last.chunked && this.#inflight.length < limits.pipelineWindow && this.#flightBytes() < MAX_FLIGHT
  }

  /** After a long pause the server is asked first: firewalls forget connections without a word. */
  #isLively(nowMs: number): boolean {
    // Bytes that came before any question would be taken for its answer.
    if (this.#wire.reader.pending) {
      this.#end({ code: 'PROTOCOL', message: 'the server spoke before it was asked' })
      return false
    }
    const probeAfterMs = Math.min(
      this.#owner.options.limits.probeAfterMs,
      this.#chunking ? CHUNKED_PROBE_AFTER_MS : Number.POSITIVE_INFINITY,
    )
    if (nowMs - this.idleSinceMs <= probeAfterMs || !this.#owner.hasWork()) return true
    this.#state = 'probing'
    this.#owed += 1
    this.#out += 'RSET\r\n'
    return false
  }

  #flightBytes(): number {
    let bytes = 0
    for (const { envelope } of this.#inflight) bytes += envelope?.content.length ?? 0
    return bytes
  }

  #begin(transaction: Transaction, nowMs: number): void {
    const { capabilities } = this.#link
    const envelope = toEnvelope(transaction.handoff, capabilities, this.#owner.options.limits.maxRecipientsPerTransaction)
    if ('stage' in envelope) {
      transaction.settle(envelope, this.#evidence, nowMs)
      return
    }
    const chunked = this.#chunking && envelope.content.length <= BLOCK
    const last = this.#inflight[this.#inflight.length - 1]
    // Behind a BDAT whose fate is open only RSET makes sure that this mail does not continue that one.
    transaction.begin(envelope, { chunked, afterReset: this.#needsReset || last?.chunked === true }, nowMs)
    this.#needsReset = false
    if (chunked) this.#askForBody(transaction, nowMs)
    else this.#sayEnvelope(transaction, envelope)
  }

  #sayEnvelope(transaction: Transaction, envelope: Envelope): void {
    this.#inflight.push(transaction)
    const { mail, recipients } = envelope
    if (!this.#pipelined) {
      this.#owed += 1
      this.#out += transaction.afterReset ? 'RSET\r\n' : mail
      return
    }
    this.#owed += recipients.length + (transaction.afterReset ? 3 : 2)
    this.#out +=
      (transaction.afterReset ? 'RSET\r\n' : '') +
      mail +
      (recipients.length === 1 ? recipients[0] : recipients.join('')) +
      'DATA\r\n'
  }

  #askForBody(transaction: Transaction, nowMs: number): void {
    const may = transaction.handoff.mayLeave()
    if (may === true) return this.#sayBody(transaction, nowMs)
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
      transaction.giveBack('it may no longer be sent by this process', this.#evidence, nowMs)
      // After 354 the server reads everything as the message: the only way to take it back is to leave without the final dot.
      if (!transaction.chunked) {
        this.#inflight.shift()
        return this.#end({ code: 'CLOSED', message: 'we closed the connection' })
      }
    }
    this.#start(nowMs)
    this.#flush(nowMs)
    this.#arm(nowMs)
  }

  #sayBody(transaction: Transaction, nowMs: number): void {
    const { envelope } = transaction
    if (envelope === null) return
    if (transaction.chunked) return this.#sayChunk(transaction, envelope)
    const data = toData(envelope.content)
    transaction.expected = 'dot'
    if (data.length > BLOCK) {
      this.#flush(nowMs)
      this.#upload = { transaction, data, at: 0 }
      this.#uploadMore(nowMs)
      return
    }
    this.#owed += 1
    this.#out += `${data}.\r\n`
    this.#leaving.push(transaction)
  }

  #sayChunk(transaction: Transaction, envelope: Envelope): void {
    const chunk = toChunk(envelope.content)
    const { mail, recipients } = envelope
    this.#inflight.push(transaction)
    this.#owed += recipients.length + (transaction.afterReset ? 3 : 2)
    this.#out +=
      (transaction.afterReset ? 'RSET\r\n' : '') +
      mail +
      (recipients.length === 1 ? recipients[0] : recipients.join('')) +
      `BDAT ${chunk.length} LAST\r\n` +
      chunk
    this.#leaving.push(transaction)
  }

  #flush(nowMs: number): void {
    if (this.#out === '') return
    const out = this.#out
    this.#out = ''
    this.#wire.write(out)
    if (this.#leaving.length === 0) return
    for (const transaction of this.#leaving) {
      transaction.bodySent = true
      transaction.bodyAtMs = nowMs
      transaction.handoff.bodyLeft()
    }
    this.#leaving.length = 0
  }

  /** The next blocks of a large body, as fast as the connection takes them. */
  #uploadMore(nowMs: number): void {
    const upload = this.#upload
    if (upload === null) return
    const { transaction, data } = upload
    this.#deadlineMs = nowMs + this.#owner.options.timeouts.body
    while (upload.at < data.length) {
      const first = upload.at === 0
      const block = data.slice(upload.at, upload.at + BLOCK)
      upload.at += block.length
      const last = upload.at >= data.length
      if (last) this.#owed += 1
      const more = this.#wire.write(last ? `${block}.\r\n` : block)
      if (first) transaction.handoff.bodyLeft()
      if (!last && !more) return
    }
    transaction.bodySent = true
    transaction.bodyAtMs = nowMs
    this.#upload = null
  }

  #finish(head: Transaction, nowMs: number): void {
    this.#inflight.shift()
    this.used += 1
    this.idleSinceMs = nowMs
    const ending: Ending = head.ending ?? {
      stage: 'rcpt',
      kind: 'lost',
      code: 'PROTOCOL',
      message: 'no recipient was answered',
      bodySent: false,
    }
    head.settle(ending, this.#evidence, nowMs)
  }

  #arm(nowMs: number): void {
    if (this.#upload !== null || this.#state === 'quitting' || this.#state === 'over') return
    const { timeouts } = this.#owner.options
    const head = this.#inflight[0]
    if (this.#state === 'probing') this.#deadlineMs = nowMs + Math.min(timeouts.mail, 10_000)
    else if (head === undefined || head === this.#asking) this.#deadlineMs = Number.POSITIVE_INFINITY
    else this.#deadlineMs = nowMs + timeouts[stageOf(head)]
  }

  #isTooOldToWait(nowMs: number): boolean {
    const { limits } = this.#owner.options
    return nowMs - this.idleSinceMs >= limits.idleMs || nowMs - this.openedAtMs >= limits.maxConnectionAgeMs
  }

  // The end.

  #quit(): false {
    if (this.#state === 'over' || this.#state === 'quitting') return false
    this.#state = 'quitting'
    this.#deadlineMs = this.#owner.clock.monotonicMs() + this.#owner.options.timeouts.quit
    this.#wire.write('QUIT\r\n')
    return false
  }

  #close(): void {
    this.#end({ code: 'CLOSED', message: 'we closed the connection' })
  }

  /**
   * The connection is over. A body that left entirely without an answer may have arrived: nobody can know. One that left in part was not
   * accepted. What had not begun to leave goes again over another connection (`kept`), unless it was the first thing that a new
   * connection was asked: then that end is its answer (`blame`).
   */
  #end({ code, message, blame = true, kept = true }: { code: string; message: string; blame?: boolean; kept?: boolean }): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#wire.destroy()
    const nowMs = this.#owner.clock.monotonicMs()
    const uploading = this.#upload?.transaction ?? null
    const stopped = this.#inflight
    // Told nothing yet, since its body would have gone with its envelope.
    const silent = this.#asking !== null && !stopped.includes(this.#asking) ? this.#asking : null
    if (silent !== null) stopped.push(silent)
    this.#inflight = []
    this.#asking = null
    this.#upload = null
    // Latest first: each is put in front of the queue, which so keeps its order.
    for (let index = stopped.length - 1; index >= 0; index -= 1) {
      const transaction = stopped[index]
      if (transaction === undefined) continue
      const untouched = !transaction.bodySent && transaction !== uploading && transaction.ending === null
      const blamed = blame && index === 0 && transaction !== silent
      if (untouched && kept && transaction.retries < MAX_RETRIES && (!blamed || this.used > 0)) {
        transaction.retries += 1
        this.#owner.takeBack(transaction)
      } else if (untouched && !blamed) {
        transaction.giveBack(message, this.#evidence, nowMs)
      } else {
        const stage = transaction.bodySent ? 'dot' : transaction === uploading ? 'body' : stageOf(transaction)
        const lost: Ending = { stage, kind: 'lost', code, message, bodySent: transaction.bodySent }
        transaction.settle(transaction.ending ?? lost, this.#evidence, nowMs)
      }
    }
    this.#owner.ended(this)
  }
}

function stageOf({ expected }: Transaction): 'mail' | 'rcpt' | 'data' | 'dot' {
  switch (expected) {
    case 'reset':
    case 'mail':
      return 'mail'
    case 'rcpt':
      return 'rcpt'
    case 'data':
      return 'data'
    case 'bdat':
    case 'dot':
    case 'void':
      return 'dot'
  }
}
