import type { Database } from '../../db/database.ts'
import type { Resolver } from '../../dns/resolver.ts'
import { unreachable } from '../../lib/assert.ts'
import type { Clock } from '../../lib/clock.ts'
import { Explained } from '../../lib/explained.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { sealOf } from '../routes/manage.ts'
import type { Route, ScalewaySettings, SesSettings, SmtpSettings } from '../routes/route.ts'
import { openMxProvider } from './mx/open-mx.ts'
import type { Policies } from './mx/policies.ts'
import type { Provider } from './provider.ts'
import { createSandboxProvider } from './sandbox.ts'
import type { ScalewayOptions } from './scaleway/scaleway-api.ts'
import { createScalewayProvider } from './scaleway/scaleway-provider.ts'
import type { SesOptions } from './ses/ses-api.ts'
import { createSesProvider } from './ses/ses-provider.ts'
import { DEFAULT_LIMITS, RELAY_TIMEOUTS, type SmtpOptions } from './smtp/options.ts'
import { createSmtpProvider } from './smtp/smtp-provider.ts'

export interface ProviderDeps {
  readonly database: Database
  readonly clock: Clock
  readonly resolver: Resolver
  readonly secrets: Secrets
  /** What we call ourselves when the route does not say. */
  readonly heloName: string
  readonly allowPrivateNetworks: boolean
  /** What recipients' domains demand of whoever delivers to them directly. */
  readonly policies: Policies
  readonly random: () => number
}

/** Makes a route's way out from its row. `receiver`: on a direct route, whose mail it is for; null where one way leads to all. */
export function openProvider(route: Route, receiver: string | null, deps: ProviderDeps): Provider | Promise<Provider> {
  const { way } = route
  switch (way.kind) {
    case 'smtp':
      return createSmtpProvider(toSmtpOptions(route.name, way.settings, secretOf(route, deps.secrets), deps), deps)
    case 'mx':
      return openMxProvider(route, way.settings, receiver, deps)
    case 'ses':
      return createSesProvider(toSesOptions(route, way.settings, deps), deps)
    case 'scaleway':
      return createScalewayProvider(toScalewayOptions(route, way.settings, deps), deps)
    case 'sandbox':
      return createSandboxProvider(deps)
    default:
      return unreachable(way)
  }
}

type KeyDeps = Pick<ProviderDeps, 'secrets' | 'allowPrivateNetworks'>

export function toSesOptions(route: Route, settings: SesSettings, deps: KeyDeps): SesOptions {
  const allowPrivate = settings.allow_private || deps.allowPrivateNetworks
  return { settings, secretAccessKey: neededSecret(route, deps.secrets), allowPrivate }
}

export function toScalewayOptions(route: Route, settings: ScalewaySettings, deps: KeyDeps): ScalewayOptions {
  const allowPrivate = settings.allow_private || deps.allowPrivateNetworks
  return { settings, secretKey: neededSecret(route, deps.secrets), allowPrivate }
}

function neededSecret(route: Route, secrets: Secrets): string {
  const secret = secretOf(route, secrets)
  if (secret === null) throw new Explained(`The route ${route.name} has no secret key: enter it in the settings of the route.`)
  return secret
}

/** A route's password or secret key. Throws `SealBroken` where WAYBILL_SECRET is another than when it was stored. */
function secretOf({ id, way }: Route, secrets: Secrets): string | null {
  return way.kind !== 'sandbox' && way.sealedSecret ? secrets.open(way.sealedSecret, sealOf(id)) : null
}

export function toSmtpOptions(
  name: string,
  settings: SmtpSettings,
  password: string | null,
  deps: Pick<ProviderDeps, 'heloName' | 'allowPrivateNetworks'>,
): SmtpOptions {
  return {
    name,
    mode: 'relay',
    host: settings.host,
    port: settings.port,
    security: settings.security,
    auth: settings.user !== null && password !== null ? { kind: 'password', user: settings.user, password } : null,
    heloName: settings.helo_name ?? deps.heloName,
    tls: { verify: true, fingerprint: settings.certificate_fingerprint, ca: null },
    allowPrivate: settings.allow_private || deps.allowPrivateNetworks,
    limits: {
      ...DEFAULT_LIMITS,
      maxConnections: settings.max_connections,
      maxMessagesPerConnection: settings.max_messages_per_connection,
    },
    timeouts: RELAY_TIMEOUTS,
  }
}
