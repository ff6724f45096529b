import type { Address } from '../mail/address.ts'
import type { MailParameters, RecipientParameters } from './protocol/parameters.ts'
import type { Reply } from './protocol/reply.ts'

/** Who is at the other end, as far as the wire tells. */
export interface Client {
  readonly address: string
  /** What it called itself in EHLO; nobody's word but its own. */
  readonly hello: string
  /** The version of TLS, or null. */
  readonly tls: string | null
}

export interface Recipient {
  readonly address: Address
  readonly parameters: RecipientParameters
}

export interface Envelope {
  readonly client: Client
  readonly sender: Address | null
  readonly parameters: MailParameters
  readonly recipients: readonly Recipient[]
}

/** At once where nothing has to be waited for: several commands of one flight are then answered in one. */
export type Soon<T> = T | Promise<T>

export function after<T, U>(soon: Soon<T>, then: (value: T) => Soon<U>): Soon<U> {
  return soon instanceof Promise ? soon.then(then) : then(soon)
}

/** What a port takes mail for, and from whom. The server speaks SMTP; everything else is asked here. A refusal is a reply, leave is null. */
export interface Policy {
  readonly name: string
  readonly maxBytes: number
  readonly maxRecipients: number
  /** AUTH is offered (over TLS), and nothing is taken without it. */
  readonly signsIn: boolean
  visit(): Visit
}

/** One connection in the eyes of a policy. */
export interface Visit {
  readonly isKnown: boolean
  /** The reply says whether it worked: 235 does. */
  signIn(username: string, password: string, client: Client): Promise<Reply>
  sender(address: Address | null): Soon<Reply | null>
  recipient(address: Address, sender: Address | null): Soon<Reply | null>
  /** The content is about to come. */
  receive(envelope: Envelope): Soon<Intake | Reply>
}

/** What becomes of a content while it comes: whole lines with CRLF, checked, dots taken off. */
export interface Intake {
  /** Called again after the promise of the call before. */
  write(bytes: Buffer): Promise<void> | undefined
  /** Everything came. What is answered here has been done: a 250 follows its commit. */
  finish(facts: { readonly eightBit: boolean }): Promise<Reply>
  /** Nobody wants it any more; the client may be gone. */
  discard(): void
}
