/** What browsers are told with every answer. The policy depends on what is answered: data, our own pages, or foreign HTML. */

const COMMON = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const

const YEAR_SECONDS = 31_536_000

export type Page =
  | 'data'
  | 'leaving'
  | 'ui'
  | 'docs'
  | 'mail'
  | 'archived'
  | 'mail-with-images'
  | 'mail-in-thread'
  | 'mail-in-thread-with-images'

const POLICIES: Record<Page, string> = {
  data: "default-src 'none'; frame-ancestors 'none'",
  // A page for whoever got a mail: its style is in it, and its form comes back to us.
  leaving: "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  // The UI is built to need nothing inline, script or style. The sandbox page frames /v1/sandbox/mails/:id/html.
  ui: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  docs: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  // Mail from anyone: an opaque origin, no script, no form, no request but images a person asked for. Links may open a new tab.
  mail: "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  'mail-with-images':
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: https: http:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  // A campaign that everybody may read, as a page of its own: an opaque origin, no script, no form; it is not framed.
  archived:
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: https: http:; font-src https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  // The same where the page around it has to know its height (ADR 50): of our origin, so that it can be measured from outside; still without any script.
  'mail-in-thread':
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  'mail-in-thread-with-images':
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data: https: http:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
}

export function securityHeaders(page: Page, isHttps: boolean): Record<string, string> {
  return {
    ...COMMON,
    'content-security-policy': POLICIES[page],
    // For browsers older than frame-ancestors.
    'x-frame-options': page.startsWith('mail') ? 'SAMEORIGIN' : 'DENY',
    ...(isHttps && { 'strict-transport-security': `max-age=${YEAR_SECONDS}` }),
  }
}
