import type { SmtpReply } from '../../../../mail/smtp-reply.ts'
import type { Handoff, HandoffResult } from '../../provider.ts'
import type { Ending } from '../ending.ts'
import type { Envelope } from './envelope.ts'

/** The reply that a transaction waits for next. `void`: the one to a lone dot, which means nothing. */
export type Expected = 'reset' | 'mail' | 'rcpt' | 'data' | 'bdat' | 'dot' | 'void'

/** How a transaction goes over the connection it begins on. */
export interface Manner {
  /** Envelope and body in one flight (RFC 3030). */
  readonly chunked: boolean
  /** RSET goes before MAIL. */
  readonly afterReset: boolean
}

/** A handoff on its way through the pool, and what it has heard so far. One is made for every message: it is kept small. */
export class Transaction implements Manner {
  readonly handoff: Handoff
  readonly resolve: (result: HandoffResult) => void
  /** How often it was taken back from a connection that ended before it could have gone. */
  retries = 0
  envelope: Envelope | null = null
  chunked = false
  afterReset = false
  expected: Expected = 'mail'
  mailAccepted = false
  /** Replies heard to RCPT, and how many of them were positive. */
  heard = 0
  accepted = 0
  /** All of the body, its end included, was given to the socket. */
  bodySent = false
  /** Was told 421 although its body was on its way. */
  dismissed = false
  /** When it ended the server was in the middle of a mail, and needs RSET. */
  leavesMail = false
  /** Decides for every recipient that has no answer of its own. */
  ending: Ending | null = null
  /** Answers of single recipients; null while none was refused. */
  refusals: (SmtpReply | null)[] | null = null
  /** Codes and texts in turn, kept for the transcript, which is written only when somebody will want to read it. */
  readonly said: (number | string)[] = []
  startedAtMs = 0
  mailAtMs = 0
  rcptAtMs = 0
  dataAtMs = 0
  bodyAtMs = 0

  constructor(handoff: Handoff, resolve: (result: HandoffResult) => void) {
    this.handoff = handoff
    this.resolve = resolve
  }

  /** Begins on a connection; whatever was heard on an earlier one is forgotten. */
  begin(envelope: Envelope, { chunked, afterReset }: Manner, nowMs: number): void {
    this.envelope = envelope
    this.chunked = chunked
    this.afterReset = afterReset
    this.expected = afterReset ? 'reset' : 'mail'
    this.mailAccepted = false
    this.heard = 0
    this.accepted = 0
    this.bodySent = false
    this.dismissed = false
    this.leavesMail = false
    this.ending = null
    this.refusals = null
    this.said.length = 0
    this.startedAtMs = nowMs
    this.mailAtMs = 0
    this.rcptAtMs = 0
    this.dataAtMs = 0
    this.bodyAtMs = 0
  }

  /** The server closed on it for reasons of its own, and nobody was accepted: on a connection used before it simply goes again. */
  get turnedAway(): boolean {
    return this.dismissed && this.accepted === 0
  }

  /** Where in the dialogue it stands. */
  get stage(): 'mail' | 'rcpt' | 'data' | 'dot' {
    return STAGES[this.expected]
  }
}

const STAGES = { reset: 'mail', mail: 'mail', rcpt: 'rcpt', data: 'data', bdat: 'dot', dot: 'dot', void: 'dot' } as const
