/**
 * An endpoint as a value: the server routes by it, OpenAPI is written from it, the UI calls through it, the contract test walks it.
 * Isomorphic: imports nothing but types and zod.
 */
import { z } from 'zod'
import type { Permission } from '../accounts/actor.ts'
import type { ErrorCode } from '../errors.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Example {
  /** All three as they travel: what a client writes and reads. */
  readonly params?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly reply?: unknown
}

/** What the server opens around the work. `none`: the handler opens what it needs itself, because the network or slow hashing is part of it. */
export type Transaction = 'write' | 'read' | 'none'
export type Access = Permission | 'signed_in' | 'public'

export interface Endpoint<
  P extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
  T extends Transaction = Transaction,
  A extends Access = Access,
> {
  readonly method: Method
  readonly path: `/v1/${string}`
  readonly summary: string
  readonly description?: string
  readonly permission: A
  readonly transaction: T
  /** Path and query together, as text: codecs turn it into values. */
  readonly params: P
  readonly body: B
  readonly reply: R
  readonly status: 200 | 201 | 202 | 204
  /** Refusals of its own, beside those every endpoint has (`errorsOf`). */
  readonly errors: readonly ErrorCode[]
  readonly example: Example
  /** What it answers with, when that is not JSON. */
  readonly produces?: 'message/rfc822' | 'application/octet-stream' | 'text/html' | 'text/event-stream'
  /** What it takes instead of JSON. Its body is then a stream of bytes, read as it comes, up to `maxBodyBytes`. */
  readonly consumes?: readonly StreamedType[]
  /** Takes an `Idempotency-Key`: repeating the request gives the first answer. */
  readonly idempotent?: true
  readonly maxBodyBytes?: number
}

/** Kinds of content that are read as they come. */
export const STREAMED_TYPES = ['text/csv', 'application/x-ndjson', 'message/rfc822', 'application/octet-stream'] as const
export type StreamedType = (typeof STREAMED_TYPES)[number]

/** The body of an endpoint with `consumes`; in examples it is its text. */
export interface Upload {
  readonly type: StreamedType
  readonly content: AsyncIterable<Uint8Array>
}
export const upload = z.custom<Upload>(
  (value) => typeof value === 'string' || (typeof value === 'object' && value !== null && 'content' in value),
)

/** No body, or nothing in the answer. */
export const nothing = z.undefined()
const noParams = z.strictObject({})

/** Bytes or a stream, for endpoints that do not answer with JSON (`produces`). */
export interface Download {
  readonly content: Uint8Array | AsyncIterable<Uint8Array | string>
  /** Without one it is shown where it stands. */
  readonly filename?: string
  /** Instead of what the endpoint `produces`: of pictures, which say themselves what they are. */
  readonly contentType?: string
}
export const download = z.custom<Download>()

type Given<P extends z.ZodType, B extends z.ZodType, R extends z.ZodType, T extends Transaction, A extends Access> = Omit<
  Endpoint<P, B, R, T, A>,
  'status' | 'errors' | 'params' | 'body' | 'reply'
> & {
  readonly params?: P
  readonly body?: B
  readonly reply?: R
  readonly status?: Endpoint['status']
  readonly errors?: readonly ErrorCode[]
}

export function endpoint<
  T extends Transaction,
  A extends Access,
  P extends z.ZodType = typeof noParams,
  B extends z.ZodType = typeof nothing,
  R extends z.ZodType = typeof nothing,
>(given: Given<P, B, R, T, A>): Endpoint<P, B, R, T, A> {
  const reply = given.reply ?? nothing
  return Object.freeze({
    ...given,
    params: given.params ?? noParams,
    body: given.body ?? nothing,
    reply,
    status: given.status ?? ((reply as z.ZodType) === nothing ? 204 : 200),
    errors: given.errors ?? [],
  }) as Endpoint<P, B, R, T, A>
}

/** Every refusal a client of this endpoint may meet. */
export function errorsOf(endpoint: Endpoint): readonly ErrorCode[] {
  const codes: ErrorCode[] = ['malformed_request', 'invalid_request', 'control_character', 'too_busy', 'stopping', 'internal']
  if (endpoint.transaction !== 'none' || endpoint.permission !== 'public') codes.push('database_unavailable')
  if (endpoint.body !== nothing)
    codes.push('malformed_json', 'unsupported_media_type', 'body_too_large', 'too_deep', 'too_many_values')
  if (endpoint.permission !== 'public') codes.push('not_signed_in', 'invalid_api_key', 'session_ended')
  if (endpoint.permission !== 'public' && endpoint.permission !== 'signed_in') codes.push('forbidden')
  if (endpoint.method !== 'GET') codes.push('cross_site')
  return [...new Set([...codes, ...endpoint.errors])]
}

/** `/v1/messages/:id` with its values filled in; what is left over is the query. Values as they travel. */
export function urlOf(endpoint: Endpoint, params: Readonly<Record<string, string | undefined>>): string {
  const rest = new URLSearchParams()
  const inPath = new Set<string>()
  const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) => {
    inPath.add(name)
    return encodeURIComponent(params[name] ?? '')
  })
  for (const [name, value] of Object.entries(params)) if (!inPath.has(name) && value !== undefined) rest.set(name, value)
  const query = rest.toString()
  return query ? `${path}?${query}` : path
}
