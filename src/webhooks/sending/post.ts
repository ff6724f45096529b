import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { Resolver } from '../../dns/resolver.ts'
import { isPrivateAddress } from '../../net/private-address.ts'

export interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Absent: POST. */
  readonly method?: string
  /** Null: none. */
  readonly body: string | Uint8Array | null
  /** Whether it may go unencrypted to public addresses, too. */
  readonly allowPlain?: boolean
  /** Whether it may lead to this machine or into a private network; only then may it go unencrypted. */
  readonly allowPrivate: boolean
}

export interface Answer {
  readonly status: number | null
  /** Why there is no answer. */
  readonly error: string | null
  readonly headers: Readonly<Record<string, string>> | null
  /** Its beginning, as text. */
  readonly body: string | null
  readonly address: string | null
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly durationMs: number
}

export interface PostLimits {
  /** For everything together: name, connection, encryption, request, answer. */
  readonly timeoutMs: number
  /** What is read of an answer; whoever says more is not listened to any further. */
  readonly maxBodyBytes: number
  /** Of the answer's text. */
  readonly keptCharacters?: number
}

const POST_LIMITS: PostLimits = { timeoutMs: 15_000, maxBodyBytes: 64 * 1024 }
const KEPT_BODY_CHARACTERS = 4_000
const KEPT_HEADERS = 40
const KEPT_HEADER_CHARACTERS = 400
const MAX_HEADER_BYTES = 16 * 1024
const STOPPED = 'Waybill was stopped before the answer came.'

/**
 * One request, one answer. The name is looked up here, its addresses are vetted, and the connection is made to one of those: no second look-up can
 * lead elsewhere. Redirects are answers like any other. Each request has a connection of its own. Never rejects.
 */
export async function post(
  given: Post,
  { resolver, monotonicMs }: { readonly resolver: Resolver; readonly monotonicMs: () => number },
  signal: AbortSignal,
  limits: PostLimits = POST_LIMITS,
): Promise<Answer> {
  const startedMs = monotonicMs()
  const heard = await exchange(given, resolver, signal, limits).catch((error: unknown) => unheard(whyNot(error)))
  return { ...heard, requestHeaders: given.headers, durationMs: Math.max(0, Math.round(monotonicMs() - startedMs)) }
}

type Heard = Omit<Answer, 'requestHeaders' | 'durationMs'>

function unheard(error: string, address: string | null = null): Heard {
  return { status: null, error, headers: null, body: null, address }
}

async function exchange(given: Post, resolver: Resolver, signal: AbortSignal, limits: PostLimits): Promise<Heard> {
  const url = new URL(given.url)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (url.protocol !== 'https:' && !given.allowPrivate && !given.allowPlain)
    return unheard('An address without encryption is not used.')
  // For an address instead of a name nothing is looked up, so nothing would be vetted on the way.
  if (isIP(host) !== 0 && isPrivateAddress(host) && !given.allowPrivate) return unheard(privateSentence(host))
  // Asked before there is a request: one that is destroyed unheard ends the process.
  if (signal.aborted) return unheard(STOPPED)
  const open = url.protocol === 'https:' ? httpsRequest : httpRequest
  const request = open(url, {
    method: given.method ?? 'POST',
    headers: { ...given.headers, ...(given.body !== null && { 'content-length': Buffer.byteLength(given.body) }) },
    agent: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    lookup: vettedLookup(resolver, given.allowPrivate),
  })
  return await answerTo(request, given, signal, limits)
}

/** Answers with the public addresses of a name only, and with an error when it has none. */
export function vettedLookup(resolver: Resolver, allowPrivate: boolean): LookupFunction {
  return (hostname, options, done) => {
    void resolver.addresses(hostname).then((answer) => {
      if (!answer.ok) return done(new Error(answer.message), '')
      const vetted = answer.found.filter(({ address }) => allowPrivate || !isPrivateAddress(address))
      const [first] = vetted
      if (!first) return done(new Error(privateSentence(hostname)), '')
      if (options.all)
        return done(
          null,
          vetted.map(({ address, family }) => ({ address, family })),
        )
      done(null, first.address, first.family)
    })
  }
}

const PRIVATE = ' is an address of this machine or of a private network, which is not allowed.'

function privateSentence(host: string): string {
  return `${host}${PRIVATE}`
}

/** Why there was no answer: because nothing may be sent there. */
export function isForbidden(error: string | null): boolean {
  return error?.endsWith(PRIVATE) === true
}

function answerTo(request: ClientRequest, given: Post, signal: AbortSignal, limits: PostLimits): Promise<Heard> {
  return new Promise((resolve) => {
    let address: string | null = null
    const timer = setTimeout(
      () => end(unheard(`No complete answer within ${limits.timeoutMs / 1_000} seconds.`, address)),
      limits.timeoutMs,
    )
    const stop = () => end(unheard(STOPPED, address))
    function end(heard: Heard): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', stop)
      request.destroy()
      resolve(heard)
    }
    signal.addEventListener('abort', stop, { once: true })
    request.on('socket', (socket) =>
      socket.once('connect', () => {
        address = socket.remoteAddress ?? null
        // The look-up vetted it already; this holds whatever a library makes of it.
        if (!given.allowPrivate && address !== null && isPrivateAddress(address)) end(unheard(privateSentence(address), address))
      }),
    )
    request.on('error', (error) => end(unheard(whyNot(error), address)))
    request.on('close', () => end(unheard('The connection was closed before an answer came.', address)))
    request.on('response', (response) => void readAnswer(response, limits).then((read) => end({ ...read, address })))
    request.end(given.body ?? undefined)
  })
}

/** Its status counts even when the rest does not come. */
async function readAnswer(
  response: IncomingMessage,
  { maxBodyBytes, keptCharacters = KEPT_BODY_CHARACTERS }: PostLimits,
): Promise<Omit<Heard, 'address'>> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= maxBodyBytes) break
    }
  } catch {
    // What was heard is what is kept.
  }
  const text = Buffer.concat(chunks).toString('utf8').replaceAll('\u0000', '\ufffd')
  const body = text.length > keptCharacters ? `${text.slice(0, keptCharacters)}…` : text
  return { status: response.statusCode ?? null, error: null, headers: headersOf(response), body }
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const entries = Object.entries(headers).slice(0, KEPT_HEADERS)
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value).slice(0, KEPT_HEADER_CHARACTERS)]))
}

function whyNot(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  switch (code) {
    case 'ECONNREFUSED':
      return 'The connection was refused.'
    case 'ECONNRESET':
      return 'The connection was reset before an answer came.'
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return 'The address cannot be reached from here.'
    case 'HPE_HEADER_OVERFLOW':
      return 'The headers of the answer are larger than 16 KB.'
    default: {
      const text = (message ?? String(error)).slice(0, 300)
      return /[.!?]$/.test(text) ? text : `${text}.`
    }
  }
}
