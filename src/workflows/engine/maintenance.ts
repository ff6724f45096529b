import type { Database } from '../../db/database.ts'
import { waitForFollower } from '../../events/follow.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR, MINUTE } from '../../lib/clock.ts'
import { deleteIdleLanes } from './idle-queries.ts'
import { askOverdueToEnd, deleteEndedRuns, deleteVerdicts } from './maintenance-queries.ts'
import { forgetOverdue, tellOverdue } from './overdue.ts'
import { ROUTER } from './router.ts'

/** The story of a run that ended. */
export const RUNS_KEPT_MS = 180 * DAY
/** Why a workflow did, or did not, begin. */
export const VERDICTS_KEPT_MS = 30 * DAY
const AT_ONCE = 1_000

export function maintenanceJobs(database: Database): PeriodicJob[] {
  return [
    {
      name: 'workflows.deadlines',
      everyMs: MINUTE,
      run: (now) => inChunks(database, AT_ONCE, (tx) => askOverdueToEnd(tx, now, AT_ONCE)),
    },
    {
      name: 'workflows.forget',
      everyMs: HOUR,
      run: async (now) => {
        const before = (ms: number) => new Date(now.getTime() - ms)
        await inChunks(database, AT_ONCE, (tx) => deleteEndedRuns(tx, before(RUNS_KEPT_MS), AT_ONCE))
        await inChunks(database, AT_ONCE, (tx) => deleteVerdicts(tx, before(VERDICTS_KEPT_MS), AT_ONCE))
        await inChunks(database, AT_ONCE, (tx) => forgetOverdue(tx, now, AT_ONCE))
      },
    },
    { name: 'workflows.overdue', everyMs: MINUTE, run: (now) => tellOverdue(database, now) },
    { name: 'workflows.idle_lanes', everyMs: 10 * MINUTE, run: () => forgetIdleLanes(database) },
  ]
}

/** Under the lock of whoever reads the log: nobody else puts anything into a lane. */
async function forgetIdleLanes(database: Database): Promise<void> {
  await inChunks(database, AT_ONCE, async (tx) => {
    await waitForFollower(tx, ROUTER)
    return await deleteIdleLanes(tx, AT_ONCE)
  })
}
