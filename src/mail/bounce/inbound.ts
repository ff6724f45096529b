import type { Failure, FailureClass } from '../failure.ts'

/**
 * What came as mail, read as what it is: the news that a mail failed (`bounce`) or still waits (`delay`), a complaint, an answer or notice
 * that a machine wrote (`automatic`), or a `message` of somebody. Every mail is exactly one of them; in doubt it is a message, since a
 * message that is taken for a machine's would be read by nobody.
 */
export const INBOUND_KINDS = ['bounce', 'delay', 'complaint', 'automatic', 'message'] as const
export type InboundKind = (typeof INBOUND_KINDS)[number]

/** RFC 3464 §2.3.3; and who complained, and who answered by machine. */
export const REPORTED_ACTIONS = ['failed', 'delayed', 'delivered', 'relayed', 'expanded', 'complained', 'answered'] as const
export type ReportedAction = (typeof REPORTED_ACTIONS)[number]

export interface ReportedRecipient {
  /** The address as it was written to, where the report tells it; else as it was in the end. */
  readonly address: string
  readonly action: ReportedAction
  /** The enhanced code, or null. */
  readonly status: string | null
  readonly class: FailureClass | null
  /** This address will not take mail again. */
  readonly hard: boolean
  readonly failure: Failure | null
  /** The words it was told with. */
  readonly diagnostic: string | null
  readonly remoteMta: string | null
  readonly finalRecipient: string | null
  readonly originalRecipient: string | null
}

export interface InboundReading {
  readonly kind: InboundKind
  readonly recipients: readonly ReportedRecipient[]
  /** RFC 3464 §2.2.1: what the sender asked to have told back (ENVID). */
  readonly envelopeId: string | null
  readonly reportingMta: string | null
  /** RFC 5965 §3.1 and the IANA registry: abuse, fraud, virus, not-spam, auth-failure, …. */
  readonly feedbackType: string | null
  readonly original: OriginalMail | null
}

/** The mail that is spoken of, as far as it came back. */
export interface OriginalMail {
  /** With angle brackets. */
  readonly messageId: string | null
  readonly to: readonly string[]
  /** Its headers in their order, decoded, at most a hundred. */
  readonly headers: readonly { readonly name: string; readonly value: string }[]
}

/** RFC 3464 lets a report name any number; beyond this nobody's bounce is one. */
export const RECIPIENTS_MAX = 1_000

export const PLAIN_MESSAGE: InboundReading = {
  kind: 'message',
  recipients: [],
  envelopeId: null,
  reportingMta: null,
  feedbackType: null,
  original: null,
}
