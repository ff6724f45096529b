import type { Database } from '../../db/database.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR } from '../../lib/clock.ts'
import { deleteOldNotifications } from './bell-queries.ts'

/** So long an agent may answer a notification by mail, and so long it is in the list. */
export const NOTIFICATION_LIFETIME_MS = 90 * DAY
const DELETED_AT_ONCE = 1_000

export function notificationJobs(database: Database): PeriodicJob[] {
  return [
    {
      name: 'helpdesk.forget_notifications',
      everyMs: 6 * HOUR,
      run: (now) => {
        const before = new Date(now.getTime() - NOTIFICATION_LIFETIME_MS)
        return inChunks(database, DELETED_AT_ONCE, (tx) => deleteOldNotifications(tx, before, DELETED_AT_ONCE))
      },
    },
  ]
}
