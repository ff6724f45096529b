import { SECOND } from '../../lib/clock.ts'

export interface TokenRequest {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
}

/** What was asked for, or the provider's words. `forGood`: asking again changes nothing before a person does something. */
export type TokenAnswer =
  | {
      readonly kind: 'granted'
      readonly access: string
      readonly refresh: string | null
      readonly livesSeconds: number
      readonly refreshLivesSeconds: number | null
    }
  | { readonly kind: 'refused'; readonly said: string; readonly forGood: boolean }

const TIMEOUT_MS = 15 * SECOND
const MAX_BYTES = 64 * 1024
const MAX_WORDS = 400
const USUAL_LIFE_SECONDS = 3_600
/** What is said to live longer does not end. */
const LONGEST_LIFE_SECONDS = 20 * 365 * 24 * 3_600
/** RFC 6749 §5.2 and what the two providers add to it: the grant, the application or the consent is the trouble. */
const FOR_GOOD = new Set([
  'invalid_grant',
  'invalid_client',
  'unauthorized_client',
  'invalid_request',
  'invalid_scope',
  'unsupported_grant_type',
  'interaction_required',
  'consent_required',
  'login_required',
  'access_denied',
])

/** A code that a person brought back becomes tokens (RFC 6749 §4.1.3, with the verifier of RFC 7636 §4.5). */
export function redeemCode(
  request: TokenRequest,
  { code, verifier, redirectUri }: { readonly code: string; readonly verifier: string; readonly redirectUri: string },
): Promise<TokenAnswer> {
  return ask(request, { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier })
}

/** A new short-lived token (RFC 6749 §6). Some providers give a new refresh token with it; then the old one is over. */
export function refreshToken(request: TokenRequest, refresh: string): Promise<TokenAnswer> {
  return ask(request, { grant_type: 'refresh_token', refresh_token: refresh })
}

/** Never rejects: whatever goes wrong on the way is a refusal that may be tried again. */
async function ask({ url, clientId, clientSecret }: TokenRequest, fields: Record<string, string>): Promise<TokenAnswer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...fields, client_id: clientId, client_secret: clientSecret }).toString(),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    return toAnswer(response.status, await textOf(response))
  } catch (error) {
    const { cause, name, message } = error as Error
    const why =
      name === 'TimeoutError'
        ? `no answer within ${TIMEOUT_MS / SECOND} seconds`
        : ((cause as Error | undefined)?.message ?? message)
    return { kind: 'refused', said: onOneLine(`${new URL(url).host} could not be asked: ${why}`), forGood: false }
  }
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array)
    bytes += (chunk as Uint8Array).length
    if (bytes > MAX_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

function toAnswer(status: number, text: string): TokenAnswer {
  const body = jsonOf(text)
  const access = body.access_token
  if (status === 200 && typeof access === 'string' && access !== '') {
    const refresh = body.refresh_token
    const lives = Number(body.expires_in)
    const refreshLives = Number(body.refresh_token_expires_in)
    return {
      kind: 'granted',
      access,
      refresh: typeof refresh === 'string' && refresh !== '' ? refresh : null,
      livesSeconds: Number.isFinite(lives) && lives > 0 ? lives : USUAL_LIFE_SECONDS,
      refreshLivesSeconds: refreshLives > 0 && refreshLives < LONGEST_LIFE_SECONDS ? refreshLives : null,
    }
  }
  const code = typeof body.error === 'string' ? body.error : ''
  const words = typeof body.error_description === 'string' ? body.error_description : ''
  const said = onOneLine([code, words].filter((part) => part !== '').join(': ') || `it answered ${status}`)
  return { kind: 'refused', said, forGood: status < 500 && status !== 429 && FOR_GOOD.has(code) }
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function onOneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}…` : line
}
