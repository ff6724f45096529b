import type { FastifyInstance, FastifyRequest } from 'fastify'
import { readInletSecret, TELLING_KINDS, type TellingKind } from '../delivery/feedback/inlet.ts'
import { MAX_KEPT_BYTES, takeFromProvider } from '../delivery/feedback/take.ts'
import { Refusal } from '../errors.ts'
import { isId, type RouteId } from '../lib/ids.ts'
import { createTokenBuckets } from '../lib/token-bucket.ts'
import { createBodyBudgets, takeBytes } from './body.ts'
import type { ServerDeps } from './deps.ts'

/** A campaign of a million may tell a million deliveries; more than so many a second are told again by the provider a little later. */
const LIMITS = { perSecond: 300, burst: 3_000, keys: 10_000 }
/** What proves an envelope is in the envelope; of the headers these are of use to whoever looks at it. */
const KEPT_HEADERS = ['content-type', 'user-agent', 'x-amz-sns-message-type', 'x-amz-sns-message-id', 'x-amz-sns-topic-arn']
const MAX_HEADER = 300

type Params = Record<'routeId' | 'secret', string>

/**
 * Where providers tell what became of mail: outside of /v1, without a sign-in, of any content type (SNS posts JSON as text/plain). The answer
 * means that it is written down, not that it was believed or understood.
 */
export async function serveFeedbackIn(
  fastify: FastifyInstance,
  deps: Pick<ServerDeps, 'database' | 'secrets' | 'clock' | 'wake'>,
): Promise<void> {
  const budgets = createBodyBudgets()
  const buckets = createTokenBuckets(LIMITS)
  await fastify.register(async (scope) => {
    takeBytes(scope, budgets, MAX_KEPT_BYTES)
    for (const kind of TELLING_KINDS) {
      scope.post<{ Params: Params }>(`/in/${kind}/:routeId/:secret`, {
        // Before the body is read, and without the database: whoever does not know the address costs nothing.
        onRequest: async (request) => admit(kind, request.params),
        handler: async (request, reply) => {
          const { routeId, secret } = request.params
          const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
          const told = { kind, routeId, secret, headers: keptHeaders(request), body }
          if ((await takeFromProvider(deps, told, deps.clock.now())) === 'unknown') throw unknownAddress()
          return reply.code(204).header('cache-control', 'no-store').send()
        },
      })
    }
  })

  function admit(kind: TellingKind, { routeId, secret }: Params): void {
    if (!isId(routeId) || readInletSecret(deps.secrets, kind, routeId.toLowerCase() as RouteId, secret) === null)
      throw unknownAddress()
    const waitMs = buckets.take(routeId, deps.clock.monotonicMs())
    if (waitMs > 0) throw new Refusal('too_busy', { retryAfterSeconds: Math.ceil(waitMs / 1_000) })
  }
}

/** The same words for an address that never was and one that was replaced. */
function unknownAddress(): Refusal {
  return new Refusal('not_found', { what: 'address for news' })
}

function keptHeaders({ headers }: FastifyRequest): Record<string, string> {
  return Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value.slice(0, MAX_HEADER)]] : []
    }),
  )
}
