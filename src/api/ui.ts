import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import staticFiles from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import { isHttps } from './auth.ts'
import type { ServerDeps } from './deps.ts'
import { methodsAt } from './paths.ts'
import { securityHeaders } from './security-headers.ts'

/** Vite puts a hash of the content into the names of everything under assets/: those never change. */
const HASHED = /^assets\//
const FOR_EVER = 'public, max-age=31536000, immutable'

/** The web interface: its files by name, and its first page for every address that is not one of ours, since it routes by itself. */
export async function serveUi(fastify: FastifyInstance, deps: ServerDeps): Promise<void> {
  const files = deps.uiFolder === null ? null : await filesIn(deps.uiFolder)
  const isBuilt = files?.has('index.html') === true
  if (isBuilt && deps.uiFolder !== null) {
    await fastify.register(staticFiles, { root: deps.uiFolder, serve: false, cacheControl: false, dotfiles: 'deny' })
  }
  const headers = securityHeaders('ui', isHttps(deps))

  fastify.setNotFoundHandler((request, reply) => {
    const path = pathOf(request)
    const allowed = methodsAt(path)
    if (allowed.length > 0) {
      reply.header('allow', allowed.join(', '))
      throw new Refusal('method_not_allowed', { method: request.method, allowed: allowed.join(', ') })
    }
    const file = fileFor(files, path.slice(1))
    if (!isForPeople(request, path) || file === null) throw new Refusal('unknown_path', { path })
    reply.headers(headers)
    if (!isBuilt) return notBuilt(reply)
    return reply.header('cache-control', HASHED.test(file) ? FOR_EVER : 'no-cache').sendFile(file)
  })
}

/** Without what begins with a dot: none of that belongs to a page. */
async function filesIn(folder: string): Promise<Set<string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
  return new Set(names.filter((name) => !/(^|\/)\./.test(name)))
}

/** A file by its name; the first page for what is no file's name; null for a file that is not there (a script of an older build). */
function fileFor(files: ReadonlySet<string> | null, name: string): string | null {
  if (files?.has(name)) return name
  return HASHED.test(name) || /\.\w{1,8}$/.test(name) ? null : 'index.html'
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/'
}

/** Programs get a problem document, even for a mistyped address; a browser that opens an address gets the interface. */
function isForPeople(request: FastifyRequest, path: string): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  if (/^\/(v\d+|healthz|readyz|metrics|openapi\.json|docs)(\/|$)/.test(path)) return false
  return /text\/html|\*\/\*/.test(request.headers.accept ?? '*/*') || path.includes('.')
}

function notBuilt(reply: FastifyReply) {
  return reply
    .code(200)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(`<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>Waybill</title>
  <body style="font: 16px/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1.5rem">
    <h1 style="font-size: 1.4rem">Waybill is running</h1>
    <p>Its web interface has not been built yet. <code>npm start</code> builds it; so does <code>npm run build:ui</code>, followed by a restart.</p>
    <p>The API works without it: see <a href="/docs">the reference</a>.</p>
  </body>
</html>
`)
}
