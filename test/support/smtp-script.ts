import type { SecureVersion } from 'node:tls'
import type { Gate } from './gate.ts'
import type { Certificate } from './tls.ts'

/** Where a script may interfere. `CONNECT` is the banner, `DOT` the answer to a body, `PASSWORD` what follows AUTH LOGIN's 334. */
export type Moment =
  | 'CONNECT'
  | 'EHLO'
  | 'HELO'
  | 'STARTTLS'
  | 'AUTH'
  | 'PASSWORD'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'BDAT'
  | 'DOT'
  | 'RSET'
  | 'NOOP'
  | 'QUIT'

/** What the server does at a moment instead of what it would do: a reply, or a longer story. */
export type Act = string | ActStory

export interface ActStory {
  /** Lines of a reply, without CRLF; left out: nothing is said. */
  readonly reply?: string
  /** Bytes as they are, one character a byte, after the reply. */
  readonly raw?: string
  /** Waits here before it says anything. */
  readonly after?: Gate
  /** Says it in writes of one byte each. */
  readonly slowly?: boolean
  /** Afterwards: goes on (left out), closes politely, breaks the connection, or never says anything again. */
  readonly afterwards?: 'close' | 'reset' | 'silence'
}

export interface TlsScript {
  readonly mode: 'implicit' | 'starttls'
  readonly certificate?: Certificate
  readonly maxVersion?: SecureVersion
  /** Takes the first bytes of the handshake and never answers. */
  readonly hang?: boolean
}

export interface SmtpScript {
  /** Keywords after EHLO, without STARTTLS and AUTH, which follow from the settings below. */
  readonly extensions?: readonly string[]
  readonly tls?: TlsScript
  readonly auth?: { readonly mechanisms: readonly string[]; readonly user: string; readonly password: string }
  /** Acts at a moment, each once, in order; a single one without a list acts always. */
  readonly on?: Partial<Readonly<Record<Moment, Act | readonly Act[]>>>
  /** 421 at the MAIL after so many messages on one connection. */
  readonly messagesPerConnection?: number
  /** 452 4.5.3 at the RCPT after so many in one transaction. */
  readonly recipientsPerMessage?: number
  /** 421 at the banner of the connection after so many at one time. */
  readonly connections?: number
  /** Breaks the connection when so many bytes of a body have come. */
  readonly dropAtBodyByte?: number
  /** Answers when so many bytes of a body have come, and reads the rest without a word. */
  readonly refuseAtBodyByte?: { readonly bytes: number; readonly reply: string }
}

export const ALL_EXTENSIONS = ['PIPELINING', '8BITMIME', 'SMTPUTF8', 'SIZE 10485760', 'ENHANCEDSTATUSCODES'] as const
