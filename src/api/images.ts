import type { FastifyInstance } from 'fastify'
import { IMAGES_PATH } from '../images/image.ts'
import { openImage } from '../images/images.ts'
import type { ServerDeps } from './deps.ts'

const YEAR_SECONDS = 31_536_000

/**
 * The pictures that mail shows: outside of /v1, without a sign-in. An address never shows anything else than it did, so whoever has it may keep it. A
 * picture is nothing but a picture, whatever its bytes could be read as: no guessing of types, and a policy under which a document could do nothing.
 */
export function serveImages(fastify: FastifyInstance, { database, blobs }: Pick<ServerDeps, 'database' | 'blobs'>): void {
  fastify.route<{ Params: { token: string; name: string } }>({
    method: ['GET', 'HEAD'],
    url: `${IMAGES_PATH}:token/:name`,
    handler: async (request, reply) => {
      const found = await openImage(database.db, blobs, request.params.token)
      if (!found)
        return reply
          .code(404)
          .headers(ALWAYS)
          .header('cache-control', 'no-store')
          .type('text/plain')
          .send('This picture is not here any more.\n')
      const { image, bytes } = found
      const etag = `"${image.hash}"`
      reply
        .headers(ALWAYS)
        .header('cache-control', `public, max-age=${YEAR_SECONDS}, immutable`)
        .header('etag', etag)
        .type(image.contentType)
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.header('content-length', bytes.length).send(request.method === 'HEAD' ? undefined : bytes)
    },
  })
}

const ALWAYS = {
  'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  // Mail is shown on pages of others: the picture must be allowed there.
  'cross-origin-resource-policy': 'cross-origin',
  'content-disposition': 'inline',
  'x-robots-tag': 'noindex',
}
