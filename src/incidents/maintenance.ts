import type { Database } from '../db/database.ts'
import { inChunks } from '../jobs/in-chunks.ts'
import type { PeriodicJob } from '../jobs/periodic.ts'
import { DAY, HOUR } from '../lib/clock.ts'
import { deleteResolvedBefore } from './queries.ts'

const KEPT_MS = 180 * DAY
const CHUNK = 500

/** What is over is kept for half a year, for whoever asks how often it happens. */
export function incidentJobs(database: Database): PeriodicJob[] {
  return [
    {
      name: 'incidents.forget',
      everyMs: 6 * HOUR,
      run: (now) => inChunks(database, CHUNK, (tx) => deleteResolvedBefore(tx, new Date(now.getTime() - KEPT_MS), CHUNK)),
    },
  ]
}
