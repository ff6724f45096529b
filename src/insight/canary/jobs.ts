import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../lib/clock.ts'
import { type LookDeps, lookForProbes } from './look.ts'
import { type ProbeDeps, sendDueProbes } from './probe.ts'
import { deleteRunsBefore } from './queries.ts'

const KEPT_MS = 90 * DAY
const CHUNK = 5_000

/** `wake`: called when mail has become due. */
export function canaryJobs(deps: LookDeps & ProbeDeps & { readonly wake: () => void }): PeriodicJob[] {
  return [
    {
      name: 'canary.send',
      everyMs: 10 * SECOND,
      run: async (now) => {
        if ((await sendDueProbes(deps, now)) > 0) deps.wake()
      },
    },
    {
      name: 'canary.forget',
      everyMs: HOUR,
      run: (now) => inChunks(deps.database, CHUNK, (tx) => deleteRunsBefore(tx, new Date(now.getTime() - KEPT_MS), CHUNK)),
    },
  ]
}

export function canaryReadingJobs(deps: LookDeps): PeriodicJob[] {
  return [{ name: 'canary.look', everyMs: MINUTE, run: (now) => lookForProbes(deps, now) }]
}
