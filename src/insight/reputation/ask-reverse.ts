import type { LookupFailureKind, Resolver } from '../../dns/resolver.ts'
import type { ReverseFacts } from './reverse-dns.ts'

const MAX_NAMES = 5

/** The names of an address, and where each of them leads. */
export async function askReverse(resolver: Resolver, address: string, heloName: string): Promise<ReverseFacts> {
  const asked = await resolver.ptr(address)
  const names = asked.ok ? asked.found.slice(0, MAX_NAMES) : asked.kind
  const forward: Record<string, readonly string[] | LookupFailureKind> = {}
  for (const name of Array.isArray(names) ? names : []) {
    const found = await resolver.addressesOf(name, address.includes(':') ? 6 : 4)
    forward[name] = found.ok ? found.found.map((each) => each.address) : found.kind
  }
  return { address, heloName, names, forward }
}
