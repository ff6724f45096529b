import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR } from '../../lib/clock.ts'
import { type PollDeps, scalewayPolling } from './poll-scaleway.ts'
import { deleteOldFeedback, forgetBodies } from './queries.ts'
import { silenceWatch } from './watch.ts'

const CHUNK = 500
const BODIES_KEPT_MS = 7 * DAY
/** As long as a repetition may come and must be known as one; no provider repeats for longer. */
const ROWS_KEPT_MS = 30 * DAY

/** What has to be done now and then for what is heard later. */
export function feedbackJobs(deps: PollDeps): PeriodicJob[] {
  const { database } = deps
  return [
    scalewayPolling(deps),
    silenceWatch(database),
    {
      name: 'delivery.forget_feedback',
      everyMs: HOUR,
      async run(now) {
        await inChunks(database, CHUNK, (tx) => forgetBodies(tx, new Date(now.getTime() - BODIES_KEPT_MS), CHUNK))
        await inChunks(database, CHUNK, (tx) => deleteOldFeedback(tx, new Date(now.getTime() - ROWS_KEPT_MS), CHUNK))
      },
    },
  ]
}
