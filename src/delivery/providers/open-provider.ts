import type { Database } from '../../db/database.ts'
import type { Resolver } from '../../dns/resolver.ts'
import type { Clock } from '../../lib/clock.ts'
import { Explained } from '../../lib/explained.ts'
import type { Secrets } from '../../lib/secrets.ts'
import { sealOf } from '../routes/manage.ts'
import type { Route, SmtpSettings } from '../routes/route.ts'
import { openMxProvider } from './mx/open-mx.ts'
import type { Policies } from './mx/policies.ts'
import type { Provider } from './provider.ts'
import { createSandboxProvider } from './sandbox.ts'
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
    case 'sandbox':
      return createSandboxProvider(deps)
    default:
      throw new Explained(`This version cannot send through a route of the kind ${way.kind}.`)
  }
}

/** A route's password or secret key. Throws `SealBroken` where WAYBILL_SECRET is another than when it was stored. */
export function secretOf({ id, way }: Route, secrets: Secrets): string | null {
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
