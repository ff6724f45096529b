import {
  type AccountCheck,
  type AccountExamination,
  check,
  domainsCheck,
  type Quota,
  quotaCheck,
  type RouteDomain,
  type RouteDomainState,
  withTheRest,
} from '../../provider-accounts/account.ts'
import { type Asked, type Asker, ask } from '../http/ask.ts'
import type { ApiDeps } from '../http/client.ts'
import { connectionCheck, loginCheck } from '../http/examine.ts'
import { SCALEWAY_ERRORS, scalewayErrorIn } from './errors.ts'
import { openScalewayApi, type ScalewayOptions } from './scaleway-api.ts'

const PAGE = 100
const MAX_PAGES = 20
const RATED_SHOWN = 5

/** Asks Scaleway about the project: is the key right, how much was sent, which domains are verified. Sends nothing. */
export async function examineScaleway(options: ScalewayOptions, deps: ApiDeps): Promise<AccountExamination> {
  const api = openScalewayApi(options, deps)
  const asker: Asker = {
    client: api.client,
    headersFor: () => api.headersOf(null),
    rules: SCALEWAY_ERRORS,
    errorIn: scalewayErrorIn,
    monotonicMs: () => deps.clock.monotonicMs(),
    now: deps.clock.now(),
  }
  const project = `project_id=${encodeURIComponent(options.settings.project_id)}`
  try {
    const listed = await domainsOf(asker, project)
    const { first } = listed
    const arrival = [connectionCheck(first), loginCheck(first)]
    const forbidden = !first.ok && first.failure.class === 'sending_disabled'
    if (!first.ok && !forbidden) return { checks: withTheRest(arrival), quota: null, domains: null }
    const consumed = await ask(asker, `/project-consumption?${project}`)
    const quota = consumed.ok ? quotaOf(consumed.document) : null
    const checks = [...arrival, sendingCheck(listed), quotaCheck(quota, consumed.ms), domainCheck(listed)]
    return { checks: withTheRest(checks), quota, domains: listed.found }
  } finally {
    await api.client.close(0)
  }
}

interface Listed {
  readonly first: Asked
  readonly found: readonly RouteDomain[] | null
  readonly locked: readonly string[]
  /** What Scaleway thinks of domains that it has rated. */
  readonly rated: readonly Rated[]
  readonly ms: number
}

async function domainsOf(asker: Asker, project: string): Promise<Listed> {
  const items: unknown[] = []
  let first: Asked | null = null
  let ms = 0
  for (let page = 1; page <= MAX_PAGES; page++) {
    const asked = await ask(asker, `/domains?${project}&page=${page}&page_size=${PAGE}`)
    first ??= asked
    ms += asked.ms
    if (!asked.ok) return { first, found: null, locked: [], rated: [], ms }
    const { domains, total_count: total } = asked.document
    if (Array.isArray(domains)) items.push(...domains)
    if (!Array.isArray(domains) || domains.length === 0 || typeof total !== 'number' || items.length >= total) break
  }
  const found = items.flatMap(toDomain)
  const locked = items.flatMap((item) => ((item as { status?: unknown }).status === 'locked' ? toDomain(item) : []))
  return { first: first as Asked, found, locked: locked.map(({ domain }) => domain), rated: items.flatMap(toRated), ms }
}

const STATES: Readonly<Record<string, RouteDomainState>> = {
  checked: 'verified',
  unchecked: 'pending',
  pending: 'pending',
  autoconfiguring: 'pending',
}

interface Rated {
  readonly domain: string
  /** excellent, good, average, bad */
  readonly status: string
  /** 0 to 100. */
  readonly score: number
}

function toRated(item: unknown): Rated[] {
  const { name, reputation } = (item ?? {}) as Record<string, unknown>
  const { status, score } = (reputation ?? {}) as Record<string, unknown>
  if (typeof name !== 'string' || typeof status !== 'string' || typeof score !== 'number') return []
  return [{ domain: name.toLowerCase(), status: status.slice(0, 40), score }]
}

/** A domain that was given up there is none of the account's any more. */
function toDomain(item: unknown): RouteDomain[] {
  const { name, status, last_error: error } = (item ?? {}) as Record<string, unknown>
  if (typeof name !== 'string' || name === '' || name.length > 255 || status === 'revoked') return []
  const state = STATES[String(status)] ?? 'failed'
  const words = typeof error === 'string' && error !== '' ? error.slice(0, 500) : String(status)
  return [{ domain: name.toLowerCase(), state, detail: state === 'verified' || words === state ? null : words }]
}

function quotaOf({ monthly_emails_count: used }: Readonly<Record<string, unknown>>): Quota | null {
  return typeof used === 'number' ? { used, limit: null, per: 'month', perSecond: null } : null
}

function sendingCheck({ first, locked, rated, ms }: Listed): AccountCheck {
  if (!first.ok) return check('sending', 'skip', ms, 'The key may not ask for this.')
  if (locked.length > 0) {
    const cause = 'Scaleway has locked it, usually for bounces or complaints: ask its support.'
    return check('sending', 'fail', ms, `Locked: ${locked.join(', ')}.`, cause)
  }
  const worst = rated.toSorted((a, b) => a.score - b.score).slice(0, RATED_SHOWN)
  const evidence = [
    'No domain is locked.',
    ...worst.map(({ domain, status, score }) => `${domain}: ${status}, ${score} of 100.`),
  ].join(' ')
  const doubted = worst.some(({ status }) => status === 'average' || status === 'bad')
  if (!doubted) return check('sending', 'ok', ms, evidence)
  return check(
    'sending',
    'warn',
    ms,
    evidence,
    'Scaleway rates by bounces and complaints, and locks a domain whose rating stays bad.',
  )
}

function domainCheck({ found, ms }: Listed): AccountCheck {
  if (found) return domainsCheck(found, ms)
  return check(
    'domains',
    'skip',
    ms,
    'The key may not ask for this; its permission set is called TransactionalEmailDomainReadOnly.',
  )
}
