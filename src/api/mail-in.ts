import type { FastifyInstance } from 'fastify'
import { fetchText } from '../delivery/feedback/fetch-text.ts'
import { createVerifier } from '../delivery/feedback/sns/verify.ts'
import { MAX_KEPT_BYTES } from '../delivery/feedback/take.ts'
import { Refusal } from '../errors.ts'
import { fetchObject } from '../inbound/ses/fetch-object.ts'
import { isInletSecret } from '../inbound/ses/inlet.ts'
import { takeFromTopic } from '../inbound/ses/take.ts'
import { isId, type SourceId } from '../lib/ids.ts'
import { createLimiter } from '../lib/limiter.ts'
import { createTokenBuckets } from '../lib/token-bucket.ts'
import { createBodyBudgets, takeBytes } from './body.ts'
import type { ServerDeps } from './deps.ts'

/** What is more is told again by the topic a little later. */
const LIMITS = { perSecond: 100, burst: 1_000, keys: 10_000 }
/** Each may hold a mail of 50 MB that is read from S3. */
const AT_A_TIME = 4

type Params = Record<'sourceId' | 'secret', string>

/** Where a topic hands over mail that SES took: outside of /v1, without a sign-in, of any content type. The answer means that it is stored. */
export async function serveMailIn(fastify: FastifyInstance, deps: ServerDeps): Promise<void> {
  const { secrets, clock, amazon = { fetchText, fetchObject } } = deps
  const budgets = createBodyBudgets()
  const buckets = createTokenBuckets(LIMITS)
  const limiter = createLimiter({ concurrency: AT_A_TIME, waiting: 200 })
  const takeDeps = { ...deps, ...amazon, verify: createVerifier(amazon.fetchText) }
  await fastify.register(async (scope) => {
    takeBytes(scope, budgets, MAX_KEPT_BYTES)
    scope.post<{ Params: Params }>('/in/mail/:sourceId/:secret', {
      // Before the body is read, and without the database: whoever does not know the address costs nothing.
      onRequest: async (request) => admit(request.params),
      handler: async (request, reply) => {
        const { sourceId, secret } = request.params
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        const taking = limiter.run(() => takeFromTopic(takeDeps, { id: sourceId as SourceId, secret, body }, clock.now()))
        if (!taking) throw new Refusal('too_busy', { retryAfterSeconds: 5 })
        await taking
        return reply.code(204).header('cache-control', 'no-store').send()
      },
    })
  })

  function admit({ sourceId, secret }: Params): void {
    if (!isId(sourceId) || !isInletSecret(secrets, sourceId as SourceId, secret))
      throw new Refusal('not_found', { what: 'address for mail' })
    const waitMs = buckets.take(sourceId, clock.monotonicMs())
    if (waitMs > 0) throw new Refusal('too_busy', { retryAfterSeconds: Math.ceil(waitMs / 1_000) })
  }
}
