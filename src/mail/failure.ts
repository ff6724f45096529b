import type { SmtpAnswer, SmtpStage } from './smtp-answer.ts'
import type { SmtpReply } from './smtp-reply.ts'

/** Who has to wait, or change, because of a failure. Only `message` and `recipient` cost a message one of its tries. */
export const FAILURE_SCOPES = ['message', 'recipient', 'domain', 'receiver', 'route', 'identity', 'address', 'system'] as const
export type FailureScope = (typeof FAILURE_SCOPES)[number]

/** How long to wait between tries (workers read delivery/retry.ts): network, greylist, deferral or rate, mailbox full, quota, a person. */
export const RETRY_LADDERS = ['network', 'greylist', 'deferral', 'mailbox', 'quota', 'login', 'none'] as const
export type RetryLadder = (typeof RETRY_LADDERS)[number]

/** A failure that explains itself. Plain data: it is stored with the attempt and shown to people as it is. */
export interface Failure {
  readonly class: FailureClass
  readonly scope: FailureScope
  readonly permanent: boolean
  readonly ladder: RetryLadder
  /** True when the address itself is known not to take mail: it is suppressed. */
  readonly suppress: boolean
  readonly stage: SmtpStage
  readonly reply: SmtpReply | null
  /** One sentence: what happened, whose side it is on. */
  readonly sentence: string
  /** What a person can do, in one or two sentences. */
  readonly hint: string
  /** A wait that the far end itself asked for, in seconds. */
  readonly retryAfterSeconds: number | null
}

// The classes, the rules that recognise them, and classify() are completed beside failure-rules.ts.
export type FailureClass = string
export declare function classify(answer: SmtpAnswer): Failure
