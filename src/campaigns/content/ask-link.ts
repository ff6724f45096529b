/** Whether a link leads somewhere: asked as a reader's browser would, but for what stands there. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { Resolver } from '../../dns/resolver.ts'
import { SECOND } from '../../lib/clock.ts'
import { isPrivateAddress } from '../../net/private-address.ts'

export type LinkAnswer =
  | { readonly kind: 'ok'; readonly status: number; readonly to: string | null }
  | { readonly kind: 'wrong'; readonly status: number }
  /** It answers, and not to programs: many a site does. */
  | { readonly kind: 'guarded'; readonly status: number }
  | { readonly kind: 'unreachable'; readonly sentence: string }
  | { readonly kind: 'not_asked'; readonly sentence: string }

export interface AskDeps {
  readonly resolver: Resolver
  readonly allowPrivate: boolean
}

const TIMEOUT_MS = 8 * SECOND
const MAX_REDIRECTS = 5
const GUARDED = [401, 403, 405, 406, 418, 429, 451, 999]
const INSIDE = 'It leads to this machine or into a private network, where nobody else gets.'

/** HEAD, and GET where that is not known; redirects are followed, each vetted anew. Never rejects. */
export async function askLink(url: string, deps: AskDeps, signal: AbortSignal): Promise<LinkAnswer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  let at = url
  for (let step = 0; step <= MAX_REDIRECTS; step++) {
    const answer = await askTwice(at, deps, limit)
    if (typeof answer === 'string') return { kind: 'unreachable', sentence: answer }
    const { status, location } = answer
    if (status >= 300 && status < 400 && location !== null) {
      if (!URL.canParse(location, at)) return { kind: 'wrong', status }
      at = new URL(location, at).href
      continue
    }
    if (status < 400) return { kind: 'ok', status, to: at === url ? null : at }
    return GUARDED.includes(status) ? { kind: 'guarded', status } : { kind: 'wrong', status }
  }
  return { kind: 'unreachable', sentence: `It is redirected more than ${MAX_REDIRECTS} times.` }
}

interface Heard {
  readonly status: number
  readonly location: string | null
}

async function askTwice(url: string, deps: AskDeps, signal: AbortSignal): Promise<Heard | string> {
  const head = await ask('HEAD', url, deps, signal)
  if (typeof head === 'string' || head.status < 400) return head
  return await ask('GET', url, deps, signal)
}

function ask(
  method: 'HEAD' | 'GET',
  address: string,
  { resolver, allowPrivate }: AskDeps,
  signal: AbortSignal,
): Promise<Heard | string> {
  const url = new URL(address)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return Promise.resolve('It leads to something that is no page.')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // For an address instead of a name nothing is looked up, so nothing would be vetted on the way.
  if (isIP(host) !== 0 && isPrivateAddress(host) && !allowPrivate) return Promise.resolve(INSIDE)
  if (signal.aborted) return Promise.resolve(late())
  return new Promise((resolve) => {
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = open(url, {
      method,
      agent: false,
      maxHeaderSize: 32 * 1024,
      headers: { 'user-agent': 'Mozilla/5.0 (compatible; Waybill link check)', accept: 'text/html,*/*;q=0.8' },
      lookup: vetted(resolver, allowPrivate),
    })
    const stop = () => end(late())
    function end(heard: Heard | string): void {
      signal.removeEventListener('abort', stop)
      request.destroy()
      resolve(heard)
    }
    signal.addEventListener('abort', stop, { once: true })
    request.on('socket', (socket) =>
      socket.once('connect', () => {
        // The look-up vetted it already; this holds whatever a library makes of it.
        if (!allowPrivate && socket.remoteAddress !== undefined && isPrivateAddress(socket.remoteAddress)) end(INSIDE)
      }),
    )
    request.on('error', (error) => end(whyNot(error)))
    request.on('response', (response: IncomingMessage) =>
      end({ status: response.statusCode ?? 0, location: response.headers.location ?? null }),
    )
    request.end()
  })
}

function late(): string {
  return `It did not answer within ${TIMEOUT_MS / SECOND} seconds.`
}

function vetted(resolver: Resolver, allowPrivate: boolean): LookupFunction {
  return (hostname, options, done) => {
    void resolver.addresses(hostname).then((answer) => {
      if (!answer.ok) return done(new Error('Its name is not known.'), '')
      const found = answer.found.filter(({ address }) => allowPrivate || !isPrivateAddress(address))
      const [first] = found
      if (!first) return done(new Error(INSIDE), '')
      if (options.all)
        return done(
          null,
          found.map(({ address, family }) => ({ address, family })),
        )
      done(null, first.address, first.family)
    })
  }
}

function whyNot(error: Error): string {
  const { code, message } = error as { code?: string; message: string }
  switch (code) {
    case 'ECONNREFUSED':
      return 'The connection was refused.'
    case 'ECONNRESET':
      return 'The connection was closed before an answer came.'
    case 'CERT_HAS_EXPIRED':
      return 'Its certificate has expired.'
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'Browsers warn of its certificate.'
    default:
      return /[.!?]$/.test(message) ? message.slice(0, 200) : `${message.slice(0, 200)}.`
  }
}
