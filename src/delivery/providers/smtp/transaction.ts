import type { SmtpReply } from '../../../mail/smtp-reply.ts'
import { outcomeOf, type SendOutcome } from '../../outcome.ts'
import type { Handoff, HandoffResult } from '../provider.ts'
import { answerOf, type Ending, type Place } from './ending.ts'
import type { Envelope } from './envelope.ts'
import { rounded } from './open.ts'
import { Transcript } from './transcript.ts'

/** The reply that a transaction waits for next. `void`: the one to a lone dot, which means nothing. */
export type Expected = 'reset' | 'mail' | 'rcpt' | 'data' | 'bdat' | 'dot' | 'void'

/** What a handoff can learn about the connection that carried it. */
export interface Evidence extends Place {
  readonly tls: HandoffResult['trace']['tls']
  readonly stagesMs: Readonly<Record<string, number>>
  readonly transcript: string
}

/** A handoff on its way through the pool, and what it has heard so far. One is made for every message: it is kept small. */
export class Transaction {
  readonly handoff: Handoff
  readonly #resolve: (result: HandoffResult) => void
  /** How often it was taken back from a connection that ended before it could have gone. */
  retries = 0
  expected: Expected = 'mail'
  envelope: Envelope | null = null
  chunked = false
  /** RSET went before MAIL. */
  afterReset = false
  /** Replies heard to RCPT, and how many of them were positive. */
  heard = 0
  accepted = 0
  mailAccepted = false
  /** All of the body, its end included, was given to the socket. */
  bodySent = false
  /** Decides for every recipient that has no answer of its own. */
  ending: Ending | null = null
  startedAtMs = 0
  mailAtMs = 0
  rcptAtMs = 0
  dataAtMs = 0
  bodyAtMs = 0
  #own: (Ending | null)[] | null = null
  readonly #said: (number | string)[] = []

  constructor(handoff: Handoff, resolve: (result: HandoffResult) => void) {
    this.handoff = handoff
    this.#resolve = resolve
  }

  /** Begins on a connection; whatever was heard on an earlier one is forgotten. */
  begin(envelope: Envelope, { chunked, afterReset }: { chunked: boolean; afterReset: boolean }, nowMs: number): void {
    this.envelope = envelope
    this.chunked = chunked
    this.afterReset = afterReset
    this.expected = afterReset ? 'reset' : 'mail'
    this.startedAtMs = nowMs
    this.mailAtMs = 0
    this.rcptAtMs = 0
    this.dataAtMs = 0
    this.bodyAtMs = 0
    this.heard = 0
    this.accepted = 0
    this.mailAccepted = false
    this.bodySent = false
    this.ending = null
    this.#own = null
    this.#said.length = 0
  }

  /** Kept for the transcript, which is written only when somebody will want to read it. */
  hear(code: number, text: string): void {
    this.#said.push(code, text)
  }

  refuse(index: number, reply: SmtpReply): void {
    this.#own ??= new Array<Ending | null>(this.envelope?.recipients.length ?? 0).fill(null)
    this.#own[index] = { stage: 'rcpt', kind: 'reply', reply }
  }

  /** Ends as `ending` says, apart from recipients that were refused for themselves. */
  settle(ending: Ending, evidence: Evidence, nowMs: number): void {
    const { recipients } = this.handoff
    const tried = this.envelope?.recipients.length ?? recipients.length
    // The answer to a body says nothing about one of several recipients.
    const shared = ending.stage === 'mail' || tried - this.#refused() !== 1
    const outcomes = recipients.map((recipient, index): SendOutcome => {
      if (index >= tried) return { kind: 'unsent', why: 'the recipients are more than fit into one transaction' }
      const own = this.#own?.[index] ?? null
      if (own === null) return outcomeOf(answerOf(evidence, shared ? null : recipient, ending))
      if (this.accepted > 0 && isTooMany(own))
        return { kind: 'unsent', why: 'the server took as many recipients as it takes at one time' }
      return outcomeOf(answerOf(evidence, recipient, own))
    })
    this.#finish(outcomes, evidence, nowMs)
  }

  /** Never offered to a server. */
  giveBack(why: string, evidence: Evidence, nowMs: number): void {
    const unsent: SendOutcome = { kind: 'unsent', why }
    this.#finish(
      this.handoff.recipients.map(() => unsent),
      evidence,
      nowMs,
    )
  }

  #refused(): number {
    return this.#own === null ? 0 : this.#own.filter((own) => own !== null).length
  }

  #finish(outcomes: readonly SendOutcome[], evidence: Evidence, nowMs: number): void {
    const well = outcomes.every(({ kind }) => kind === 'accepted')
    this.#resolve({
      outcomes,
      trace: {
        host: evidence.host,
        port: evidence.port,
        address: evidence.address,
        tls: evidence.tls,
        stagesMs: this.#stagesMs(evidence.stagesMs, nowMs),
        transcript: well ? null : this.#transcript(evidence.transcript),
      },
    })
  }

  #stagesMs(before: Readonly<Record<string, number>>, nowMs: number): Readonly<Record<string, number>> {
    if (this.mailAtMs === 0) return before
    const stagesMs: Record<string, number> = { ...before, mail: rounded(this.mailAtMs - this.startedAtMs) }
    if (this.rcptAtMs > 0) stagesMs['rcpt'] = rounded(this.rcptAtMs - this.mailAtMs)
    if (this.dataAtMs > 0) stagesMs['data'] = rounded(this.dataAtMs - this.rcptAtMs)
    if (this.dataAtMs > 0 && this.bodyAtMs > 0) stagesMs['body'] = rounded(this.bodyAtMs - this.dataAtMs)
    // In one flight with its envelope (RFC 3030) a body is on its way before the answers to MAIL and RCPT.
    if (this.bodySent) stagesMs['dot'] = rounded(nowMs - Math.max(this.bodyAtMs, this.rcptAtMs))
    return stagesMs
  }

  /** Each command beside its answer; on the wire several may have gone together. */
  #transcript(before: string): string {
    const transcript = new Transcript()
    transcript.append(before)
    if (this.envelope === null) return transcript.toString()
    const { mail, recipients, content } = this.envelope
    const commands = [
      mail,
      ...recipients,
      this.chunked ? `BDAT ${content.length} LAST` : 'DATA',
      `[${content.length} bytes of content]`,
    ]
    if (this.afterReset) commands.unshift('RSET')
    if (this.chunked) commands.pop()
    const replies = this.#said.length / 2
    commands.forEach((line, index) => {
      if (index > replies && !this.bodySent) return
      transcript.client(line)
      if (index < replies) transcript.server(Number(this.#said[2 * index]), String(this.#said[2 * index + 1]))
    })
    return transcript.toString()
  }
}

/** RFC 5321 §4.5.3.1.10: 452, and 552 from older servers, may mean "not so many at one time". */
function isTooMany(ending: Ending): boolean {
  if (ending.kind !== 'reply') return false
  const { code, enhanced, text } = ending.reply
  return (code === 452 || code === 552) && (enhanced === '4.5.3' || enhanced === '5.5.3' || /too many recipients/i.test(text))
}
