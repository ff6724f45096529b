import { SECOND } from '../../lib/clock.ts'
import { Explained } from '../../lib/explained.ts'
import { SealBroken } from '../../lib/secrets.ts'
import { API_TIMEOUTS } from '../providers/http/options.ts'
import { type ProviderDeps, toScalewayOptions, toSesOptions } from '../providers/open-provider.ts'
import { examineScaleway } from '../providers/scaleway/account.ts'
import { examineSes } from '../providers/ses/account.ts'
import type { Route, Way } from '../routes/route.ts'
import { type AccountExamination, check, withTheRest } from './account.ts'

/** A person waits for this, and nothing is lost by asking again. */
const TIMEOUTS = { ...API_TIMEOUTS, tcp: 10 * SECOND, tls: 10 * SECOND, answer: 15 * SECOND, reading: 10 * SECOND }

export type ExamineDeps = Pick<ProviderDeps, 'clock' | 'resolver' | 'secrets' | 'allowPrivateNetworks'>
/** A route whose mail goes through a provider's API, where there is an account to ask about. */
export type ApiRoute = Route & { readonly way: Extract<Way, { kind: 'ses' | 'scaleway' }> }

export function isApiRoute(route: Route): route is ApiRoute {
  return route.way.kind === 'ses' || route.way.kind === 'scaleway'
}

/** Asks the provider about the account behind a route. Never rejects for what may be wrong with it: that is a check of the answer. */
export async function examineAccount(route: ApiRoute, deps: ExamineDeps): Promise<AccountExamination> {
  try {
    const { way } = route
    const found =
      way.kind === 'ses'
        ? await examineSes({ ...toSesOptions(route, way.settings, deps), timeouts: TIMEOUTS }, deps)
        : await examineScaleway({ ...toScalewayOptions(route, way.settings, deps), timeouts: TIMEOUTS }, deps)
    const key = check('key', 'ok', 0, 'There is one, and it can be opened.')
    return { ...found, checks: found.checks.map((each) => (each.id === 'key' ? key : each)) }
  } catch (error) {
    if (!(error instanceof SealBroken || error instanceof Explained)) throw error
    return { checks: withTheRest([check('key', 'fail', 0, ...whyNoKey(error))]), quota: null, domains: null }
  }
}

function whyNoKey(error: Error): [evidence: string, cause: string] {
  return error instanceof SealBroken
    ? [
        'The key is there and cannot be opened.',
        'WAYBILL_SECRET is not the one it was stored with. Enter the key again in the settings of this route.',
      ]
    : ['There is no key.', error.message]
}
