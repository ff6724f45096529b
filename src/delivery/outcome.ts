import { classify, type Failure } from '../mail/failure.ts'
import type { SmtpAnswer } from '../mail/smtp-answer.ts'
import type { SmtpReply } from '../mail/smtp-reply.ts'
import type { Reason } from './delivery.ts'

/** What a provider calls a mail that it took: later news names it so. */
export interface ProviderMark {
  readonly providerId: string
  /** The Message-ID the recipient will see, where the provider replaces ours; without angle brackets. */
  readonly messageIdOnWire: string | null
}

/** What one attempt at one recipient came to. A closed union: whoever handles it handles all of it. */
export type SendOutcome =
  /** The next hop took responsibility. Nothing is known about what it does with it. */
  | { readonly kind: 'accepted'; readonly reply: SmtpReply; readonly mark?: ProviderMark }
  /** Final for this recipient or this message. */
  | { readonly kind: 'rejected'; readonly failure: Failure }
  /** The message or its recipient has to wait; costs one of its tries. */
  | { readonly kind: 'deferred'; readonly failure: Failure }
  /** Something shared has to wait (route, receiver, system); costs the message nothing. */
  | { readonly kind: 'blocked'; readonly failure: Failure }
  /** The body left and no answer was heard: the hop may have it (RFC 5321 §6.1, RFC 1047). */
  | { readonly kind: 'unknown'; readonly failure: Failure }
  /** Our own fault, final: what should have been sent is not there. */
  | { readonly kind: 'failed'; readonly code: string; readonly sentence: string; readonly hint: string }
  /** It must not leave as it is (its signature fails): held until a person has looked. */
  | { readonly kind: 'withheld'; readonly reason: Reason }
  /** Never offered to the hop (a split transaction, a closing connection, a drain): simply goes again, nothing is counted. */
  | { readonly kind: 'unsent'; readonly why: string /** Where it would find no room sooner. */; readonly waitMs?: number }

/** Evidence of an attempt: where it went, how it was protected, how long each stage took. Kept in the attempt's row. */
export interface Trace {
  readonly host: string
  readonly port: number | null
  readonly address: string | null
  readonly tls: { readonly version: string; readonly cipher: string; readonly verified: boolean } | null
  /** Milliseconds spent in each stage that this handoff went through. */
  readonly stagesMs: Readonly<Record<string, number>>
  /** The dialogue of this handoff, secrets removed, at most 8 KiB; null when it went well. */
  readonly transcript: string | null
}

/**
 * RFC 5321 §4.2.1 says 4yz try again, 5yz do not; the failure's class says whose fault it was, and so who has to wait.
 * A connection that ended after the body's final dot was written leaves the outcome open.
 */
export function outcomeOf(answer: SmtpAnswer): SendOutcome {
  if (answer.kind === 'reply' && answer.reply.code >= 200 && answer.reply.code < 300)
    return { kind: 'accepted', reply: answer.reply }
  const failure = classify(answer)
  if (answer.kind === 'lost' && answer.bodySent) return { kind: 'unknown', failure }
  // A domain that takes no mail at all is as final as an unknown recipient: nobody would ever lift such a block.
  if (failure.scope === 'domain' && failure.permanent) return { kind: 'rejected', failure }
  if (failure.scope !== 'message' && failure.scope !== 'recipient') return { kind: 'blocked', failure }
  return failure.permanent ? { kind: 'rejected', failure } : { kind: 'deferred', failure }
}
