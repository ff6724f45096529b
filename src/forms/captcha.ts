/** Asking those who say who is human: hCaptcha and Cloudflare Turnstile. Both take the same request (POST to `siteverify`) and give the same answer. */
import type { Resolver } from '../dns/resolver.ts'
import { SECOND } from '../lib/clock.ts'
import { post } from '../webhooks/sending/post.ts'

export type ForeignCaptcha = 'hcaptcha' | 'turnstile'

/** Where they are asked. Tests have their own. */
export type CaptchaWorld = Readonly<Record<ForeignCaptcha, { readonly url: string; readonly allowPrivate: boolean }>>

export const CAPTCHA_WORLD: CaptchaWorld = {
  hcaptcha: { url: 'https://api.hcaptcha.com/siteverify', allowPrivate: false },
  turnstile: { url: 'https://challenges.cloudflare.com/turnstile/v0/siteverify', allowPrivate: false },
}

/** What browsers of visitors need of them: where script, frames and requests may come from and go to. */
export const CAPTCHA_PAGES: Readonly<
  Record<ForeignCaptcha, { readonly script: string; readonly field: string; readonly css: string; readonly hosts: string }>
> = {
  hcaptcha: {
    script: 'https://js.hcaptcha.com/1/api.js',
    field: 'h-captcha-response',
    css: 'h-captcha',
    hosts: 'https://hcaptcha.com https://*.hcaptcha.com',
  },
  turnstile: {
    script: 'https://challenges.cloudflare.com/turnstile/v0/api.js',
    field: 'cf-turnstile-response',
    css: 'cf-turnstile',
    hosts: 'https://challenges.cloudflare.com',
  },
}

export type CaptchaAnswer =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly why: string }
  /** They could not be asked, or our account there is the trouble: the visitor can do nothing about it. */
  | { readonly kind: 'down'; readonly why: string }

const LIMITS = { timeoutMs: 8 * SECOND, maxBodyBytes: 16 * 1024 }
const MAX_TOKEN = 8_000
/** Words for a wrong secret or a wrong account. */
const OURS = /secret|sitekey-secret-mismatch|internal-error|bad-request/

/** The visitor's network address is not told: neither needs it. Never rejects. */
export async function askCaptcha(
  { url, allowPrivate }: CaptchaWorld[ForeignCaptcha],
  { secret, token }: { readonly secret: string; readonly token: string },
  deps: { readonly resolver: Resolver; readonly monotonicMs: () => number },
): Promise<CaptchaAnswer> {
  if (token === '' || token.length > MAX_TOKEN) return { kind: 'failed', why: 'missing' }
  const answer = await post(
    {
      url,
      allowPrivate,
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Waybill' },
      body: new URLSearchParams({ secret, response: token }).toString(),
    },
    deps,
    AbortSignal.timeout(LIMITS.timeoutMs + SECOND),
    LIMITS,
  )
  const host = new URL(url).host
  if (answer.status === null) return { kind: 'down', why: `${host} could not be asked: ${answer.error ?? 'no answer'}` }
  const said = jsonOf(answer.body ?? '')
  if (said === null || answer.status >= 500) return { kind: 'down', why: `${host} answered ${answer.status}` }
  if (said.success === true) return { kind: 'passed' }
  const codes = Array.isArray(said['error-codes'])
    ? said['error-codes'].filter((code) => typeof code === 'string').join(', ')
    : ''
  return OURS.test(codes) || (codes === '' && answer.status >= 400)
    ? { kind: 'down', why: `${host} refused us: ${codes || answer.status}` }
    : { kind: 'failed', why: codes || 'not passed' }
}

function jsonOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
