/**
 * Goes on with jobs. Each step is a transaction that writes how far the job came with what it did: one that died did nothing. A step that moves runs
 * locks one lane; one that cancels or applies locks none, and writes letters.
 */
import { type Database, ENGINE, isDatabaseUnavailable } from '../../db/database.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { type Clock, MINUTE, SECOND } from '../../lib/clock.ts'
import type { Failpoints } from '../../lib/failpoint.ts'
import type { Log } from '../../log.ts'
import type { Tools } from '../engine/tools.ts'
import { createVersions, type Versions } from '../engine/versions.ts'
import { selectWorkflowNames } from '../queries.ts'
import type { RunId } from '../steps/step.ts'
import { applyStep } from './apply.ts'
import type { Job } from './job.ts'
import { tellEnd } from './jobs.ts'
import { carryRun } from './move-run.ts'
import { askToEnd, countTry, endJob, lockGoing, saveProgress, selectDueJob, selectJob, selectNextRuns } from './queries.ts'

export interface JobsDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly tools: Pick<Tools, 'readSubject'>
  readonly failpoints: Failpoints
  readonly mayClaim: () => boolean
}

/** Then others have their turn. */
const A_TURN_MS = 2 * SECOND
const RUNS_AT_ONCE = 200
const ENDED_AT_ONCE = 1_000
const SUBJECTS_AT_ONCE = 50
/** After so many tries what comes next is left out. */
const TRIES = 3
const STEP_TIMEOUT_MS = 30 * SECOND

export function workflowJobs(deps: JobsDeps): PeriodicJob {
  const versions = createVersions()
  return {
    name: 'workflows.jobs',
    everyMs: SECOND,
    async run() {
      const { clock, database } = deps
      const endsMs = clock.monotonicMs() + A_TURN_MS
      while (deps.mayClaim() && clock.monotonicMs() < endsMs) {
        const job = await selectDueJob(database.db, clock.now())
        if (!job) return
        try {
          // Another process is at it.
          if (!(await goOn(deps, versions, job, endsMs))) return
        } catch (error) {
          if (isDatabaseUnavailable(error)) throw error
          deps.log.error({ err: error as Error, job: job.id, kind: job.kind }, 'a job of a workflow broke off; it is tried again')
          await countTry(database.db, job, new Date(clock.now().getTime() + SECOND * 4 ** Math.min(job.tries, 3)))
        }
      }
    },
  }
}

async function goOn(deps: JobsDeps, versions: Versions, job: Job, endsMs: number): Promise<boolean> {
  if (job.kind === 'apply') return await step(deps, job, (locked, tx, now) => applying(deps, versions, locked, tx, now))
  if (job.kind === 'cancel') return await step(deps, job, cancelling)
  const ids = await selectNextRuns(deps.database.db, job, RUNS_AT_ONCE)
  if (ids.length === 0) return await step(deps, job, async () => null)
  let place = job.place
  for (const id of ids) {
    if (deps.clock.monotonicMs() >= endsMs) return true
    const expected = place
    const isDone = await step(deps, job, async (locked, tx, now) => {
      // Somebody else went on with it meanwhile.
      if (locked.place !== expected) return 'elsewhere'
      return await moving(versions, locked, id, tx, now)
    })
    if (!isDone) return false
    place = id
  }
  return true
}

type Done = { readonly place: string; readonly seen: number; readonly done: number; readonly leftOut: Record<string, number> }
type Tx = Parameters<typeof carryRun>[0]

/** `work` gives how far it came; null: there is nothing left. False: somebody else is at it, or it was stopped. */
async function step(
  { database, clock, failpoints }: JobsDeps,
  job: Job,
  work: (locked: Job, tx: Tx, now: Date) => Promise<(Done & { readonly pauseMs?: number }) | null | 'elsewhere'>,
): Promise<boolean> {
  const now = clock.now()
  return await database.transaction(
    ENGINE,
    async (tx) => {
      const locked = await lockGoing(tx, job)
      if (!locked) return false
      const done = await work(locked, tx, now)
      if (done === 'elsewhere') return false
      if (done === null) {
        await endJob(tx, locked, 'done', now)
        const after = await selectJob(tx, locked.workspaceId, locked.id)
        const [workflow] = await selectWorkflowNames(tx, locked.workspaceId, [locked.workflowId])
        if (after) await tellEnd(tx, after, workflow?.name ?? '', null, now)
      } else await saveProgress(tx, locked, { ...done, dueAt: new Date(now.getTime() + (done.pauseMs ?? 0)) })
      failpoints.reach('workflow_job_before_commit')
      return true
    },
    { statementTimeoutMs: STEP_TIMEOUT_MS },
  )
}

async function moving(versions: Versions, job: Job, id: RunId, tx: Tx, now: Date): Promise<Done> {
  const moved = job.tries >= TRIES ? 'broken' : await carryRun(tx, versions, job.workspaceId, id, job, now)
  const isDone = moved === 'moved' || moved === 'there'
  return { place: id, seen: 1, done: isDone ? 1 : 0, leftOut: isDone ? {} : { [moved]: 1 } }
}

async function cancelling(job: Job, tx: Tx, now: Date): Promise<Done | null> {
  const ids = await selectNextRuns(tx, job, ENDED_AT_ONCE)
  const last = ids.at(-1)
  if (last === undefined) return null
  const done = await askToEnd(tx, job.workspaceId, ids, now)
  return { place: last, seen: ids.length, done, leftOut: done < ids.length ? { over: ids.length - done } : {} }
}

async function applying({ tools }: JobsDeps, versions: Versions, job: Job, tx: Tx, now: Date) {
  const version = await versions.of(tx, job.workspaceId, job.versionId)
  if (!version) return null
  const { perMinute } = job
  // What broke off is looked for one by one.
  const limit = job.tries > 0 ? 1 : Math.min(SUBJECTS_AT_ONCE, perMinute ?? SUBJECTS_AT_ONCE)
  const done = await applyStep(tx, tools, job, version.graph, limit, now, job.tries >= TRIES)
  return done && { ...done, ...(perMinute !== null && { pauseMs: Math.ceil((done.done * MINUTE) / perMinute) }) }
}
