import type { Socket } from 'node:net'
import cookie from '@fastify/cookie'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { createKeyFinder } from '../accounts/authenticate.ts'
import { Refusal } from '../errors.ts'
import { MINUTE, SECOND } from '../lib/clock.ts'
import { randomToken } from '../lib/secrets.ts'
import { createMailParser, type MailParser } from '../mail/mail-parser.ts'
import { createMjmlReader, type MjmlReader } from '../templates/mjml/mjml.ts'
import { serveArchive } from './archive.ts'
import { type AuthKeys, authorise, isHttps } from './auth.ts'
import { BodyAborted, createBodyBudgets, DEFAULT_MAX_BODY_BYTES, limited, readBody } from './body.ts'
import type { ServerDeps } from './deps.ts'
import { serveDocs } from './docs.ts'
import { STREAMED_TYPES, type StreamedType, type Upload } from './endpoint.ts'
import { serveFeedbackIn } from './feedback-in.ts'
import { serveForms } from './forms/serve.ts'
import { serveHealth } from './health.ts'
import { serveImages } from './images.ts'
import { parseJson } from './json.ts'
import { createLive, type Live } from './live.ts'
import { serveMailIn } from './mail-in.ts'
import { servePreferences } from './preferences.ts'
import { toProblem, toRefusal } from './problem.ts'
import { perform, type Route } from './route.ts'
import { routesOf } from './routes/all.ts'
import { securityHeaders } from './security-headers.ts'
import { serveTasks } from './task.ts'
import { serveTracking } from './tracking.ts'
import { serveUi } from './ui.ts'
import { serveUnsubscribe } from './unsubscribe.ts'
import { serveWorkflowIn } from './workflow-in.ts'

/** The edge of HTTP: one for the process. `fastify.inject` is how tests speak to it without a port. */
export interface Server {
  readonly fastify: FastifyInstance
  /** Answers at this address from now on; gives the port, which matters when 0 was asked for. */
  listen(address: { host: string; port: number }): Promise<number>
  /** Takes nothing new, finishes what is in hand within `graceMs`, then closes every connection. */
  close(graceMs: number): Promise<void>
}

const MAX_HEADER_BYTES = 16 * 1024
/** Requests in hand at one time. More would only wait for the same few database connections. */
const MAX_IN_HAND = 500
/** A mail of 40 MB over a slow line; and what sends nothing at all is gone after this, too. */
const REQUEST_TIMEOUT_MS = 2 * MINUTE
const HEADERS_TIMEOUT_MS = 20 * SECOND
const KEEP_ALIVE_MS = 65 * SECOND
/** How long a connection that was refused may go on before it is cut: time to hear the answer. */
const LINGER_MS = 5 * SECOND
const SWEEP_MS = 50

declare module 'fastify' {
  interface FastifyRequest {
    /** Gives back the memory of the body. */
    releaseBody: (() => void) | null
  }
  interface FastifyContextConfig {
    maxBodyBytes?: number
    consumes?: readonly StreamedType[]
  }
}

export async function createServer(deps: ServerDeps): Promise<Server> {
  const fastify = Fastify({
    logger: false,
    genReqId: () => randomToken(9),
    trustProxy: deps.trustedProxies.length > 0 ? [...deps.trustedProxies] : false,
    bodyLimit: Number.MAX_SAFE_INTEGER, // ours is per endpoint and counted while reading
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT_MS },
    routerOptions: { maxParamLength: 2000, querystringParser: parseQuery },
    exposeHeadRoutes: false,
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    clientErrorHandler: (error, socket) => answerUnreadable(error as NodeJS.ErrnoException, socket),
    frameworkErrors: (error, request, reply) => void fail(deps, error, request, reply),
  })
  const live = createLive(deps)
  const parser = createMailParser()
  const mjml = createMjmlReader()
  fastify.setErrorHandler((error, request, reply) => fail(deps, error, request, reply))
  await fastify.register(cookie)
  takeBodies(fastify)
  takeRequests(fastify, deps)
  const asking = { ...deps, findKey: createKeyFinder(deps.database) }
  for (const route of routesOf(deps, live, parser, mjml)) mount(fastify, asking, route)
  serveHealth(fastify, deps)
  await serveFeedbackIn(fastify, deps)
  await serveMailIn(fastify, deps)
  await serveWorkflowIn(fastify, deps)
  serveTracking(fastify, deps)
  serveImages(fastify, deps)
  await serveUnsubscribe(fastify, deps)
  await serveForms(fastify, deps)
  await servePreferences(fastify, deps)
  await serveTasks(fastify, deps)
  serveArchive(fastify, { ...deps, mjml })
  await serveDocs(fastify, deps)
  await serveUi(fastify, deps)
  return serverOf(fastify, live, parser, mjml)
}

function serverOf(fastify: FastifyInstance, live: Live, parser: MailParser, mjml: MjmlReader): Server {
  return {
    fastify,
    async listen({ host, port }) {
      await fastify.listen({ host, port })
      const address = fastify.server.address()
      return typeof address === 'object' && address !== null ? address.port : port
    },
    async close(graceMs) {
      live.close()
      // A connection whose last answer has just been given would be kept open for a next request that nobody takes any more.
      const sweep = setInterval(() => fastify.server.closeIdleConnections(), SWEEP_MS)
      const cut = setTimeout(() => fastify.server.closeAllConnections(), graceMs)
      try {
        await fastify.close()
      } finally {
        clearInterval(sweep)
        clearTimeout(cut)
        await parser.close()
        await mjml.close()
      }
    },
  }
}

/** Headers for every answer, a limit on requests in hand, one line in the log. */
function takeRequests(fastify: FastifyInstance, deps: ServerDeps): void {
  const headers = securityHeaders('data', isHttps(deps))
  let inHand = 0
  fastify.decorateRequest('releaseBody', null)
  fastify.addHook('onRequest', async (request, reply) => {
    inHand += 1
    reply.raw.once('close', () => {
      inHand -= 1
      request.releaseBody?.()
    })
    reply.headers({ ...headers, 'x-request-id': request.id })
    if (inHand > MAX_IN_HAND) throw new Refusal('too_busy', { retryAfterSeconds: 2 })
  })
  fastify.addHook('onResponse', async (request, reply) => {
    lingerNoLongerThan(request, LINGER_MS)
    const { method, routeOptions, id } = request
    const details = {
      method,
      path: routeOptions.url ?? '(none)',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      request: id,
    }
    if (reply.statusCode >= 500) deps.log.warn(details, 'request answered with an error of ours')
    else deps.log.debug(details, 'request')
  })
}

/** An answer given before the whole body came: Node goes on reading and discarding, which must not take for ever. */
function lingerNoLongerThan(request: FastifyRequest, ms: number): void {
  if (request.raw.complete) return
  request.raw.resume()
  const cut = setTimeout(() => request.raw.complete || request.raw.destroy(), ms)
  cut.unref()
}

/** Bodies are JSON, and lists where an endpoint takes one. Everything else is refused by Fastify itself, unread. */
function takeBodies(fastify: FastifyInstance): void {
  const budgets = createBodyBudgets()
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser(/^application\/json(\s*;.*)?$/i, async (request: FastifyRequest) => {
    const limit = request.routeOptions.config.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES
    const { bytes, release } = await readBody(request.raw, budgets, limit)
    request.releaseBody = release
    return parseJson(bytes)
  })
  for (const type of STREAMED_TYPES) {
    fastify.addContentTypeParser(type, async (request: FastifyRequest) => {
      const { consumes, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = request.routeOptions.config
      if (!consumes?.includes(type)) throw new Refusal('unsupported_media_type')
      return { type, content: limited(request.raw, maxBodyBytes) } satisfies Upload
    })
  }
}

function mount(fastify: FastifyInstance, deps: ServerDeps & AuthKeys, route: Route): void {
  const { endpoint } = route
  const principals = new WeakMap<FastifyRequest, Awaited<ReturnType<typeof authorise>>>()
  fastify.route({
    method: endpoint.method,
    url: endpoint.path,
    config: {
      maxBodyBytes: endpoint.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
      ...(endpoint.consumes && { consumes: endpoint.consumes }),
    },
    // Before the body is read: who may not send cannot make us read 40 MB either.
    onRequest: async (request) => {
      principals.set(request, await authorise(deps, endpoint, request))
    },
    handler: (request, reply) => perform(route, deps, request, reply, principals.get(request) ?? null),
  })
}

async function fail(deps: ServerDeps, error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (error instanceof BodyAborted) {
    request.raw.destroy()
    return reply.hijack()
  }
  const refusal = toRefusal(error, request.id)
  if (refusal.code === 'internal')
    deps.log.error(
      { err: error, request: request.id, method: request.method, path: request.routeOptions?.url },
      'a request met a fault',
    )
  else if (refusal.status === 503) deps.log.warn({ err: error, request: request.id }, 'a request was turned away')
  if (refusal.status === 401) reply.header('www-authenticate', 'Bearer realm="Waybill"')
  if (refusal.details.retryAfterSeconds !== undefined) reply.header('retry-after', String(refusal.details.retryAfterSeconds))
  return reply
    .code(refusal.status)
    .headers(securityHeaders('data', isHttps(deps)))
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(toProblem(refusal)))
}

/** What Node's parser could not read as a request has no reply object: the answer is written by hand and the connection closed. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const refusal = tooLarge
    ? new Refusal('header_too_large', { limit: MAX_HEADER_BYTES })
    : new Refusal('malformed_request', { why: late ? 'it did not arrive in time' : 'it is not HTTP' })
  const body = JSON.stringify(toProblem(refusal))
  const status = tooLarge ? '431 Request Header Fields Too Large' : late ? '408 Request Timeout' : '400 Bad Request'
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/problem+json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
  // Node has let go of this connection and of its time-outs: a client that never closes it would keep it for ever.
  socket.resume()
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}

/**
 * A parameter given twice comes as a list and is refused by its schema: which of the two counts would be a guess. It must not throw: nobody
 * would catch that here.
 */
function parseQuery(text: string): Record<string, string | string[]> {
  const query = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(text))
    query.set(name, query.has(name) ? [query.get(name) ?? '', value].flat() : value)
  // Null prototype: `__proto__` is a name like any other, and unknown.
  return Object.assign(Object.create(null), Object.fromEntries(query))
}
