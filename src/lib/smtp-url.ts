/** A mail server as one line: `smtp://user:password@host:587?security=starttls`. */
export interface SmtpAddress {
  readonly host: string
  readonly port: number
  readonly security: 'starttls' | 'tls' | 'none'
  readonly user: string | null
  readonly password: string | null
}

export type ParsedSmtpUrl = { readonly ok: true; readonly value: SmtpAddress } | { readonly ok: false; readonly why: string }

const SECURITIES = ['starttls', 'tls', 'none'] as const
/** What each means without a port: submission, submissions (RFC 8314 §3.3), and a relay within one's own network. */
const USUAL_PORT = { starttls: 587, tls: 465, none: 25 } as const
const HASH = 'a # in the user name or password must be written %23'
const SLASH = 'a / in the user name or password must be written %2F'
const FORM = 'expected smtp://user:password@host:587?security=starttls'

/** Reads the line; what is wrong with it comes back as half a sentence that never repeats the password. */
export function parseSmtpUrl(text: string): ParsedSmtpUrl {
  if (!/^smtps?:\/\//i.test(text)) return wrong(FORM)
  if (/[\p{Cc}\s]/u.test(text)) return wrong('it contains a space or a control character; write a space as %20')
  const url = URL.parse(text)
  if (!url) return wrong(reasonOfUnreadable(text))
  if (url.hash !== '' || text.includes('#')) return wrong(HASH)
  if (url.pathname !== '' && url.pathname !== '/')
    return wrong(text.lastIndexOf('@') > text.indexOf('/', 8) ? SLASH : 'nothing may follow the port but ?security=…')
  if (url.hostname === '') return wrong('the host is missing')

  const [user, password] = [decode(url.username), decode(url.password)]
  if (user === null || password === null) return wrong('a % in the user name or password must be written %25')
  if (/\p{Cc}/u.test(user + password)) return wrong('the user name or password contains a control character')
  if (user === '' && password !== '') return wrong('there is a password but no user name')
  if (user !== '' && password === '') return wrong('there is a user name but no password')

  const security = readSecurity(url)
  if (security === null) return wrong('security must be starttls, tls or none, and is the only option')
  return {
    ok: true,
    value: {
      host: readHost(url.hostname),
      port: url.port === '' ? USUAL_PORT[security] : Number(url.port),
      security,
      user: user || null,
      password: password || null,
    },
  }
}

/** The same line with every password hidden, however broken the line is. */
export function withoutPassword(url: string): string {
  const shown = url.replace(/([?&]password=)[^&#]*/gi, '$1***')
  if (shown.includes('@')) return shown.replace(/^((?:[a-z]+:\/\/)?[^:@/]*):.*@/is, '$1:***@')
  return shown.replace(/^((?:[a-z]+:\/\/)?[^:/?[]+):(?!\/\/|\d{1,5}(?:[/?]|$)).*$/is, '$1:***')
}

function readSecurity(url: URL): SmtpAddress['security'] | null {
  const names = [...url.searchParams.keys()]
  if (names.some((name) => name !== 'security') || names.length > 1) return null
  const implied = url.protocol === 'smtps:' || url.port === '465' ? 'tls' : 'starttls'
  const given = url.searchParams.get('security') ?? implied
  return SECURITIES.find((known) => known === given) ?? null
}

/** An IPv6 address is written in brackets in an address line and without them everywhere else. */
function readHost(host: string): string {
  return (host.startsWith('[') ? host.slice(1, -1) : host).toLowerCase()
}

function reasonOfUnreadable(text: string): string {
  const at = text.lastIndexOf('@')
  const [start, end] = [text.slice(text.indexOf('//') + 2, Math.max(at, 0)), text.slice(at + 1)]
  if (at > 0 && start.includes('#')) return HASH
  if (at > 0 && start.includes('/')) return SLASH
  if (/:\d+/.test(end) && !/:([1-9]\d{0,4})(?!\d)/.test(end)) return 'the port must be a number from 1 to 65535'
  if (text.split('@').length > 2) return `an @ in the user name or password must be written %40; ${FORM}`
  return FORM
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

function wrong(why: string): ParsedSmtpUrl {
  return { ok: false, why }
}
