import type { DnsRecord } from '../../../delivery/domains/records.ts'

/**
 * What the doctor found out about a domain that mail is sent from: fourteen checks, each with what was seen, why it matters, what to publish and
 * whose mail it is about.
 */
const DOMAIN_CHECKS = {
  spf: {
    title: 'SPF',
    why: 'Receivers compare the server that sends with those that the domain names.',
    affected: 'Gmail, Yahoo and Microsoft ask every sender for SPF or DKIM, and whoever sends much for both.',
  },
  dkim: {
    title: 'DKIM',
    why: 'A signature proves that mail comes from the domain unchanged, wherever it passed through.',
    affected: 'Gmail, Yahoo and Microsoft refuse or file as spam what is not signed; DMARC stands on it.',
  },
  dmarc: {
    title: 'DMARC',
    why: 'It says what to do with mail that only pretends to come from the domain.',
    affected: 'Gmail, Yahoo and Microsoft (550 5.7.515) ask whoever sends more than 5,000 a day for it.',
  },
  return_path: {
    title: 'Return path',
    why: 'Bounces that do not come back cannot be learned from, and SPF aligns by this domain.',
    affected: 'All receivers; what is sent on to dead addresses costs reputation everywhere.',
  },
  mx: {
    title: 'Replies',
    why: 'A From that cannot take replies is a sign of spam.',
    affected:
      'Many receivers refuse mail whose sender domain takes no mail; Microsoft asks for an address that can be replied to.',
  },
  tracking: {
    title: 'Tracking host',
    why: 'Links that lead through a strange or broken host frighten people and filters.',
    affected: 'Whoever clicks; filters of all receivers.',
  },
  reverse_dns: {
    title: 'Reverse DNS',
    why: 'The address that sends has to have a name that leads back to it.',
    affected: 'Gmail (550 5.7.25), Yahoo, Microsoft and most small receivers refuse mail without it.',
  },
  blocklists: {
    title: 'Blocklists',
    why: 'A listed address or domain is refused or filed as spam before anybody looks at the mail.',
    affected: 'Microsoft, web.de, GMX and most small receivers ask Spamhaus; others ask the rest.',
  },
  transport: {
    title: 'MTA-STS and TLS reports',
    why: 'Without them mail to the domain may be read on its way, and nobody tells.',
    affected: 'Whoever writes to the domain: replies, not what is sent.',
  },
  bimi: {
    title: 'BIMI',
    why: 'Shows the logo beside the mail where the domain proves who it is.',
    affected: 'Gmail, Yahoo, Apple and Fastmail show it.',
  },
  unsubscribe: {
    title: 'One-click unsubscribe',
    why: 'Who cannot unsubscribe with one click reports spam instead.',
    affected: 'Gmail and Yahoo ask for it in all bulk mail (RFC 8058).',
  },
  name_servers: {
    title: 'Name servers',
    why: 'What some receivers find in the DNS and others do not is refused by some and not by others.',
    affected: 'All receivers.',
  },
  provider: {
    title: 'Provider',
    why: 'A provider refuses mail from domains that it has not verified.',
    affected: 'All mail on routes to that provider.',
  },
  acceptance: {
    title: 'Acceptance of the last 24 hours',
    why: 'What receivers do says more than what records promise.',
    affected: 'The receivers named.',
  },
} as const
export type DomainCheckId = keyof typeof DOMAIN_CHECKS
export const DOMAIN_CHECK_IDS = Object.keys(DOMAIN_CHECKS) as DomainCheckId[]

export const DOMAIN_CHECK_STATUSES = ['ok', 'warn', 'fail', 'skip', 'error'] as const
/** error: the check could not be made, and says nothing. */
export type DomainCheckStatus = (typeof DOMAIN_CHECK_STATUSES)[number]

export type RecordToPublish = Pick<DnsRecord, 'type' | 'name' | 'value'>

export interface DomainFinding {
  readonly status: DomainCheckStatus
  /** What was seen and what it means. */
  readonly evidence: string
  /** The actual records. */
  readonly found?: readonly string[]
  readonly record?: RecordToPublish
}

export interface DomainCheck extends Required<Omit<DomainFinding, 'record'>> {
  readonly id: DomainCheckId
  readonly title: string
  readonly why: string
  readonly affected: string
  readonly record: RecordToPublish | null
  readonly ms: number
}

export interface DomainReport {
  readonly domain: string
  /** False when a check failed. */
  readonly ok: boolean
  readonly summary: string
  readonly checks: readonly DomainCheck[]
}

export function toDomainCheck(id: DomainCheckId, { found = [], record, ...finding }: DomainFinding, ms: number): DomainCheck {
  return { id, ...DOMAIN_CHECKS[id], ...finding, found, record: record ?? null, ms: Math.round(ms) }
}

export function toDomainReport(domain: string, checks: readonly DomainCheck[]): DomainReport {
  const titles = (status: DomainCheckStatus) => checks.filter((check) => check.status === status).map(({ title }) => title)
  const [failed, odd, dark] = [titles('fail'), titles('warn'), titles('error')]
  const parts = [
    failed.length > 0 ? `To be mended: ${failed.join(', ')}.` : 'Nothing is wrong.',
    ...(odd.length > 0 ? [`To be improved: ${odd.join(', ')}.`] : []),
    ...(dark.length > 0 ? [`Could not be looked at: ${dark.join(', ')}.`] : []),
  ]
  return { domain, ok: failed.length === 0, summary: parts.join(' '), checks }
}
