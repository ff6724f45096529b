import { getDomain } from 'tldts'

/** What is known of whether a mail comes from whom it says (RFC 7208, RFC 6376, RFC 9989, RFC 8617). Plain data, to be stored and shown. */
export interface MailAuthentication {
  readonly spf: readonly AuthenticationCheck[]
  /** One a signature. */
  readonly dkim: readonly AuthenticationCheck[]
  readonly dmarc: readonly AuthenticationCheck[]
  readonly arc: readonly AuthenticationCheck[]
  /** `checked` by us, `told` by the server that received it, or neither. */
  readonly source: 'checked' | 'told' | 'none'
  /** The domain of From stands behind this mail: DMARC passes, or a check passes for the same organisation where there is no such record. */
  readonly aligned: boolean
}

export interface AuthenticationCheck {
  /** 'pass', 'fail', 'softfail', 'neutral', 'none', 'policy', 'temperror' or 'permerror' (RFC 8601 §2.7). */
  readonly result: string
  /** Whose domain was checked. */
  readonly domain: string | null
  readonly detail: string | null
}

export const UNAUTHENTICATED: MailAuthentication = { spf: [], dkim: [], dmarc: [], arc: [], source: 'none', aligned: false }

/** The connection that a mail came by. */
export interface SmtpClient {
  readonly ip: string
  readonly helo: string
  /** '' for the null return path. */
  readonly envelopeSender: string
}

/** The questions that are asked of the DNS; dns/resolver.ts answers them. No question rejects. */
export interface AuthenticationDns {
  txt(name: string): Promise<DnsAnswer<string>>
  mx(domain: string): Promise<DnsAnswer<{ readonly host: string; readonly preference: number }>>
  addressesOf(name: string, family: 4 | 6): Promise<DnsAnswer<{ readonly address: string }>>
  ptr(address: string): Promise<DnsAnswer<string>>
}
export type DnsAnswer<Found> =
  | { readonly ok: true; readonly found: readonly Found[] }
  | { readonly ok: false; readonly kind: 'nxdomain' | 'nodata' | 'servfail' | 'timeout'; readonly message: string }

/** The organisation that a name belongs to: what stands below a public suffix; null for what is none. */
export function organisationOf(host: string): string | null {
  return getDomain(host.toLowerCase().replace(/\.$/, ''), { allowPrivateDomains: true })
}

/** One of these passing checks is of the organisation that From names (RFC 9989 §4.4, relaxed). */
export function passesFor(from: string | null, checks: readonly AuthenticationCheck[]): boolean {
  const organisation = from === null ? null : organisationOf(from)
  return checks.some(
    ({ result, domain }) =>
      result === 'pass' && domain !== null && organisation !== null && organisationOf(domain) === organisation,
  )
}
