/** What a provider says about the account behind a route: whether it may send, how much, and for which domains. */

export const ROUTE_DOMAIN_STATES = ['verified', 'pending', 'failed'] as const
export type RouteDomainState = (typeof ROUTE_DOMAIN_STATES)[number]

/** A domain as the provider knows it. `detail`: its own words, where it has some. */
export interface RouteDomain {
  readonly domain: string
  readonly state: RouteDomainState
  readonly detail: string | null
}

/** What may be sent, and what has been. */
export interface Quota {
  readonly used: number
  /** Null where the provider does not tell it. */
  readonly limit: number | null
  readonly per: '24 hours' | 'month'
  readonly perSecond: number | null
}

export const ACCOUNT_CHECKS = {
  key: 'Key',
  connection: 'Connection',
  login: 'Log-in',
  sending: 'Sending',
  quota: 'Quota',
  domains: 'Domains',
} as const
export type AccountCheckId = keyof typeof ACCOUNT_CHECKS

/** One thing that was looked at: what was seen, and what it means where something is wrong. */
export interface AccountCheck {
  readonly id: AccountCheckId
  readonly status: 'ok' | 'warn' | 'fail' | 'skip'
  readonly ms: number
  readonly evidence: string
  readonly cause: string | null
}

export interface AccountExamination {
  readonly checks: readonly AccountCheck[]
  readonly quota: Quota | null
  /** Null where they could not be read: what was known before stays. */
  readonly domains: readonly RouteDomain[] | null
}

export function check(
  id: AccountCheckId,
  status: AccountCheck['status'],
  ms: number,
  evidence: string,
  cause: string | null = null,
): AccountCheck {
  return { id, status, ms: Math.round(ms), evidence, cause }
}

/** Beyond this share of a quota somebody should know before it is used up. */
const NEARLY_USED = 0.9

export function quotaCheck(quota: Quota | null, ms: number): AccountCheck {
  if (!quota) return check('quota', 'skip', ms, 'The provider did not tell how much may be sent.')
  const { used, limit, per, perSecond } = quota
  const window = per === 'month' ? 'this month' : 'in the last 24 hours'
  const rate = perSecond === null ? '' : ` At most ${number(perSecond)} a second.`
  if (limit === null) return check('quota', 'ok', ms, `${number(used)} mails were sent ${window}.${rate}`)
  const evidence = `${number(used)} of ${number(limit)} mails were sent ${window}.${rate}`
  if (used >= limit) return check('quota', 'fail', ms, evidence, 'The quota is used up: mail waits until it is renewed.')
  if (used >= NEARLY_USED * limit)
    return check('quota', 'warn', ms, evidence, 'The quota is nearly used up. What exceeds it waits.')
  return check('quota', 'ok', ms, evidence)
}

const NAMES_SHOWN = 20

export function domainsCheck(domains: readonly RouteDomain[], ms: number): AccountCheck {
  const verified = domains.filter(({ state }) => state === 'verified')
  const others = domains.filter(({ state }) => state !== 'verified')
  const shown = [...others, ...verified].slice(0, NAMES_SHOWN)
  const rest = domains.length - shown.length
  const lines = shown.map(({ domain, state, detail }) => `${domain}: ${state}${detail ? ` (${detail})` : ''}`)
  const evidence = [...lines, ...(rest > 0 ? [`and ${number(rest)} more`] : [])].join('\n')
  if (domains.length === 0)
    return check(
      'domains',
      'fail',
      ms,
      'The account has no domain.',
      'Mail goes out only from domains that were added and verified there.',
    )
  if (verified.length === 0)
    return check(
      'domains',
      'fail',
      ms,
      evidence,
      'No domain of the account is verified, so no mail goes out. Its DNS records are shown there.',
    )
  if (others.length > 0) return check('domains', 'warn', ms, evidence, 'Mail from a domain that is not verified is refused.')
  return check('domains', 'ok', ms, evidence)
}

/** Every report has every check, so that one sees what remains to be seen. */
export function withTheRest(checks: readonly AccountCheck[]): AccountCheck[] {
  return (Object.keys(ACCOUNT_CHECKS) as AccountCheckId[]).map(
    (id) => checks.find((made) => made.id === id) ?? check(id, 'skip', 0, 'Not reached.'),
  )
}

function number(value: number): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: 2 })
}
