import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Actor } from '../accounts/actor.ts'
import type { Principal } from '../accounts/authenticate.ts'
import type { Origin } from '../accounts/session.ts'
import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { assert } from '../lib/assert.ts'
import { safeFilename } from '../mail/safe-filename.ts'
import type { ServerDeps } from './deps.ts'
import { type Access, type Download, download, type Endpoint, nothing, type Transaction, type Upload } from './endpoint.ts'
import { refuseUnsafe } from './json.ts'
import { summaryOf, wrongFields } from './wrong-fields.ts'

/** What a handler is given. `tx` only where the endpoint declares a transaction, `actor` only where somebody had to prove who they are. */
export type Context<P extends z.ZodType, B extends z.ZodType, T extends Transaction, A extends Access> = {
  readonly params: z.output<P>
  readonly body: z.output<B>
  readonly now: Date
  readonly origin: Origin
  readonly idempotencyKey: string | null
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  readonly request: FastifyRequest
  readonly reply: FastifyReply
} & (T extends 'none' ? unknown : { readonly tx: Tx }) &
  (A extends 'public' ? unknown : { readonly actor: Actor; readonly principal: Principal })

/** A handler whose endpoint answers nothing may simply end. */
type Answer<R extends z.ZodType> = undefined extends z.output<R> ? Promise<void> : Promise<z.output<R>>

export interface Route {
  readonly endpoint: Endpoint
  /** What is done before the transaction is opened, so that no connection waits for it: composing, writing files. */
  readonly prepare?: (context: Context<z.ZodType, z.ZodType, 'none', 'signed_in'>) => Promise<unknown>
  readonly handle: (context: Context<z.ZodType, z.ZodType, 'write', 'signed_in'>) => Promise<unknown>
}

export function route<P extends z.ZodType, B extends z.ZodType, R extends z.ZodType, T extends Transaction, A extends Access>(
  endpoint: Endpoint<P, B, R, T, A>,
  handle: (context: Context<P, B, T, A>) => Answer<R>,
): Route {
  return { endpoint: endpoint as unknown as Endpoint, handle: handle as unknown as Route['handle'] }
}

/** A route whose work begins before its transaction: what `prepare` made is given to `handle`. */
export function preparedRoute<
  P extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
  T extends Transaction,
  A extends Access,
  Made,
>(
  endpoint: Endpoint<P, B, R, T, A>,
  prepare: (context: Context<P, B, 'none', A>) => Promise<Made>,
  handle: (context: Context<P, B, T, A> & { readonly prepared: Made }) => Answer<R>,
): Route {
  return {
    endpoint: endpoint as unknown as Endpoint,
    prepare: prepare as unknown as NonNullable<Route['prepare']>,
    handle: handle as unknown as Route['handle'],
  }
}

/** Parse, open the transaction that the endpoint declares, do the work, encode. The answer is given after the commit, never before. */
export async function perform(
  route: Route,
  deps: ServerDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  principal: Principal | null,
) {
  const { endpoint } = route
  const gone = new AbortController()
  // The request's own 'close' comes when its body was read; the connection's end shows at the answer that was not finished.
  reply.raw.once('close', () => reply.raw.writableEnded || gone.abort())
  const given = {
    params: parse(endpoint.params, { ...(request.query as object), ...(request.params as object) }, 'parameters'),
    body: parse(endpoint.body, bodyOf(endpoint, request), 'body'),
    now: deps.clock.now(),
    origin: { ip: request.ip, userAgent: request.headers['user-agent'] ?? '' },
    idempotencyKey: endpoint.idempotent ? idempotencyKeyOf(request) : null,
    signal: gone.signal,
    request,
    reply,
    ...(principal && { principal, actor: principal.actor }),
  }
  const context = given as Parameters<Route['handle']>[0]
  const prepared = await route.prepare?.(context)
  const value = await inTransaction(endpoint, deps, principal, (tx) =>
    route.handle({ ...context, prepared, tx } as typeof context),
  )
  if (endpoint.transaction === 'write') deps.wake()
  reply.code(endpoint.status).header('cache-control', 'no-store')
  if (endpoint.produces) return sendDownload(endpoint, reply, value as Download)
  if (endpoint.reply === nothing) return reply.send()
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(z.encode(endpoint.reply, value)))
}

async function inTransaction<T>(
  endpoint: Endpoint,
  deps: ServerDeps,
  principal: Principal | null,
  work: (tx: Tx | undefined) => Promise<T>,
): Promise<T> {
  if (endpoint.transaction === 'none') return await work(undefined)
  assert(principal, 'a transaction belongs to a workspace, so somebody has to be known')
  const scope = { as: 'api', workspaceId: principal.workspace.id } as const
  return await deps.database.transaction(scope, work, { readOnly: endpoint.transaction === 'read' })
}

/** A body where none is expected is a misunderstanding worth telling, except the empty object that many clients send by themselves. */
function bodyOf(endpoint: Endpoint, request: FastifyRequest): unknown {
  const body = request.body ?? undefined
  if (endpoint.consumes && !isUpload(body))
    throw new Refusal(endpoint.consumes.includes('message/rfc822') ? 'mail_type_needed' : 'list_type_needed')
  const isEmpty = typeof body === 'object' && Object.keys(body).length === 0
  return endpoint.body === nothing && isEmpty ? undefined : body
}

function isUpload(body: unknown): body is Upload {
  return typeof body === 'object' && body !== null && 'content' in body && typeof body.content === 'object'
}

function parse(schema: z.ZodType, value: unknown, where: 'body' | 'parameters'): unknown {
  if (where === 'parameters') refuseUnsafe(value, '')
  return parseAt(schema, value, where, [])
}

/** What zod makes of a value, or a refusal that names each wrong field. `path`: where in the request the value is. */
export function parseAt<T extends z.ZodType>(
  schema: T,
  value: unknown,
  where: 'body' | 'parameters',
  path: readonly string[],
): z.output<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
  const issues = parsed.error.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }))
  const errors = wrongFields(issues, where, known)
  const [first] = errors
  throw new Refusal('invalid_request', {
    why: summaryOf(errors, where),
    errors,
    ...(errors.length === 1 && first?.pointer !== undefined && { pointer: first.pointer }),
  })
}

const IDEMPOTENCY_KEY = /^[\x21-\x7e]([\x20-\x7e]{0,254}[\x21-\x7e])?$/

function idempotencyKeyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key === 'string' && IDEMPOTENCY_KEY.test(key)) return key
  const detail = 'Must be 1 to 256 printable ASCII characters.'
  throw new Refusal('invalid_request', {
    why: 'The header Idempotency-Key must be 1 to 256 printable ASCII characters.',
    errors: [{ parameter: 'Idempotency-Key', detail }],
  })
}

function sendDownload(endpoint: Endpoint, reply: FastifyReply, { content, filename, contentType }: Download) {
  assert(endpoint.reply === download, 'what is not JSON is a download')
  if (filename !== undefined) reply.header('content-disposition', attachmentNamed(filename))
  const type = contentType ?? endpoint.produces ?? 'application/octet-stream'
  reply.type(type === 'text/html' ? 'text/html; charset=utf-8' : type)
  return reply.send(
    content instanceof Uint8Array ? Buffer.from(content.buffer, content.byteOffset, content.byteLength) : Readable.from(content),
  )
}

/** RFC 6266: never shown in place, whatever it says it is; a plain name for old clients, the real one in UTF-8. */
export function attachmentNamed(filename: string): string {
  const name = safeFilename(filename)
  const ascii = name.replace(/[^\x20-\x7e]/g, '_').replaceAll('%', '_')
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
