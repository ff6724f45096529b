import { hostname } from 'node:os'
import type { Database } from '../db/database.ts'
import type { Clock } from '../lib/clock.ts'
import { MINUTE } from '../lib/clock.ts'
import { type Id, newId } from '../lib/ids.ts'
import type { Log } from '../log.ts'
import { type FinishedJob, leaseDueJob, registerJobs } from './queries.ts'

export { freeJobs } from './queries.ts'

/** Work that comes round again. It must be safe to do twice: a process that dies in the middle leaves it to the next one. */
export interface PeriodicJob {
  readonly name: string
  readonly everyMs: number
  run(now: Date): Promise<unknown>
}

export interface PeriodicWorker {
  start(): Promise<void>
  stop(): Promise<void>
}

/** A worker that disappears keeps its job from the others for so long. One that takes longer may be joined by another: jobs allow that. */
const LEASE_MS = MINUTE
const LOOK_EVERY_MS = 1_000

/** Runs periodic jobs. Any number of processes may: each due job is leased by one of them. */
export function createPeriodicWorker(deps: {
  database: Database
  clock: Clock
  log: Log
  jobs: readonly PeriodicJob[]
}): PeriodicWorker {
  const { database, clock, log, jobs } = deps
  const owner = newId<Id<'worker'>>()
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null
  let stopping = false

  async function look(): Promise<void> {
    let finished: FinishedJob | null = null
    for (;;) {
      if (stopping && !finished) return
      const now = clock.now()
      const wanted = stopping ? [] : jobs.map((job) => job.name)
      const name = await leaseDueJob(database.db, wanted, owner, finished, new Date(now.getTime() + LEASE_MS), now)
      const job = jobs.find((candidate) => candidate.name === name)
      if (!job) return
      const error = await run(job, now)
      if (error)
        log.warn({ err: error, job: job.name, host: hostname() }, 'a periodic job failed; it runs again at its next time')
      const dueAt = new Date(clock.now().getTime() + job.everyMs)
      finished = { name: job.name, dueAt, error: error?.message ?? null }
    }
  }

  function tick(): void {
    if (running) return
    running = look()
      .catch((error: Error) => log.warn({ err: error }, 'periodic jobs could not be looked at; trying again'))
      .finally(() => {
        running = null
      })
  }

  return {
    async start() {
      await registerJobs(
        database.db,
        jobs.map((job) => job.name),
        clock.now(),
      )
      timer = setInterval(tick, LOOK_EVERY_MS)
    },
    async stop() {
      stopping = true
      if (timer) clearInterval(timer)
      await running
    },
  }
}

/** Why it failed, or null. */
async function run(job: PeriodicJob, now: Date): Promise<Error | null> {
  try {
    await job.run(now)
    return null
  } catch (error) {
    return error as Error
  }
}
