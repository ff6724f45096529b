/** What belongs into the DNS of a domain, exactly as it is to be published. */
import { formatKeyRecord } from '../../mail/dkim/key-record.ts'
import { mergeSpf } from '../../mail/records/spf.ts'
import { type DkimKey, isToBePublished } from './dkim-key.ts'
import type { Domain } from './domain.ts'
import { isPublicName } from './hosts.ts'

const RECORD_NEEDS = ['required', 'recommended', 'optional'] as const
export type RecordNeed = (typeof RECORD_NEEDS)[number]

export interface DnsRecord {
  readonly subject: string
  readonly type: 'TXT' | 'MX' | 'CNAME'
  readonly name: string
  readonly value: string
  readonly need: RecordNeed
  /** What it is for, in one sentence. */
  readonly why: string
}

/** What the records say about this server and its routes. */
export interface Publishing {
  /** The host that takes mail for us: bounces come back there. */
  readonly mailHost: string
  /** The host of links in mail. */
  readonly webHost: string
  /** SPF mechanisms that let the routes of the workspace send. */
  readonly spf: readonly string[]
}

export function recordsOf(
  domain: Pick<Domain, 'name' | 'returnPathHost' | 'trackingHost' | 'createdAt'>,
  keys: readonly DkimKey[],
  publishing: Publishing,
): DnsRecord[] {
  const { name, returnPathHost, trackingHost } = domain
  const all: DnsRecord[] = [
    ...keys.filter(isToBePublished).map((key) => keyRecord(name, key)),
    {
      subject: 'spf',
      type: 'TXT',
      name,
      value: mergeSpf(null, publishing.spf),
      need: 'recommended',
      why: 'Names the servers that may send for this domain. Gmail, Yahoo and Microsoft ask every sender for it.',
    },
    {
      subject: 'dmarc',
      type: 'TXT',
      name: `_dmarc.${name}`,
      value: `v=DMARC1; p=none; rua=mailto:postmaster@${name}`,
      need: 'recommended',
      why: 'Tells receivers what to do with mail that pretends to be yours, and where to report it. Gmail, Yahoo and Microsoft ask whoever sends much for it.',
    },
    {
      subject: 'return_path',
      type: 'MX',
      name: returnPathHost,
      value: `10 ${publishing.mailHost}`,
      need: 'recommended',
      why: 'Bounces come back to Waybill, each with the recipient it belongs to.',
    },
    {
      subject: 'return_path_spf',
      type: 'TXT',
      name: returnPathHost,
      value: mergeSpf(null, publishing.spf),
      need: 'recommended',
      why: 'Receivers look for SPF at the domain of the return path: this makes it pass, and align with your From.',
    },
    {
      subject: 'tracking',
      type: 'CNAME',
      name: trackingHost,
      value: publishing.webHost,
      need: 'optional',
      why: 'Links in mail stay on your own domain, when links are tracked.',
    },
    {
      subject: 'mta_sts',
      type: 'TXT',
      name: `_mta-sts.${name}`,
      value: `v=STSv1; id=${domain.createdAt.toISOString().slice(0, 10).replaceAll('-', '')}`,
      need: 'optional',
      why: `Senders encrypt mail to you, or do not deliver it. It needs a policy at https://mta-sts.${name}/.well-known/mta-sts.txt, published first.`,
    },
    {
      subject: 'tls_rpt',
      type: 'TXT',
      name: `_smtp._tls.${name}`,
      value: `v=TLSRPTv1; rua=mailto:postmaster@${name}`,
      need: 'optional',
      why: 'You are told when others could not encrypt their mail to you.',
    },
  ]
  return all.filter(({ subject }) => isPossible(subject, publishing))
}

/** A server that has no name others could reach has nothing to publish that leads to it. */
export function isPossible(subject: string, { mailHost, webHost }: Pick<Publishing, 'mailHost' | 'webHost'>): boolean {
  if (subject.startsWith('return_path')) return isPublicName(mailHost)
  return subject !== 'tracking' || isPublicName(webHost)
}

function keyRecord(domain: string, key: DkimKey): DnsRecord {
  const isRsa = key.algorithm === 'rsa'
  return {
    subject: `dkim:${key.selector}`,
    type: 'TXT',
    name: `${key.selector}._domainkey.${domain}`,
    value: formatKeyRecord(key.algorithm, key.publicKey),
    need: isRsa ? 'required' : 'recommended',
    why:
      key.state === 'retiring'
        ? 'Mail that was signed with this key is still on its way: leave the record until it is revoked.'
        : isRsa
          ? 'Receivers verify with it that mail comes from you unchanged.'
          : 'The same with a shorter and stronger key, for receivers that read it.',
  }
}

const STRING_MAX = 255

/** The line of a zone file. A text longer than 255 bytes is several strings, which are read as one (RFC 7208 §3.3). */
export function toZoneLine({ type, name, value }: Pick<DnsRecord, 'type' | 'name' | 'value'>): string {
  if (type === 'TXT') {
    const strings = value.match(new RegExp(`.{1,${STRING_MAX}}`, 'gs')) ?? ['']
    return `${name}. IN TXT ${strings.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`).join(' ')}`
  }
  return `${name}. IN ${type} ${value}.`
}
