/** The complete HTTP client: endpoints are values, so types, encoding and decoding come with them. */
import { z } from 'zod'
import { type Endpoint, type StreamedType, urlOf } from '../src/api/endpoint.ts'
import { t } from './texts/texts.ts'

export type ParamsOf<E extends Endpoint> = z.output<E['params']>
/** Bodies as they travel: what has a default may be left out. */
export type BodyOf<E extends Endpoint> = z.input<E['body']>
export type ReplyOf<E extends Endpoint> = z.output<E['reply']>

export type Given<E extends Endpoint> = (Record<never, never> extends ParamsOf<E>
  ? { readonly params?: ParamsOf<E> }
  : { readonly params: ParamsOf<E> }) &
  (undefined extends BodyOf<E> ? { readonly body?: BodyOf<E> } : { readonly body: BodyOf<E> })

const ProblemDocument = z.object({
  status: z.number(),
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  pointer: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string().optional(), detail: z.string() })).optional(),
})

/** What the server said no with (RFC 9457), or what stood between us and it. Its message is a sentence for people. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly code: string
  /** Field (JSON pointer) → sentence. */
  readonly fields: ReadonlyMap<string, string>

  constructor(given: { status: number; code: string; detail: string; fields?: ReadonlyMap<string, string> }) {
    super(given.detail)
    this.status = given.status
    this.code = given.code
    this.fields = given.fields ?? new Map()
  }
}

const TIMEOUT_MS = 30_000
/** The doctor waits for other people's servers: minutes, not seconds. */
const NETWORK_TIMEOUT_MS = 150_000

export async function call<E extends Endpoint>(endpoint: E, given: Given<E>, signal?: AbortSignal): Promise<ReplyOf<E>> {
  const response = await send(endpoint, given, signal)
  if (response.status === 204) return undefined as ReplyOf<E>
  return endpoint.reply.parse(await response.json()) as ReplyOf<E>
}

/** For answers that are not JSON: the source of a mail. */
export async function callText<E extends Endpoint>(endpoint: E, given: Given<E>, signal?: AbortSignal): Promise<string> {
  return (await send(endpoint, given, signal)).text()
}

/** A file as the body: for endpoints that read one as it comes. */
export async function callUpload<E extends Endpoint>(
  endpoint: E,
  type: StreamedType,
  file: Blob,
  params?: ParamsOf<E>,
): Promise<ReplyOf<E>> {
  const response = await send(endpoint, { file: { type, content: file }, params })
  return endpoint.reply.parse(await response.json()) as ReplyOf<E>
}

/** Where an endpoint is found, for links and frames. */
export function hrefOf<E extends Endpoint>(endpoint: E, params: ParamsOf<E>): string {
  return urlOf(endpoint, encoded(endpoint, params))
}

interface Sent {
  readonly params?: unknown
  readonly body?: unknown
  readonly file?: { readonly type: StreamedType; readonly content: Blob }
}

async function send(endpoint: Endpoint, given: Sent, signal?: AbortSignal): Promise<Response> {
  const limit = AbortSignal.timeout(endpoint.transaction === 'none' || endpoint.maxBodyBytes ? NETWORK_TIMEOUT_MS : TIMEOUT_MS)
  const url = urlOf(endpoint, encoded(endpoint, given.params))
  let response: Response
  try {
    response = await fetch(url, {
      method: endpoint.method,
      credentials: 'same-origin',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      // A header that no form of another site can send: what the server asks of whatever changes something.
      headers: {
        'x-waybill': '1',
        ...(given.body !== undefined && { 'content-type': 'application/json' }),
        ...(given.file && { 'content-type': given.file.type }),
      },
      ...(given.body !== undefined && { body: JSON.stringify(given.body) }),
      ...(given.file && { body: given.file.content }),
    })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new Problem({ status: 0, code: 'unreachable', detail: t.problems.unreachable })
  }
  if (!response.ok) throw await problemFrom(response)
  return response
}

function encoded(endpoint: Endpoint, params: unknown): Record<string, string | undefined> {
  const written = z.safeEncode(endpoint.params, params ?? {})
  // What is no id in a URL cannot be anything's: the server would say the same.
  if (!written.success) throw new Problem({ status: 422, code: 'invalid_request', detail: t.problems.notFoundSentence })
  return written.data as Record<string, string | undefined>
}

async function problemFrom(response: Response): Promise<Problem> {
  const parsed = ProblemDocument.safeParse(await response.json().catch(() => null))
  if (!parsed.success)
    return new Problem({ status: response.status, code: 'unreadable', detail: t.problems.unreadable(response.status) })
  const { status, code, detail, pointer, errors } = parsed.data
  const fields = new Map<string, string>()
  for (const each of errors ?? []) if (each.pointer) fields.set(each.pointer, each.detail)
  if (pointer && fields.size === 0) fields.set(pointer, detail)
  return new Problem({ status, code, detail, fields })
}
