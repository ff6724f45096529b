import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createTokenBuckets } from '../lib/token-bucket.ts'
import { type Asked, follow, open } from '../tracking/record-hit.ts'
import { readTrackingToken, trackingKey } from '../tracking/token.ts'
import type { ServerDeps } from './deps.ts'

/** Of one recipient. A reader needs a few; a scanner that wants more gets them a little later. */
const LIMITS = { perSecond: 10, burst: 100, keys: 50_000 }
const PICTURE = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
const NOWHERE = 'This link does not lead anywhere any more.\n'

type Deps = Pick<ServerDeps, 'database' | 'secrets' | 'clock' | 'log'>

/**
 * The links and pictures of tracked mail: outside of /v1, without a sign-in, without cookies. A link leads where it was meant to or nowhere; the
 * picture is the same for everybody. A wrong token costs no look into the database, and its answer tells nothing.
 */
export function serveTracking(fastify: FastifyInstance, deps: Deps): void {
  const { database, clock, log } = deps
  const key = trackingKey(deps.secrets)
  const buckets = createTokenBuckets(LIMITS)
  const trouble = (error: unknown) => log.warn({ err: error }, 'a hit on a tracked mail could not be written down')

  fastify.route<{ Params: { token: string; link: string } }>({
    method: ['GET', 'HEAD'],
    url: '/t/c/:token/:link',
    handler: async (request, reply) => {
      const { token, link } = request.params
      const deliveryId = /^[1-9]\d{0,3}$/.test(link) ? readTrackingToken(token, key) : null
      if (deliveryId === null) return nowhere(reply)
      const waitMs = buckets.take(deliveryId, clock.monotonicMs())
      if (waitMs > 0)
        return reply
          .code(429)
          .headers(ALWAYS)
          .header('retry-after', String(Math.ceil(waitMs / 1_000)))
          .send()
      const url = await follow(database, deliveryId, Number(link), askedBy(request), clock.now(), trouble)
      return url === null ? nowhere(reply) : reply.code(302).headers(ALWAYS).header('location', url).send()
    },
  })

  fastify.route<{ Params: { file: string } }>({
    method: ['GET', 'HEAD'],
    url: '/t/o/:file',
    handler: async (request, reply) => {
      const deliveryId = readTrackingToken(request.params.file.replace(/\.gif$/, ''), key)
      const isToBeCounted = deliveryId !== null && buckets.take(deliveryId, clock.monotonicMs()) === 0
      if (isToBeCounted) await open(database, deliveryId, askedBy(request), clock.now()).catch(trouble)
      // Mail is shown on pages of others: the picture must be allowed there.
      return reply.headers(ALWAYS).header('cross-origin-resource-policy', 'cross-origin').type('image/gif').send(PICTURE)
    },
  })
}

/** Every time counts, and the next server learns nothing of the mail it was linked from. */
const ALWAYS = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex, nofollow' }

function nowhere(reply: FastifyReply) {
  return reply.code(404).headers(ALWAYS).type('text/plain; charset=utf-8').send(NOWHERE)
}

function askedBy({ method, headers }: FastifyRequest): Asked {
  return { method, headers, userAgent: headers['user-agent'] ?? '' }
}
