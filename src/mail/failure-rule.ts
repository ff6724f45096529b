import type { FailureClass } from './failure.ts'
import type { SmtpStage } from './smtp-answer.ts'

/**
 * A known text. Rules are asked in order and the first that fits wins, before any code is looked at: Orange says a full mailbox with
 * 552 5.1.1 and Yahoo an unknown one with a bare 552, so that codes alone would suppress the living and keep writing to the dead.
 */
export interface Rule {
  readonly class: FailureClass
  /** Stages at which the words mean this. A report that names no stage is read as if at RCPT or after the body. */
  readonly at: readonly SmtpStage[]
  readonly text: RegExp
  /** The code with its enhanced code must fit too ("550 5.7.1", or "550 -"). */
  readonly code?: RegExp
  /** Words that show something else is meant. */
  readonly unless?: RegExp
  /** The words mean this only where a reply is known to have been given at such a stage: never in a report that tells none. */
  readonly onlyThere?: true
  /** Whose words they are, where only one provider says so. */
  readonly provider?: string
}

export const AUTH: readonly SmtpStage[] = ['auth']
export const MAIL: readonly SmtpStage[] = ['mail']
export const MAIL_RCPT: readonly SmtpStage[] = ['mail', 'rcpt']
export const RCPT: readonly SmtpStage[] = ['rcpt']
export const RCPT_ON: readonly SmtpStage[] = ['rcpt', 'data', 'body', 'dot']
export const CONTENT: readonly SmtpStage[] = ['data', 'body', 'dot']
export const ENVELOPE: readonly SmtpStage[] = ['mail', ...RCPT_ON]
export const EHLO_TO_RCPT: readonly SmtpStage[] = ['ehlo', 'mail', 'rcpt']
export const ANY: readonly SmtpStage[] = ['banner', 'ehlo', 'starttls', 'auth', ...ENVELOPE]

/** Words that speak of us, not of the recipient: with them "unknown" or 5.1.1 never suppresses anyone. */
export const ABOUT_US =
  /\bsenders?\b|return-?path|\b(?:spf|dkim|dmarc|spam|policy|reputation|blocked|blacklist\w*|relay\w*|helo|ehlo)\b/i
