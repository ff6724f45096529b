import { type Database, ENGINE } from '../../db/database.ts'
import { listDomains } from '../../delivery/domains/manage.ts'
import { findAccount } from '../../delivery/provider-accounts/refresh.ts'
import { listRoutes } from '../../delivery/routes/manage.ts'
import type { Route } from '../../delivery/routes/route.ts'
import type { Resolver } from '../../dns/resolver.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR, MINUTE } from '../../lib/clock.ts'
import { askList, listsThatWork, reasonOf } from './ask-lists.ts'
import { askReverse } from './ask-reverse.ts'
import { judgeListing, questionOf } from './blocklist-answer.ts'
import { BLOCKLISTS, type Blocklist } from './blocklists.ts'
import { judgeComplaints } from './complaints.ts'
import type { Finding } from './finding.ts'
import { judgeAccount } from './provider-account.ts'
import { deleteChanges, selectComplaints, selectWorkspaceIds, takeStale } from './queries.ts'
import { forgetFinding, recordFinding } from './record.ts'
import { judgeReverse } from './reverse-dns.ts'
import { judgeSource, type SourceDeps, sendingAddresses } from './sending-addresses.ts'

export interface ReputationDeps extends SourceDeps {
  readonly database: Database
  readonly resolver: Resolver
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
  const addresses = await sendingAddresses(deps, way.settings.source_addresses)
  await record(
    deps,
    { workspaceId, subjectKind: 'route', subject: routeId, checkId: 'source', routeId, ...judgeSource(route.name, addresses) },
    now,
  )
  for (const subject of addresses) {
    const about = { workspaceId, subjectKind: 'address', subject, routeId } as const
    const judged = judgeReverse(await askReverse(deps.resolver, subject, way.settings.helo_name ?? deps.heloName))
    await record(deps, { ...about, checkId: 'reverse_dns', ...judged }, now)
    await askLists(deps, about, lists, now)
  }
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
async function lookAtAccounts(database: Database, now: Date): Promise<void> {
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
