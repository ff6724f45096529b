import type { FastifyReply } from 'fastify'
import type { Clock } from '../lib/clock.ts'
import { createTokenBuckets } from '../lib/token-bucket.ts'

/** Of one link in a mail: nobody presses more buttons, and a scanner that wants more waits. */
export const OF_ONE_LINK = { perSecond: 2, burst: 40, keys: 50_000 }

/** How often a public page may be asked for. Kept by each process for itself: what it protects is the process. */
export interface Throttle {
  /** True: too often. The reply is a 429 then that says when again, and has yet to be sent. */
  refuses(key: string, reply: FastifyReply): boolean
}

export function createThrottle(limits: Parameters<typeof createTokenBuckets>[0], clock: Pick<Clock, 'monotonicMs'>): Throttle {
  const buckets = createTokenBuckets(limits)
  return {
    refuses(key, reply) {
      const waitMs = buckets.take(key, clock.monotonicMs())
      if (waitMs > 0) void reply.code(429).header('retry-after', String(Math.ceil(waitMs / 1_000)))
      return waitMs > 0
    },
  }
}
