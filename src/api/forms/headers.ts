import { CAPTCHA_PAGES } from '../../forms/captcha.ts'
import { isForeign, originOf } from '../../forms/form.ts'
import type { Shown } from '../../forms/published.ts'
import { securityHeaders } from '../security-headers.ts'

export interface FormPageKind {
  /** Sites that may show it in a frame; null: none may. */
  readonly framedBy: readonly string[] | null
  readonly isHttps: boolean
}

/** What a page of forms may do; `shown` null: one without a form. With one: our script, the provider's that the form names, and go where it sends people afterwards. */
export function formHeaders(shown: Pick<Shown, 'settings'> | null, { framedBy, isHttps }: FormPageKind): Record<string, string> {
  const kind = shown?.settings.captcha.kind ?? 'none'
  const hosts = isForeign(kind) ? ` ${CAPTCHA_PAGES[kind].hosts}` : ''
  // Browsers hold a form's redirects to form-action as well.
  const targets = shown ? [shown.settings.asked, shown.settings.done, shown.settings.confirmed].flatMap(originAfter) : []
  const { 'x-frame-options': frameOptions = '', ...common } = securityHeaders('leaving', isHttps)
  return {
    ...common,
    ...(framedBy === null && { 'x-frame-options': frameOptions }),
    // The form comes from our own page: its origin is told to nobody else, and to us, who ask for it.
    'referrer-policy': 'same-origin',
    'content-security-policy': [
      "default-src 'none'",
      `style-src 'unsafe-inline'${hosts}`,
      ...(kind === 'none' ? [] : [`script-src 'self'${hosts}`, `connect-src 'self'${hosts}`, "worker-src 'self'"]),
      ...(hosts === '' ? [] : [`frame-src${hosts}`]),
      `form-action ${["'self'", ...new Set(targets)].join(' ')}`,
      "base-uri 'none'",
      `frame-ancestors ${framedBy === null ? "'none'" : ["'self'", ...framedBy].join(' ')}`,
    ].join('; '),
    'cache-control': 'no-store',
  }
}

/** For the builder's frame: looks like the page, and can do nothing. */
export function previewHeaders(isHttps: boolean): Record<string, string> {
  return {
    ...securityHeaders('mail', isHttps),
    'content-security-policy':
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  }
}

/** Whether a site may send this form: we ourselves, those that it names, and whoever does not say, such as older browsers and programs. */
export function mayCome(origin: string | undefined, { settings }: Pick<Shown, 'settings'>, own: readonly string[]): boolean {
  return (
    origin === undefined ||
    own.some((url) => new URL(url).origin === origin) ||
    settings.origins.some((one) => one === '*' || one === origin)
  )
}

/** For scripts of other sites (Fetch §3.2). Nothing here depends on who asks, so no credentials are let through. */
export function corsHeaders(origin: string | undefined, shown: Pick<Shown, 'settings'>): Record<string, string> {
  if (origin === undefined || origin === 'null' || !mayCome(origin, shown, [])) return { vary: 'origin' }
  return {
    vary: 'origin',
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': 'content-type, accept',
    'access-control-max-age': '600',
    'cross-origin-resource-policy': 'cross-origin',
  }
}

function originAfter({ redirect_url }: { readonly redirect_url: string | null }): string[] {
  const origin = redirect_url === null ? null : originOf(redirect_url)
  return origin === null ? [] : [origin]
}
