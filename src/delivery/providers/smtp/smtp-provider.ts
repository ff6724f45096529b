import type { Provider } from '../provider.ts'
import type { SmtpOptions } from './options.ts'
import { Pool, type PoolDeps } from './pool.ts'

/** A route to an SMTP server: a relay that takes mail for everybody. */
export function createSmtpProvider(options: SmtpOptions, deps: PoolDeps): Provider {
  const pool = new Pool(options, deps)
  return {
    kind: 'smtp',
    get capacity() {
      return pool.capacity
    },
    send: (handoff) => pool.add(handoff),
    close: (graceMs) => pool.close(graceMs),
  }
}
