import type { PeriodicJob } from '../jobs/periodic.ts'
import { warmUpJob } from './board/hold-back-warm-ups.ts'
import { boardJobs } from './board/watch.ts'
import { canaryJobs, canaryReadingJobs } from './canary/jobs.ts'
import type { LookDeps } from './canary/look.ts'
import type { ProbeDeps } from './canary/probe.ts'
import { type ReputationDeps, reputationJobs, reputationReadingJobs } from './reputation/look.ts'

/** `wake`: called when mail has become due. */
export type WatchingDeps = LookDeps & ProbeDeps & ReputationDeps & { readonly wake: () => void }

/** What is watched in our own database: the receivers board, the probes that leave, complaints and accounts. */
export function watchingJobs(deps: WatchingDeps): PeriodicJob[] {
  return [...boardJobs(deps.database), warmUpJob(deps.database), ...canaryJobs(deps), ...reputationJobs(deps)]
}

/** What waits for other people's servers, minutes at times: mailboxes, name servers. It has a worker of its own, so that nothing waits for it. */
export function outsideJobs(deps: WatchingDeps): PeriodicJob[] {
  return [...canaryReadingJobs(deps), ...reputationReadingJobs(deps)]
}
