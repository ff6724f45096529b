import { type Database, ENGINE } from '../../db/database.ts'
import { listDomains } from '../../delivery/domains/manage.ts'
import { findAccount } from '../../delivery/provider-accounts/refresh.ts'
import { listRoutes } from '../../delivery/routes/manage.ts'
import type { Route } from '../../delivery/routes/route.ts'
import type { LookupFailureKind, Resolver } from '../../dns/resolver.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR, MINUTE } from '../../lib/clock.ts'
import { isPrivateAddress } from '../../net/private-address.ts'
import { askList, listsThatWork, reasonOf } from './ask-lists.ts'
import { judgeListing, questionOf } from './blocklist-answer.ts'
import { BLOCKLISTS, type Blocklist } from './blocklists.ts'
import { judgeComplaints } from './complaints.ts'
import type { Finding, Judgement } from './finding.ts'
import { judgeAccount } from './provider-account.ts'
import { deleteChanges, selectComplaints, selectWorkspaceIds, takeStale } from './queries.ts'
import { forgetFinding, recordFinding } from './record.ts'
import { judgeReverse } from './reverse-dns.ts'

export interface ReputationDeps {
  readonly database: Database
  readonly resolver: Resolver
  /** WAYBILL_PUBLIC_ADDRESSES: what the world sees of this machine. */
  readonly publicAddresses: readonly string[]
  /** From where this machine's connections begin, by its own routing. */
  readonly sourceAddress: (family: 4 | 6) => Promise<string | null>
  /** What the server calls itself where a route does not say. */
  readonly heloName: string
  readonly lists?: readonly Blocklist[]
}

const LOOK_EVERY_MS = 6 * HOUR
const STALE_MS = 3 * DAY
const HISTORY_MS = 400 * DAY
const COMPLAINT_DAYS = 7
const CHUNK = 500
/** Of one workspace: the lists are asked one by one, and owe us nothing. */
const MAX_DOMAINS = 50
const MAX_NAMES = 5

export function reputationReadingJobs(deps: ReputationDeps): PeriodicJob[] {
  return [{ name: 'reputation.look', everyMs: LOOK_EVERY_MS, run: (now) => lookAtReputation(deps, now) }]
}

export function reputationJobs({ database }: Pick<ReputationDeps, 'database'>): PeriodicJob[] {
  return [
    { name: 'reputation.complaints', everyMs: 15 * MINUTE, run: (now) => lookAtComplaints(database, now) },
    { name: 'reputation.accounts', everyMs: 15 * MINUTE, run: (now) => lookAtAccounts(database, now) },
    { name: 'reputation.forget', everyMs: 6 * HOUR, run: (now) => forget(database, now) },
  ]
}

/** Addresses and domains of every workspace: name and way back, and the lists. One question at a time. */
export async function lookAtReputation(deps: ReputationDeps, now: Date): Promise<void> {
  const lists = await listsThatWork(deps.resolver, deps.lists ?? BLOCKLISTS)
  for (const workspaceId of await selectWorkspaceIds(deps.database.db)) {
    for (const route of await listRoutes(deps.database.db, workspaceId)) await lookAtRoute(deps, route, lists, now)
    const domains = (await listDomains(deps.database.db, workspaceId)).slice(0, MAX_DOMAINS)
    for (const { name } of domains)
      await askLists(deps, { workspaceId, subjectKind: 'domain', subject: name, routeId: null }, lists, now)
  }
}

async function lookAtRoute(deps: ReputationDeps, route: Route, lists: readonly Blocklist[], now: Date): Promise<void> {
  if (route.way.kind !== 'mx') return
  const { workspaceId, id: routeId, way } = route
  const addresses = await addressesOf(deps, way.settings.source_addresses)
  await record(
    deps,
    { workspaceId, subjectKind: 'route', subject: routeId, checkId: 'source', routeId, ...judgeSource(route.name, addresses) },
    now,
  )
  for (const subject of addresses) {
    const about = { workspaceId, subjectKind: 'address', subject, routeId } as const
    const judged = await reverseOf(deps.resolver, subject, way.settings.helo_name ?? deps.heloName)
    await record(deps, { ...about, checkId: 'reverse_dns', ...judged }, now)
    await askLists(deps, about, lists, now)
  }
}

/** What the world sees: what the route says, else what was set, else what this machine's own routing says; private ones stand for what was set. */
async function addressesOf({ publicAddresses, sourceAddress }: ReputationDeps, configured: readonly string[]): Promise<string[]> {
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

function judgeSource(routeName: string, addresses: readonly string[]): Judgement {
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

export async function reverseOf(resolver: Resolver, address: string, heloName: string): Promise<Judgement> {
  const asked = await resolver.ptr(address)
  const names = asked.ok ? asked.found.slice(0, MAX_NAMES) : asked.kind
  const forward: Record<string, readonly string[] | LookupFailureKind> = {}
  for (const name of Array.isArray(names) ? names : []) {
    const found = await resolver.addressesOf(name, address.includes(':') ? 6 : 4)
    forward[name] = found.ok ? found.found.map((each) => each.address) : found.kind
  }
  return judgeReverse({ address, heloName, names, forward })
}

async function askLists(
  deps: ReputationDeps,
  about: Pick<Finding, 'workspaceId' | 'subjectKind' | 'subject' | 'routeId'>,
  lists: readonly Blocklist[],
  now: Date,
): Promise<void> {
  for (const list of lists) {
    const question = questionOf(list, about.subject)
    if (question === null) continue
    const answer = await askList(deps.resolver, list, question)
    const reason = answer.kind === 'listed' ? await reasonOf(deps.resolver, question) : null
    await record(deps, { ...about, checkId: `blocklist:${list.zone}`, ...judgeListing(list, about.subject, answer, reason) }, now)
  }
}

export async function lookAtComplaints(database: Database, now: Date): Promise<void> {
  const facts = await selectComplaints(database.db, new Date(now.getTime() - COMPLAINT_DAYS * DAY))
  for (const { workspaceId, receiver, sent, complained } of facts) {
    const judged = judgeComplaints({ receiver, days: COMPLAINT_DAYS, sent, complained })
    await record(
      { database },
      { workspaceId, subjectKind: 'receiver', subject: receiver, checkId: 'complaints', routeId: null, ...judged },
      now,
    )
  }
}

/** What providers said when they were last asked. */
export async function lookAtAccounts(database: Database, now: Date): Promise<void> {
  for (const workspaceId of await selectWorkspaceIds(database.db)) {
    for (const route of await listRoutes(database.db, workspaceId)) {
      const account = await findAccount(database.db, route)
      if (!account) continue
      const judged = judgeAccount({ routeName: route.name, checks: account.checks, quota: account.quota })
      await record(
        { database },
        { workspaceId, subjectKind: 'route', subject: route.id, checkId: 'provider', routeId: route.id, ...judged },
        now,
      )
    }
  }
}

async function forget(database: Database, now: Date): Promise<void> {
  await inChunks(database, CHUNK, async (tx) => {
    const stale = await takeStale(tx, new Date(now.getTime() - STALE_MS), CHUNK)
    for (const finding of stale) await forgetFinding(tx, finding, now)
    return stale.length
  })
  await inChunks(database, CHUNK, (tx) => deleteChanges(tx, new Date(now.getTime() - HISTORY_MS), CHUNK))
}

function record({ database }: { readonly database: Database }, finding: Finding, now: Date): Promise<void> {
  return database.transaction(ENGINE, (tx) => recordFinding(tx, finding, now))
}
