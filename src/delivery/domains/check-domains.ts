import type { Database, Scope, Tx } from '../../db/database.ts'
import { ENGINE } from '../../db/database.ts'
import { limitedResolver } from '../../dns/limited.ts'
import type { Resolver } from '../../dns/resolver.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { type Clock, MINUTE, SECOND } from '../../lib/clock.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { listRoutes } from '../routes/manage.ts'
import type { Domain, DomainId } from './domain.ts'
import type { Hosts } from './hosts.ts'
import { selectDomain, selectKeys, takeDueDomains } from './queries.ts'
import { recordChecks } from './record-checks.ts'
import type { Publishing } from './records.ts'
import { spfNeeds } from './spf-needs.ts'
import { surveyDomain } from './survey.ts'

export interface DomainDeps {
  readonly database: Database
  readonly resolver: Resolver
  readonly clock: Clock
  readonly hosts: Hosts
  readonly random: () => number
}

/** All questions to the DNS about one domain together take no longer. */
const SURVEY_MS = 20 * SECOND
const AT_ONCE = 16
/** A process that dies while it looks leaves the domain to be looked at again. */
const LEASE_MS = 2 * MINUTE

export async function publishingOf(db: Tx | Database['db'], workspaceId: WorkspaceId, hosts: Hosts): Promise<Publishing> {
  const routes = await listRoutes(db, workspaceId)
  return {
    ...hosts,
    spf: spfNeeds(
      routes.map(({ way }) => way),
      hosts.mailHost,
    ),
  }
}

/** Looks at one domain now. The network is asked between two transactions. Null when there is no such domain. */
export async function checkDomain(
  deps: DomainDeps,
  scope: Scope,
  workspaceId: WorkspaceId,
  id: DomainId,
): Promise<Domain | null> {
  const { database, resolver, clock, hosts, random } = deps
  const known = await database.transaction(
    scope,
    async (tx) => {
      const domain = await selectDomain(tx, workspaceId, id)
      if (!domain) return null
      return { domain, keys: await selectKeys(tx, workspaceId, id), publishing: await publishingOf(tx, workspaceId, hosts) }
    },
    { readOnly: true },
  )
  if (!known) return null
  const results = await surveyDomain(limitedResolver(resolver, SURVEY_MS), known.domain, known.keys, known.publishing)
  return database.transaction(scope, (tx) => recordChecks(tx, known.domain, results, random(), clock.now()))
}

export function domainJobs(deps: DomainDeps): PeriodicJob[] {
  return [{ name: 'domains.check', everyMs: 15 * SECOND, run: () => checkDueDomains(deps) }]
}

/** Those whose time has come, a few at a time until there is none. How many were looked at. */
export async function checkDueDomains(deps: DomainDeps): Promise<number> {
  const { database, clock } = deps
  let looked = 0
  for (;;) {
    const now = clock.now()
    const due = await database.transaction(ENGINE, (tx) => takeDueDomains(tx, new Date(now.getTime() + LEASE_MS), AT_ONCE, now))
    const ended = await Promise.allSettled(due.map(({ workspaceId, id }) => checkDomain(deps, ENGINE, workspaceId, id)))
    looked += due.length
    const failed = ended.find((each) => each.status === 'rejected')
    if (failed) throw failed.reason
    if (due.length < AT_ONCE) return looked
  }
}
