import type { Database } from '../db/database.ts'
import { inChunks } from '../jobs/in-chunks.ts'
import type { PeriodicJob } from '../jobs/periodic.ts'
import { DAY, MINUTE } from '../lib/clock.ts'
import { deleteOldDeliveries } from './queries.ts'

/** So long one can see what was sent and answered. */
const LOG_KEPT_MS = 10 * DAY
const CHUNK = 1_000

export function webhookJobs(database: Database): PeriodicJob[] {
  return [
    {
      name: 'webhooks.forget',
      everyMs: 10 * MINUTE,
      run: (now) => inChunks(database, CHUNK, (tx) => deleteOldDeliveries(tx, new Date(now.getTime() - LOG_KEPT_MS), CHUNK)),
    },
  ]
}
