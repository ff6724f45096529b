import { parseTagList } from './tag-list.ts'

/** DMARC records (RFC 9989): what a receiver is to do with mail whose author's domain neither signed it nor sent it. */
export const DMARC_POLICIES = ['none', 'quarantine', 'reject'] as const
export type DmarcPolicy = (typeof DMARC_POLICIES)[number]

export interface Dmarc {
  readonly policy: DmarcPolicy
  readonly subdomains: DmarcPolicy | null
  readonly missingSubdomains: DmarcPolicy | null
  /** Strict: the very same domain; relaxed: the same organisation. */
  readonly strictDkim: boolean
  readonly strictSpf: boolean
  /** Where daily reports go. */
  readonly reports: readonly string[]
  /** The owner is trying it out: receivers do one step less than said. */
  readonly testing: boolean
  /** y: names below belong to others (a registry); n: this is the organisation's own top. */
  readonly publicSuffix: 'y' | 'n' | 'u'
  /** Tags that RFC 9989 no longer has. */
  readonly outdated: readonly string[]
}

export type DmarcAnswer = { readonly ok: true; readonly dmarc: Dmarc } | { readonly ok: false; readonly why: string }

/** RFC 9989 §4.7: what does not begin so is no DMARC record at all. */
export function dmarcTexts(texts: readonly string[]): string[] {
  return texts.filter((text) => /^v\s*=\s*DMARC1\s*(;|$)/.test(text))
}

const OUTDATED = ['pct', 'rf', 'ri']

export function parseDmarc(text: string): DmarcAnswer {
  const list = parseTagList(text)
  if (!list.ok) return list
  const { tags } = list
  const reports = uris(tags.get('rua'))
  const policy = policyOf(tags.get('p'))
  // RFC 9989 §4.7: without a readable policy, but with somewhere to report to, it counts as p=none.
  if (policy === null && reports.length === 0)
    return {
      ok: false,
      why: tags.has('p') ? `p=${tags.get('p')} is no policy: none, quarantine or reject` : 'it has no p=, the policy',
    }
  for (const name of ['adkim', 'aspf']) {
    const mode = tags.get(name)
    if (mode !== undefined && mode !== 'r' && mode !== 's') return { ok: false, why: `${name}=${mode} is neither r nor s` }
  }
  const psd = tags.get('psd')
  return {
    ok: true,
    dmarc: {
      policy: policy ?? 'none',
      subdomains: policyOf(tags.get('sp')),
      missingSubdomains: policyOf(tags.get('np')),
      strictDkim: tags.get('adkim') === 's',
      strictSpf: tags.get('aspf') === 's',
      reports,
      testing: tags.get('t') === 'y',
      publicSuffix: psd === 'y' || psd === 'n' ? psd : 'u',
      outdated: OUTDATED.filter((name) => tags.has(name)),
    },
  }
}

function policyOf(text: string | undefined): DmarcPolicy | null {
  return DMARC_POLICIES.find((known) => known === text?.toLowerCase()) ?? null
}

function uris(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((uri) => uri.trim())
    .filter((uri) => /^[a-z][a-z0-9+.-]*:./i.test(uri))
}

/** The same record with another policy; what else stands in it stays. */
export function withPolicy(text: string, policy: DmarcPolicy): string {
  return /(^|;)\s*p\s*=/.test(text)
    ? text.replace(/((?:^|;)\s*p\s*=\s*)[^;\s]*/, `$1${policy}`)
    : `${text.replace(/[;\s]*$/, '')}; p=${policy}`
}

const MAX_LABELS_AFTER_CUT = 7

/** The names that are asked for a policy, in this order: the DNS tree walk (RFC 9989 §4.10), at most eight questions. */
export function treeWalk(domain: string): string[] {
  const labels = domain.split('.')
  const below = labels.length > MAX_LABELS_AFTER_CUT + 1 ? labels.slice(-MAX_LABELS_AFTER_CUT) : labels.slice(1)
  return [domain, ...below.map((_, index) => below.slice(index).join('.'))]
}

export interface Found {
  readonly domain: string
  readonly dmarc: Dmarc
}

/** Where the organisation begins, from what the walk found (RFC 9989 §4.10.2); the domain itself when nothing was. */
export function organisationalDomain(start: string, found: readonly Found[]): string {
  for (const { domain, dmarc } of found) {
    if (dmarc.publicSuffix === 'n') return domain
    if (dmarc.publicSuffix === 'y' && domain !== start) {
      const labels = start.split('.')
      return labels.slice(-(domain.split('.').length + 1)).join('.')
    }
  }
  return found.at(-1)?.domain ?? start
}

/** What is asked of receivers for mail from `domain`: its own record, else that of its organisation with the policy for subdomains. */
export function policyFor(
  domain: string,
  found: readonly Found[],
): { readonly from: string; readonly policy: DmarcPolicy; readonly dmarc: Dmarc } | null {
  const own = found.find((each) => each.domain === domain)
  if (own) return { from: domain, policy: own.dmarc.policy, dmarc: own.dmarc }
  const organisation = organisationalDomain(domain, found)
  const above = found.find((each) => each.domain === organisation) ?? found.find(({ dmarc }) => dmarc.publicSuffix === 'y')
  return above ? { from: above.domain, policy: above.dmarc.subdomains ?? above.dmarc.policy, dmarc: above.dmarc } : null
}

/** RFC 9989 §4.10 note: stop above a record that says whose the tree is. */
export function endsWalk({ publicSuffix }: Dmarc): boolean {
  return publicSuffix !== 'u'
}
