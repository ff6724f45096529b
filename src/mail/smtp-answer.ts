import type { FailureClass } from './failure.ts'
import type { SmtpReply } from './smtp-reply.ts'

/** Where in the dialogue an answer belongs, in the order of the dialogue. */
export const SMTP_STAGES = [
  'config',
  'dns',
  'tcp',
  'banner',
  'ehlo',
  'starttls',
  'tls',
  'auth',
  'mail',
  'rcpt',
  'data',
  'body',
  'dot',
  'quit',
] as const
export type SmtpStage = (typeof SMTP_STAGES)[number]

/**
 * What the far end said to one recipient's transaction, or how it stopped talking. `mode` decides whose problem a failure of the
 * connection is: a relay is ours (the route waits), a recipient's own MX is theirs.
 */
export type SmtpAnswer = {
  readonly mode: 'relay' | 'mx'
  readonly stage: SmtpStage
  /** The name we dialled, its address and port when known: they appear in the sentence people read. */
  readonly host: string
  readonly address: string | null
  readonly port: number | null
  readonly recipient: string | null
} & (
  | { readonly kind: 'reply'; readonly reply: SmtpReply }
  /** The connection failed or ended. `code`: Node's or OpenSSL's error code, or one of ours (TIMEOUT, PROTOCOL, …). */
  | { readonly kind: 'lost'; readonly code: string; readonly message: string; readonly bodySent: boolean }
  /** We did not try: the hop lacks what the message needs (SIZE, 8BITMIME, SMTPUTF8, STARTTLS, AUTH), or the message what every hop needs. */
  | {
      readonly kind: 'unable'
      readonly lack:
        | 'size'
        | '8bitmime'
        | 'smtputf8'
        | 'starttls'
        | 'auth'
        | 'private_address'
        | 'configuration'
        | 'wellformed'
        | 'content'
      readonly message: string
    }
  /** A provider's API said no. The provider's own table knows what its words mean; `reply` has the HTTP status and the words. */
  | {
      readonly kind: 'told'
      readonly reply: SmtpReply
      readonly class: FailureClass
      readonly isFinal: boolean
      readonly retryAfterSeconds: number | null
    }
)
