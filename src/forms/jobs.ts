import type { Database } from '../db/database.ts'
import { inChunks } from '../jobs/in-chunks.ts'
import type { PeriodicJob } from '../jobs/periodic.ts'
import { DAY, HOUR, MINUTE } from '../lib/clock.ts'
import { deleteTries, deleteUsed } from './limit-queries.ts'
import { deleteOld, expireWaiting } from './submission-queries.ts'

const AT_ONCE = 1_000
/** Who never confirmed is forgotten: long enough to find out what went wrong, and for "that was not me" to hold. */
const KEPT_MS = 100 * DAY
/** The longest window that is counted is a day. */
const TRIES_MS = 3 * DAY

export function formJobs(database: Database): PeriodicJob[] {
  return [
    {
      name: 'forms.expire',
      everyMs: 10 * MINUTE,
      run: (now) => inChunks(database, AT_ONCE, (tx) => expireWaiting(tx, AT_ONCE, now)),
    },
    {
      name: 'forms.forget',
      everyMs: 6 * HOUR,
      run: async (now) => {
        await inChunks(database, AT_ONCE, (tx) => deleteOld(tx, AT_ONCE, new Date(now.getTime() - KEPT_MS)))
        await inChunks(database, AT_ONCE, (tx) => deleteUsed(tx, AT_ONCE, now))
        await inChunks(database, AT_ONCE, (tx) => deleteTries(tx, AT_ONCE, new Date(now.getTime() - TRIES_MS)))
      },
    },
  ]
}
