import { MINUTE, SECOND } from '../../../lib/clock.ts'

/** How to reach one SMTP server and how hard to use it. */
export interface SmtpOptions {
  /** The route's name, for sentences. */
  readonly name: string
  readonly mode: 'relay' | 'mx'
  readonly host: string
  readonly port: number
  /** `starttls`: required. `opportunistic`: used when offered, unverified. `tls`: from the first byte. `none`: an explicit choice. */
  readonly security: 'starttls' | 'opportunistic' | 'tls' | 'none'
  readonly auth: SmtpAuth | null
  readonly heloName: string
  /** Addresses of this machine to send from, at most one of each family; left out or empty: as the system chooses. */
  readonly sourceAddresses?: readonly string[]
  readonly tls: TlsPolicy
  /** Loopback, private and other non-public addresses may be dialled. */
  readonly allowPrivate: boolean
  readonly limits: SmtpLimits
  readonly timeouts: SmtpTimeouts
}

export type SmtpAuth =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** `accessToken` is asked once a connection; it refreshes when it has to. */
  | { readonly kind: 'xoauth2'; readonly user: string; readonly accessToken: () => Promise<string> }

export interface TlsPolicy {
  /** False only by an administrator's explicit choice; `opportunistic` never verifies. */
  readonly verify: boolean
  /** SHA-256 fingerprint of the certificate, hexadecimal: replaces the check of chain and name. */
  readonly fingerprint: string | null
  /** Certificates of private authorities, PEM, beside the public ones. */
  readonly ca: string | null
}

export interface SmtpLimits {
  readonly maxConnections: number
  readonly maxMessagesPerConnection: number
  readonly maxConnectionAgeMs: number
  /** An unused connection is closed after this long. */
  readonly idleMs: number
  /** A connection unused for longer than this is asked whether it still lives before a message is entrusted to it. */
  readonly probeAfterMs: number
  /** Transactions outstanding on one connection where the server offers CHUNKING and PIPELINING. */
  readonly pipelineWindow: number
  readonly maxRecipientsPerTransaction: number
}

/** Milliseconds for each stage, and for a whole transaction. */
export interface SmtpTimeouts {
  readonly dns: number
  readonly tcp: number
  readonly banner: number
  readonly ehlo: number
  readonly starttls: number
  readonly tls: number
  readonly auth: number
  readonly mail: number
  readonly rcpt: number
  readonly data: number
  readonly body: number
  readonly dot: number
  readonly quit: number
  readonly transaction: number
}

export const DEFAULT_LIMITS: SmtpLimits = {
  maxConnections: 10,
  maxMessagesPerConnection: 100,
  maxConnectionAgeMs: 10 * MINUTE,
  idleMs: 30 * SECOND,
  probeAfterMs: 15 * SECOND,
  pipelineWindow: 8,
  maxRecipientsPerTransaction: 50,
}

/**
 * Shorter than RFC 5321 §4.5.3.2 asks between strangers, because a relay is a partner, except for the final dot: giving up there too
 * early makes duplicates (§4.5.3.2.6: 10 minutes).
 */
export const RELAY_TIMEOUTS: SmtpTimeouts = {
  dns: 10 * SECOND,
  tcp: 15 * SECOND,
  banner: 30 * SECOND,
  ehlo: 30 * SECOND,
  starttls: 30 * SECOND,
  tls: 20 * SECOND,
  auth: 30 * SECOND,
  mail: 60 * SECOND,
  rcpt: 60 * SECOND,
  data: 2 * MINUTE,
  body: 3 * MINUTE,
  dot: 10 * MINUTE,
  quit: 5 * SECOND,
  transaction: 20 * MINUTE,
}

/** Between strangers RFC 5321 §4.5.3.2 asks for minutes; a connection that is not even answered says so sooner. */
export const MX_TIMEOUTS: SmtpTimeouts = {
  ...RELAY_TIMEOUTS,
  banner: 2 * MINUTE,
  ehlo: 2 * MINUTE,
  mail: 5 * MINUTE,
  rcpt: 5 * MINUTE,
}

export const VERIFIED_TLS: TlsPolicy = { verify: true, fingerprint: null, ca: null }
