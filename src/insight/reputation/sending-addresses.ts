import { isPrivateAddress } from '../../net/private-address.ts'
import type { Judgement } from './finding.ts'

export interface SourceDeps {
  /** WAYBILL_PUBLIC_ADDRESSES: what the world sees of this machine. */
  readonly publicAddresses: readonly string[]
  /** From where this machine's connections begin, by its own routing. */
  readonly sourceAddress: (family: 4 | 6) => Promise<string | null>
}

/** What the world sees: what the route says, else what was set, else what this machine's own routing says; private ones stand for what was set. */
export async function sendingAddresses(
  { publicAddresses, sourceAddress }: SourceDeps,
  configured: readonly string[],
): Promise<string[]> {
  const own =
    configured.length > 0
      ? configured
      : publicAddresses.length > 0
        ? publicAddresses
        : [await sourceAddress(4), await sourceAddress(6)]
  const seen = own.flatMap((address) => {
    if (address === null) return []
    if (!isPrivateAddress(address)) return [address]
    return publicAddresses.filter((each) => each.includes(':') === address.includes(':'))
  })
  return [...new Set(seen)]
}

export function judgeSource(routeName: string, addresses: readonly string[]): Judgement {
  if (addresses.length > 0)
    return {
      state: 'good',
      sentence: `Mail through ${routeName} leaves from ${addresses.join(' and ')}.`,
      hint: '',
      evidence: { addresses },
    }
  return {
    state: 'warning',
    sentence: `It is not known from which address mail through ${routeName} leaves: this machine has private addresses only.`,
    hint: 'Say what the world sees in WAYBILL_PUBLIC_ADDRESSES, or choose source addresses in the settings of the route. Until then its name and blocklists are not looked at.',
    evidence: { addresses },
  }
}
