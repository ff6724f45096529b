import type { FastifyReply, FastifyRequest } from 'fastify'
import { can } from '../accounts/actor.ts'
import { authenticateKey, authenticateSession, type FindKey, type Principal } from '../accounts/authenticate.ts'
import { SESSION_LIFE_MS } from '../accounts/session.ts'
import { Refusal } from '../errors.ts'
import { SECOND } from '../lib/clock.ts'
import type { ServerDeps } from './deps.ts'
import type { Endpoint } from './endpoint.ts'

/** The `__Host-` prefix makes browsers refuse the cookie unless it is secure and ours alone; over plain http it cannot be had. */
const SECURE_COOKIE = '__Host-waybill'
const PLAIN_COOKIE = 'waybill_session'

export type AuthDeps = Pick<ServerDeps, 'database' | 'clock' | 'url'>
export type AuthKeys = AuthDeps & { readonly findKey: FindKey }

/**
 * Who asks, and whether they may. An `Authorization` header counts alone: a request that carries a wrong key is refused even if a good
 * cookie came along.
 */
export async function authorise(deps: AuthKeys, endpoint: Endpoint, request: FastifyRequest): Promise<Principal | null> {
  const bearer = bearerOf(request)
  if (bearer === null) refuseForeignPages(deps, request)
  if (endpoint.permission === 'public') return null
  const principal =
    bearer === null
      ? await fromCookie(deps, request)
      : await authenticateKey(deps.database.db, deps.findKey, bearer, deps.clock.now())
  if (!principal) throw new Refusal('invalid_api_key')
  if (endpoint.permission !== 'signed_in' && !can(principal.actor, endpoint.permission)) {
    throw new Refusal('forbidden', { permission: endpoint.permission })
  }
  return principal
}

async function fromCookie(deps: AuthDeps, request: FastifyRequest): Promise<Principal> {
  const token = sessionToken(deps, request)
  if (token === null) throw new Refusal('not_signed_in')
  const principal = await authenticateSession(deps.database.db, token, deps.clock.now())
  if (!principal) throw new Refusal('session_ended')
  return principal
}

/**
 * Null when there is no such header. A header of another scheme is a wrong key, not a missing one. A key may hold spaces: WAYBILL_API_KEY is
 * taken as it is written.
 */
function bearerOf(request: FastifyRequest): string | null {
  const header = request.headers.authorization
  if (header === undefined) return null
  return /^Bearer /i.test(header) ? header.slice('Bearer '.length).trim() : ''
}

/**
 * Against requests that another site makes a signed-in browser send, and against signing a browser in to somebody else's account: what
 * changes something must come from a page of ours, as the browser itself testifies, and must be of a kind that a form cannot send.
 */
function refuseForeignPages(deps: AuthDeps, request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const site = request.headers['sec-fetch-site']
  const origin = request.headers.origin
  const isOurs = site !== undefined ? site === 'same-origin' : origin === undefined || isOurOrigin(deps, request, origin)
  const isOfForm = request.headers['x-waybill'] !== '1' && !isJson(request)
  if (!isOurs || isOfForm) throw new Refusal('cross_site')
}

function isOurOrigin(deps: AuthDeps, request: FastifyRequest, origin: string): boolean {
  return origin === deps.url || (URL.parse(origin)?.host ?? '') === request.headers.host
}

function isJson(request: FastifyRequest): boolean {
  return /^application\/json\b/i.test(request.headers['content-type'] ?? '')
}

export function sessionToken(deps: AuthDeps, request: FastifyRequest): string | null {
  return request.cookies[cookieName(deps)] ?? null
}

export function setSessionCookie(deps: AuthDeps, reply: FastifyReply, token: string): void {
  reply.setCookie(cookieName(deps), token, { ...cookieOptions(deps), maxAge: SESSION_LIFE_MS / SECOND })
}

export function clearSessionCookie(deps: AuthDeps, reply: FastifyReply): void {
  reply.clearCookie(cookieName(deps), cookieOptions(deps))
}

function cookieName(deps: AuthDeps): string {
  return isHttps(deps) ? SECURE_COOKIE : PLAIN_COOKIE
}

function cookieOptions(deps: AuthDeps) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isHttps(deps) } as const
}

export function isHttps(deps: Pick<ServerDeps, 'url'>): boolean {
  return deps.url.startsWith('https:')
}
