import { MINUTE, SECOND } from '../../../lib/clock.ts'

/** How to reach a provider's API and how hard to use it. */
export interface ApiOptions {
  /** `https://api.example.com/path`, without a slash at the end. Plain `http:` only where an administrator wrote it. */
  readonly baseUrl: string
  /** Loopback, private and other non-public addresses may be dialled. */
  readonly allowPrivate: boolean
  readonly maxConnections: number
  readonly timeouts: ApiTimeouts
  /** Certificates of private authorities, PEM, beside the public ones. */
  readonly ca: string | null
}

/** Milliseconds for each phase of a call. */
export interface ApiTimeouts {
  readonly dns: number
  readonly tcp: number
  readonly tls: number
  /** From the first byte of the request to its last. */
  readonly request: number
  /** From then to the head of the answer. Giving up too early makes duplicates. */
  readonly answer: number
  /** From there to its end. */
  readonly reading: number
}

export const API_TIMEOUTS: ApiTimeouts = {
  dns: 10 * SECOND,
  tcp: 15 * SECOND,
  tls: 20 * SECOND,
  request: 3 * MINUTE,
  answer: 2 * MINUTE,
  reading: 30 * SECOND,
}

/** Servers close idle connections without a word, and what is written in that moment is lost: ours are closed sooner. */
export const IDLE_MS = 4 * SECOND
/** An answer is a few hundred bytes, a page of domains a few hundred thousand. */
export const MAX_ANSWER_BYTES = 1024 * 1024
/** More than any dispatcher hands over; beyond it a call is given back at once. */
export const MAX_CALLS = 10_000
