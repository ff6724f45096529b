import type { LookupFailureKind, MxRecord, Resolver } from '../../dns/resolver.ts'
import { OTHER } from './receiver-seeds.ts'
import { receiverOfMx, registrableDomain } from './roll-up.ts'

/** Who receives for a domain, as far as the DNS said. */
export interface Looked {
  readonly receiver: string
  readonly mxHosts: readonly MxRecord[]
  readonly nullMx: boolean
  readonly trouble: LookupFailureKind | null
}

export async function lookUpReceiver(resolver: Resolver, domain: string): Promise<Looked> {
  const answer = await resolver.mx(domain)
  if (answer.ok) {
    const mxHosts = answer.found.toSorted((a, b) => a.preference - b.preference)
    const receiver = receiverOfMx(mxHosts)
    return { receiver: receiver ?? registrableDomain(domain), mxHosts, nullMx: receiver === null, trouble: null }
  }
  // RFC 5321 §5.1: without an MX the domain's own address receives.
  if (answer.kind === 'nodata') return { receiver: registrableDomain(domain), mxHosts: [], nullMx: false, trouble: null }
  return { receiver: OTHER, mxHosts: [], nullMx: false, trouble: answer.kind }
}
