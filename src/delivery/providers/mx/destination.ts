import type { Lookup, Resolver } from '../../../dns/resolver.ts'
import type { Ending } from '../smtp/ending.ts'
import { orderOf } from './host-order.ts'
import { type MtaStsPolicy, matchesPolicy } from './mta-sts.ts'
import type { Policies } from './policies.ts'

/** Where mail for a domain goes, or why it cannot. */
export type Destination =
  | {
      readonly ok: true
      /** In the order in which they are tried. */
      readonly hosts: readonly string[]
      /** MTA-STS demands a valid certificate, and no mail in clear. */
      readonly enforced: boolean
    }
  | { readonly ok: false; readonly ending: Ending }

export interface DestinationDeps {
  readonly resolver: Resolver
  readonly policies: Policies
  readonly random: () => number
}

export async function findDestination(domain: string, { resolver, policies, random }: DestinationDeps): Promise<Destination> {
  const [mx, policy] = await Promise.all([resolver.mx(domain), policies.policyOf(domain)])
  // The root is no server: alone it is a null MX, beside others a slip of somebody's pen (RFC 7505 §3).
  const named = mx.ok ? mx.found.filter(({ host }) => host !== '') : []
  if (mx.ok && mx.found.length > 0 && named.length === 0) {
    return lost('NULL_MX', `its only MX record is "." (5.1.10)`)
  }
  if (named.length > 0) return allowedBy(policy, domain, orderOf(named, random))
  return mx.ok || mx.kind === 'nodata' ? implicitMx(domain, resolver, policy) : failed(mx)
}

/** RFC 5321 §5.1: a domain without MX records is its own mail server, if it has an address. */
async function implicitMx(domain: string, resolver: Resolver, policy: MtaStsPolicy | null): Promise<Destination> {
  const answer = await resolver.addresses(domain)
  if (answer.ok) return allowedBy(policy, domain, [domain])
  return answer.kind === 'nodata' || answer.kind === 'nxdomain'
    ? lost('ENODATA', `${domain} has neither an MX nor an address record`)
    : failed(answer)
}

function allowedBy(policy: MtaStsPolicy | null, domain: string, hosts: readonly string[]): Destination {
  if (policy?.mode !== 'enforce') return { ok: true, hosts, enforced: false }
  const allowed = hosts.filter((host) => matchesPolicy(host, policy))
  if (allowed.length > 0) return { ok: true, hosts: allowed, enforced: true }
  return lost('MTA_STS', `${domain} allows ${policy.mx.join(', ')}, and its MX is ${hosts.join(', ')}`)
}

const CODES = { nxdomain: 'NXDOMAIN', nodata: 'ENODATA', servfail: 'SERVFAIL', timeout: 'TIMEOUT' } as const

function failed(answer: Extract<Lookup<unknown>, { ok: false }>): Destination {
  return lost(CODES[answer.kind], answer.message)
}

function lost(code: string, message: string): Destination {
  return { ok: false, ending: { stage: 'dns', kind: 'lost', code, message, bodySent: false } }
}
