import { type Database, ENGINE } from '../../../db/database.ts'
import type { Domain } from '../../../delivery/domains/domain.ts'
import { relayNeeds } from '../../../delivery/domains/spf-needs.ts'
import type { Resolver } from '../../../dns/resolver.ts'
import type { Clock } from '../../../lib/clock.ts'
import { isPrivateAddress } from '../../../net/private-address.ts'
import type { Reach } from './exam.ts'
import { examineDomain } from './examine-domain.ts'
import { type KnowledgeDeps, ourKnowledge } from './our-knowledge.ts'
import { createReach } from './reach.ts'
import type { DomainCheck, DomainReport } from './report.ts'

export interface OutsideDeps {
  readonly resolver: Resolver
  readonly clock: Clock
  readonly heloName: string
  readonly allowPrivate: boolean
  /** In the place of the network, in tests. */
  readonly reach?: Reach
}

export interface DomainDoctorDeps extends OutsideDeps, KnowledgeDeps {
  readonly database: Database
  /** What the world sees mail come from, where a route does not say. */
  readonly publicAddresses: readonly string[]
}

/** What a person says of a domain that nobody looks after here. */
export interface Hints {
  readonly selectors: readonly string[]
  readonly addresses: readonly string[]
  /** The relay that its mail leaves by. */
  readonly relay: string | null
}

/** Looks at any domain as the world sees it. */
export function examineFromOutside(
  deps: OutsideDeps,
  domain: string,
  { selectors, addresses, relay }: Hints,
  signal: AbortSignal,
  onChecked?: (check: DomainCheck) => void,
): Promise<DomainReport> {
  const { resolver, clock } = deps
  const exam = {
    domain,
    resolver,
    reach: deps.reach ?? createReach({ ...deps, signal }),
    ours: null,
    selectors,
    addresses,
    heloName: null,
    needed: relay === null ? addresses.map((address) => `ip${address.includes(':') ? 6 : 4}:${address}`) : relayNeeds(relay),
    now: clock.now(),
  }
  return examineDomain(exam, onChecked)
}

/** Looks at a domain of ours, with everything that our own tables know. */
export async function examineOurs(deps: DomainDoctorDeps, domain: Domain, signal: AbortSignal): Promise<DomainReport> {
  const { database, resolver, clock, hosts } = deps
  const now = clock.now()
  // As the engine: the workspace is that of the domain, and private keys are read.
  const { ours, sources, sendsDirectly } = await database.transaction(ENGINE, (tx) => ourKnowledge(tx, deps, domain, now), {
    readOnly: true,
  })
  const seen = deps.publicAddresses.length > 0 ? deps.publicAddresses : await publicAddressesOf(resolver, hosts.mailHost)
  const addresses = sources.length > 0 || !sendsDirectly ? sources : seen
  return examineDomain({
    domain: domain.name,
    resolver,
    reach: deps.reach ?? createReach({ ...deps, signal }),
    ours,
    selectors: [],
    addresses: addresses.filter((address) => !isPrivateAddress(address)),
    heloName: sendsDirectly ? deps.heloName : null,
    needed: [],
    now,
  })
}

async function publicAddressesOf(resolver: Resolver, host: string): Promise<string[]> {
  const answer = await resolver.addresses(host)
  return answer.ok ? answer.found.map(({ address }) => address) : []
}
