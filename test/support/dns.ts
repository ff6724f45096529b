import { isIP } from 'node:net'
import type { LookupFailureKind, Resolver } from '../../src/dns/resolver.ts'

/** Names that only a test knows; a string instead of addresses is why there are none. Everything else does not exist. */
export function fixedResolver(names: Readonly<Record<string, readonly string[] | LookupFailureKind>> = {}): Resolver {
  return {
    async addresses(host) {
      if (isIP(host) !== 0) return { ok: true, found: [found(host)] }
      const known = names[host] ?? 'nxdomain'
      if (typeof known === 'string') return { ok: false, kind: known, message: `${host}: ${known}` }
      return { ok: true, found: known.map(found) }
    },
  }
}

function found(address: string): { address: string; family: 4 | 6; ttlSeconds: number } {
  return { address, family: isIP(address) === 6 ? 6 : 4, ttlSeconds: 60 }
}
