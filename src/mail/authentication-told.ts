import {
  type AuthenticationCheck,
  type MailAuthentication,
  organisationOf,
  passesFor,
  UNAUTHENTICATED,
} from './authentication.ts'
import { type AuthenticationResult, type AuthenticationResults, parseAuthenticationResults } from './authentication-results.ts'
import type { ParsedMail } from './parse.ts'

/**
 * What the server that received a mail says of it, for mail that was fetched from a mailbox there. Anybody can write such a header, so one is
 * believed only where the sender could not: above the first trace of a server that is not the receiver's own, and in the receiver's name, which
 * it must remove from what comes in (RFC 8601 §5). `receivers` are hosts of the receiver, such as that of its IMAP server.
 */
export function toldAuthentication(mail: Pick<ParsedMail, 'headers' | 'from'>, receivers: readonly string[]): MailAuthentication {
  const own = new Set(receivers.map((host) => receiverOf(host)))
  own.delete(null)
  const said = own.size === 0 ? null : believed(mail.headers, own)
  if (said === null) return UNAUTHENTICATED
  const from = mail.from?.address.split('@').at(-1)?.toLowerCase() || null
  const [spf, dkim, dmarc, arc] = ['spf', 'dkim', 'dmarc', 'arc'].map((method) => checksOf(said, method)) as [
    AuthenticationCheck[],
    AuthenticationCheck[],
    AuthenticationCheck[],
    AuthenticationCheck[],
  ]
  const hasPolicy = dmarc.some(({ result }) => result !== 'none')
  return {
    spf,
    dkim,
    dmarc,
    arc,
    source: 'told',
    aligned: hasPolicy ? dmarc.some(({ result }) => result === 'pass') : passesFor(from, [...spf, ...dkim]),
  }
}

/** Hosts of large receivers go by several names. */
const SAME: Readonly<Record<string, string>> = {
  'gmail.com': 'google.com',
  'googlemail.com': 'google.com',
  'office365.com': 'outlook.com',
  'hotmail.com': 'outlook.com',
  'live.com': 'outlook.com',
  'microsoft.com': 'outlook.com',
  'ymail.com': 'yahoo.com',
  'yahoodns.net': 'yahoo.com',
  'me.com': 'icloud.com',
  'mac.com': 'icloud.com',
  'gmx.de': 'gmx.net',
  'gmx.com': 'gmx.net',
  'messagingengine.com': 'fastmail.com',
}

function receiverOf(host: string): string | null {
  const domain = organisationOf(host)
  return domain === null ? null : (SAME[domain] ?? domain)
}

function believed(headers: ParsedMail['headers'], own: ReadonlySet<string | null>): AuthenticationResults | null {
  let hasOwnTrace = false
  for (const { name, value } of headers) {
    const key = name.toLowerCase()
    if (key === 'received') {
      const by = /\bby\s+([a-z0-9.-]{1,253})/i.exec(value)?.[1] ?? ''
      const organisation = receiverOf(by)
      if (organisation === null) continue
      if (!own.has(organisation)) return null
      hasOwnTrace = true
    } else if (key === 'authentication-results') {
      const said = parseAuthenticationResults(value)
      // Microsoft does not name itself, but writes above its own trace.
      const isOwn =
        said !== null && (said.server === '' ? own.has('outlook.com') && !hasOwnTrace : own.has(receiverOf(said.server)))
      if (isOwn) return said
    }
  }
  return null
}

const DOMAIN_OF: Readonly<Record<string, readonly string[]>> = {
  spf: ['smtp.mailfrom', 'smtp.helo'],
  dkim: ['header.d', 'header.i'],
  dmarc: ['header.from'],
  arc: [],
}

function checksOf({ results }: AuthenticationResults, method: string): AuthenticationCheck[] {
  return results
    .filter((each) => each.method === method)
    .map((each) => ({ result: each.result, domain: domainIn(each), detail: each.reason }))
}

function domainIn({ method, properties }: AuthenticationResult): string | null {
  const value = (DOMAIN_OF[method] ?? []).map((key) => properties[key]).find((found) => found !== undefined && found !== '')
  return value?.split('@').at(-1)?.toLowerCase() || null
}
