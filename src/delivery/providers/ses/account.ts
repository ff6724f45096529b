import {
  type AccountCheck,
  type AccountExamination,
  check,
  domainsCheck,
  type Quota,
  quotaCheck,
  type RouteDomain,
  withTheRest,
} from '../../provider-accounts/account.ts'
import { type Asked, type Asker, ask } from '../http/ask.ts'
import type { ApiDeps } from '../http/client.ts'
import { connectionCheck, loginCheck } from '../http/examine.ts'
import { SES_ERRORS, sesErrorIn } from './errors.ts'
import { openSesApi, type SesOptions } from './ses-api.ts'

const ACCOUNT = '/v2/email/account'
const IDENTITIES = '/v2/email/identities'
const PAGE = 1_000
const MAX_PAGES = 10

/** Asks Amazon SES about the account: is the key right, may it send, how much, for which domains. Sends nothing. */
export async function examineSes(options: SesOptions, deps: ApiDeps): Promise<AccountExamination> {
  const api = openSesApi(options, deps)
  const asker: Asker = {
    client: api.client,
    headersFor: (path) => api.headersOf('GET', path, null),
    rules: SES_ERRORS,
    errorIn: sesErrorIn,
    monotonicMs: () => deps.clock.monotonicMs(),
    now: deps.clock.now(),
  }
  try {
    const account = await ask(asker, ACCOUNT)
    const arrival = [connectionCheck(account), loginCheck(account)]
    // A key that may send and not ask is a good key: nothing is known about the rest, and nothing is wrong.
    const forbidden = !account.ok && account.failure.class === 'sending_disabled'
    if (!account.ok && !forbidden) return { checks: withTheRest(arrival), quota: null, domains: null }
    const quota = account.ok ? quotaOf(account.document) : null
    const sending = account.ok ? sendingCheck(account.document, account.ms) : notAllowed('sending', 'ses:GetAccount', account.ms)
    const listed = await identities(asker)
    const domains = 'found' in listed ? domainsCheck(listed.found, listed.ms) : notAllowedOr(listed)
    const checks = withTheRest([...arrival, sending, quotaCheck(quota, account.ms), domains])
    return { checks, quota, domains: 'found' in listed ? listed.found : null }
  } finally {
    await api.client.close(0)
  }
}

function sendingCheck(account: Readonly<Record<string, unknown>>, ms: number): AccountCheck {
  const { SendingEnabled: enabled, ProductionAccessEnabled: inProduction, EnforcementStatus: status } = account
  const evidence = `Sending ${enabled === true ? 'enabled' : 'disabled'}; ${inProduction === true ? 'production access' : 'test mode'}; ${String(status ?? 'no status')}.`
  if (enabled !== true)
    return check('sending', 'fail', ms, evidence, 'Amazon has switched off sending for this account: its pages there say why.')
  if (inProduction !== true)
    return check(
      'sending',
      'warn',
      ms,
      evidence,
      'In test mode mail goes only to addresses that were verified. Ask Amazon for production access.',
    )
  if (status !== undefined && status !== 'HEALTHY')
    return check('sending', 'warn', ms, evidence, 'Amazon watches this account for bounces and complaints and may switch it off.')
  return check('sending', 'ok', ms, evidence)
}

function quotaOf({ SendQuota: quota }: Readonly<Record<string, unknown>>): Quota | null {
  const { Max24HourSend: limit, MaxSendRate: perSecond, SentLast24Hours: used } = (quota ?? {}) as Record<string, unknown>
  if (typeof limit !== 'number' || typeof used !== 'number') return null
  // -1 is how Amazon writes "without a limit".
  return { used, limit: limit < 0 ? null : limit, per: '24 hours', perSecond: typeof perSecond === 'number' ? perSecond : null }
}

type Listed = { readonly found: readonly RouteDomain[]; readonly ms: number } | Extract<Asked, { ok: false }>

async function identities(asker: Asker): Promise<Listed> {
  const found: RouteDomain[] = []
  let ms = 0
  let next = ''
  for (let page = 0; page < MAX_PAGES; page++) {
    const asked = await ask(asker, `${IDENTITIES}?${next === '' ? '' : `NextToken=${encodeURIComponent(next)}&`}PageSize=${PAGE}`)
    ms += asked.ms
    if (!asked.ok) return asked
    const { EmailIdentities: items, NextToken: token } = asked.document
    if (Array.isArray(items)) found.push(...items.flatMap(toDomain))
    if (typeof token !== 'string' || token === '') break
    next = token
  }
  return { found, ms }
}

/** Single addresses are identities as well; they speak for no domain. */
function toDomain(item: unknown): RouteDomain[] {
  const {
    IdentityName: name,
    IdentityType: type,
    SendingEnabled: enabled,
    VerificationStatus: status,
  } = (item ?? {}) as Record<string, unknown>
  if (typeof name !== 'string' || type === 'EMAIL_ADDRESS' || name.includes('@') || name.length > 255) return []
  const pending = ['PENDING', 'NOT_STARTED', 'TEMPORARY_FAILURE'].includes(String(status))
  const state = status === 'SUCCESS' || (status === undefined && enabled === true) ? 'verified' : pending ? 'pending' : 'failed'
  const words = String(status ?? '')
    .toLowerCase()
    .replaceAll('_', ' ')
  const detail = state === 'verified' || words === '' || words === state ? null : words
  return [{ domain: name.toLowerCase(), state, detail }]
}

function notAllowedOr(asked: Extract<Asked, { ok: false }>): AccountCheck {
  if (asked.failure.class === 'sending_disabled') return notAllowed('domains', 'ses:ListEmailIdentities', asked.ms)
  return check('domains', 'warn', asked.ms, asked.failure.sentence, asked.failure.hint)
}

function notAllowed(id: 'sending' | 'domains', permission: string, ms: number): AccountCheck {
  return check(id, 'skip', ms, `The key may not ask for this; the permission is called ${permission}.`)
}
