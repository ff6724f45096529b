import type { Provider } from '../../src/delivery/providers/provider.ts'
import {
  DEFAULT_LIMITS,
  RELAY_TIMEOUTS,
  type SmtpLimits,
  type SmtpOptions,
  type SmtpTimeouts,
  VERIFIED_TLS,
} from '../../src/delivery/providers/smtp/options.ts'
import type { PoolDeps } from '../../src/delivery/providers/smtp/pool.ts'
import { createSmtpProvider } from '../../src/delivery/providers/smtp/smtp-provider.ts'
import { machineClock } from '../../src/lib/clock.ts'
import { fixedResolver } from './dns.ts'
import { authority } from './tls.ts'

export type RouteWishes = Omit<Partial<SmtpOptions>, 'limits' | 'timeouts'> & {
  readonly limits?: Partial<SmtpLimits>
  readonly timeouts?: Partial<SmtpTimeouts>
}

/** A route to a server of this machine, in clear and patient, unless a test wishes otherwise. The authority of test/support/tls.ts is trusted. */
function routeTo(server: { readonly port: number }, { limits, timeouts, ...wishes }: RouteWishes = {}): SmtpOptions {
  return {
    name: 'test route',
    mode: 'relay',
    host: '127.0.0.1',
    port: server.port,
    security: 'none',
    auth: null,
    heloName: 'waybill.example.com',
    tls: { ...VERIFIED_TLS, ca: authority },
    allowPrivate: true,
    ...wishes,
    limits: { ...DEFAULT_LIMITS, ...limits },
    timeouts: { ...RELAY_TIMEOUTS, ...timeouts },
  }
}

export type DisposableProvider = Provider & AsyncDisposable

export function providerTo(
  server: { readonly port: number },
  wishes: RouteWishes = {},
  deps: Partial<PoolDeps> = {},
): DisposableProvider {
  const provider = createSmtpProvider(routeTo(server, wishes), {
    resolver: fixedResolver({ 'smtp.test': ['127.0.0.1'] }),
    clock: machineClock,
    ...deps,
  })
  return Object.assign(Object.create(provider) as Provider, { [Symbol.asyncDispose]: () => provider.close(1_000) })
}
