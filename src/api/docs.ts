import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { REFUSALS } from '../errors.ts'
import { isHttps } from './auth.ts'
import type { ServerDeps } from './deps.ts'
import { openApi } from './openapi.ts'
import { securityHeaders } from './security-headers.ts'

const FOLDER = join(import.meta.dirname, 'docs')
const FILES = [
  ['/docs', 'page.html', 'text/html; charset=utf-8'],
  ['/docs/page.css', 'page.css', 'text/css; charset=utf-8'],
  ['/docs/page.js', 'page.js', 'text/javascript; charset=utf-8'],
] as const

/** The reference: the document for programs at /openapi.json, and a page of our own that reads it, needs no other server and can try things. */
export async function serveDocs(fastify: FastifyInstance, deps: Pick<ServerDeps, 'url'>): Promise<void> {
  const errors = JSON.stringify(Object.entries(REFUSALS).map(([code, { status, title }]) => ({ code, status, title })))
  const headers = { ...securityHeaders('docs', isHttps(deps)), 'cache-control': 'no-cache' }

  // Written when somebody asks: at every start it would be a quarter of what a start takes.
  let document: string | null = null
  fastify.get('/openapi.json', async (_, reply) => {
    document ??= JSON.stringify(openApi())
    return reply.headers(headers).type('application/json; charset=utf-8').send(document)
  })
  fastify.get('/docs/errors.json', async (_, reply) =>
    reply.headers(headers).type('application/json; charset=utf-8').send(errors),
  )
  for (const [path, file, type] of FILES) {
    const content = await readFile(join(FOLDER, file))
    fastify.get(path, async (_, reply) => reply.headers(headers).type(type).send(content))
  }
}
