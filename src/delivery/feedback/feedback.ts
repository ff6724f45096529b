import type { Database } from '../../db/database.ts'
import type { Resolver } from '../../dns/resolver.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Secrets } from '../../lib/secrets.ts'
import type { Log } from '../../log.ts'
import { createMailParser } from '../../mail/mail-parser.ts'
import { type FetchText, fetchText } from './fetch-text.ts'
import { feedbackJobs } from './jobs.ts'
import { createVerifier } from './sns/verify.ts'
import { createFeedbackWorker, type FeedbackWorker } from './worker.ts'

export interface FeedbackReader extends FeedbackWorker {
  readonly jobs: readonly PeriodicJob[]
}

interface Deps {
  readonly database: Database
  readonly clock: Clock
  readonly secrets: Secrets
  readonly log: Log
  readonly mayClaim: () => boolean
  readonly resolver: Resolver
  readonly allowPrivateNetworks: boolean
  /** How certificates and confirmations are fetched; over the network when left out. */
  readonly fetchText?: FetchText
}

/** Everything that reads what is heard later: one for the process. */
export function createFeedbackReader({ fetchText: fetcher = fetchText, ...deps }: Deps): FeedbackReader {
  const parser = createMailParser()
  const worker = createFeedbackWorker({ ...deps, fetchText: fetcher, verify: createVerifier(fetcher), parser })
  return {
    ...worker,
    jobs: feedbackJobs({ ...deps, wake: worker.wake }),
    async stop() {
      await worker.stop()
      await parser.close()
    },
  }
}
