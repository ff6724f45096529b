import type { AccountCheck, AccountCheckId, Quota } from '../../delivery/provider-accounts/account.ts'
import type { Judgement } from './finding.ts'

/** Checks that say how the provider thinks of the account; whether it can be reached is the route's own affair. */
const TELLING: readonly AccountCheckId[] = ['sending', 'quota', 'login', 'key']
/** From this share of a quota on somebody should act before it is used up. */
const QUOTA_WARNING = 0.8

export interface AccountFacts {
  readonly routeName: string
  readonly checks: readonly AccountCheck[]
  readonly quota: Quota | null
}

/** The provider's own word on the account behind a route: whether it may send, and how much of its quota is left. */
export function judgeAccount({ routeName, checks, quota }: AccountFacts): Judgement {
  const telling = checks.filter(({ id }) => TELLING.includes(id))
  const share = quota?.limit ? quota.used / quota.limit : null
  const evidence = { checks: telling, quota }
  const worst = telling.find(({ status }) => status === 'fail') ?? telling.find(({ status }) => status === 'warn')
  if (worst)
    return {
      state: worst.status === 'fail' ? 'bad' : 'warning',
      sentence: `${routeName}: ${worst.evidence}`,
      hint: worst.cause ?? 'Look into the provider’s console, and let another route take the mail until then.',
      evidence,
    }
  if (!telling.some(({ status }) => status === 'ok'))
    return {
      state: 'unknown',
      sentence: `${routeName}: the provider did not answer, or the key may not ask.`,
      hint: '',
      evidence,
    }
  const said = telling
    .filter(({ id, status }) => status === 'ok' && (id === 'sending' || id === 'quota'))
    .map((each) => each.evidence)
  const sentence = `${routeName}: ${said.join(' ') || 'The provider says nothing against the account.'}`
  return share !== null && share >= QUOTA_WARNING
    ? { state: 'warning', sentence, hint: 'Ask the provider for a higher quota, or let another route take the rest.', evidence }
    : { state: 'good', sentence, hint: '', evidence }
}
