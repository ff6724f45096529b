import { type Database, ENGINE } from '../../db/database.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { HOUR, MINUTE, SECOND } from '../../lib/clock.ts'
import { inTime } from '../../lib/wait.ts'
import { findRoute } from '../routes/manage.ts'
import type { Route } from '../routes/route.ts'
import type { AccountExamination } from './account.ts'
import { type ExamineDeps, examineAccount, isApiRoute } from './examine.ts'
import { replaceExamination, selectUnexamined } from './queries.ts'

export { type AccountRow, type DomainRow, selectAccount as findAccount, selectRouteDomains as routeDomains } from './queries.ts'

/** A verified domain seldom changes, a pending one within hours; a used up quota is heard of from the answers themselves. */
const EVERY_MS = 6 * HOUR
const AT_ONCE = 3
const TIME_FOR_ONE_MS = 40 * SECOND

/** What an examination found, kept: whoever decides about ways out reads it there. */
export async function recordExamination(
  database: Database,
  route: Pick<Route, 'workspaceId' | 'id'>,
  found: AccountExamination,
  now: Date,
): Promise<void> {
  await database.transaction(ENGINE, (tx) => replaceExamination(tx, route, found, now))
}

/** Asks about the accounts of routes, those of new and changed routes within a minute. */
export function accountJobs(database: Database, deps: ExamineDeps): PeriodicJob[] {
  return [
    {
      name: 'delivery.examine_accounts',
      everyMs: MINUTE,
      run: async (now) => {
        for (const { workspaceId, id } of await selectUnexamined(database.db, new Date(now.getTime() - EVERY_MS), AT_ONCE)) {
          const route = await findRoute(database.db, workspaceId, id)
          if (!route || !isApiRoute(route)) continue
          const found = await inTime(examineAccount(route, deps), TIME_FOR_ONE_MS)
          await recordExamination(database, route, found ?? { checks: [], quota: null, domains: null }, deps.clock.now())
        }
      },
    },
  ]
}
