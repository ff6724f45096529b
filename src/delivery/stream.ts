import { DAY, HOUR, MINUTE } from '../lib/clock.ts'

/** Three kinds of mail with their own patience. A stream never waits for another: each is claimed in its own turn. */
export const STREAMS = ['transactional', 'conversation', 'bulk'] as const
export type Stream = (typeof STREAMS)[number]

/** What to do when the answer after the body was not heard: send once more, leave it, or ask a person. */
export const UNKNOWN_POLICIES = ['resend', 'leave', 'ask'] as const
export type UnknownPolicy = (typeof UNKNOWN_POLICIES)[number]

export interface StreamRules {
  readonly whenUnknown: UnknownPolicy
  /** How long a message of this stream is worth delivering when its sender does not say. */
  readonly lifetimeMs: number
  /** Waits after the n-th failed try of a message or recipient, before jitter. The last one repeats until the message expires. */
  readonly retryDelaysMs: readonly number[]
  /** Whether opens and clicks are told when the sender does not say: never, or where the From domain has a verified host for its links. */
  readonly tracking: 'off' | 'on_own_host'
}

/**
 * RFC 5321 §4.5.4.1 wants 30 minutes between tries and 4 to 5 days in all. We start sooner, because greylisting clears in minutes, and
 * stop sooner: a sign-in code that comes on Friday helps nobody, and nor does last week's newsletter.
 */
export const STREAM_RULES: Readonly<Record<Stream, StreamRules>> = {
  transactional: {
    whenUnknown: 'resend',
    lifetimeMs: 24 * HOUR,
    retryDelaysMs: [30_000, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR],
    tracking: 'off',
  },
  conversation: {
    whenUnknown: 'ask',
    lifetimeMs: 2 * DAY,
    retryDelaysMs: [MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR],
    tracking: 'off',
  },
  bulk: {
    whenUnknown: 'leave',
    lifetimeMs: 2 * DAY,
    retryDelaysMs: [5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR],
    tracking: 'on_own_host',
  },
}
