import { inTime } from '../lib/wait.ts'
import type { Lookup, Resolver } from './resolver.ts'

/** A resolver for one piece of work: when its time is over, every question is answered by "not in time", and no more are asked. */
export function limitedResolver(resolver: Resolver, limitMs: number): Resolver {
  const endsAtMs = performance.now() + limitMs
  async function within<Found>(name: string, ask: () => Promise<Lookup<Found>>): Promise<Lookup<Found>> {
    const leftMs = endsAtMs - performance.now()
    const answer = leftMs > 0 ? await inTime(ask(), leftMs) : null
    return answer ?? { ok: false, kind: 'timeout', message: `the name servers took too long for ${name}` }
  }
  return {
    addresses: (host) => within(host, () => resolver.addresses(host)),
    addressesOf: (name, family) => within(name, () => resolver.addressesOf(name, family)),
    mx: (domain) => within(domain, () => resolver.mx(domain)),
    txt: (name) => within(name, () => resolver.txt(name)),
    cname: (name) => within(name, () => resolver.cname(name)),
    ptr: (address) => within(address, () => resolver.ptr(address)),
    ns: (domain) => within(domain, () => resolver.ns(domain)),
  }
}
