/** The engine of workflows in one process: who reads the log, who works in lanes, and what comes round. */
import type { Database } from '../../db/database.ts'
import { followAnyway, newsFor } from '../../events/follow.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { type Clock, SECOND } from '../../lib/clock.ts'
import type { Failpoints } from '../../lib/failpoint.ts'
import type { Log } from '../../log.ts'
import { keepHeldIncidents } from './held.ts'
import { createLoop } from './loop.ts'
import { maintenanceJobs } from './maintenance.ts'
import { hasNewWaits } from './route-queries.ts'
import { createRouter, NEW_WAITS_AT_ONCE, ROUTER } from './router.ts'
import { fireSchedules } from './schedules.ts'
import type { Tools } from './tools.ts'
import { createVersions } from './versions.ts'
import { createLaneWorker, type LaneWorker } from './worker.ts'

export interface WorkflowEngineDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly tools: Tools
  readonly random: () => number
  readonly failpoints: Failpoints
  readonly host: string
  readonly pid: number
  readonly isAlive: (pid: number) => boolean
  readonly mayClaim: () => boolean
  /** Lanes at a time; never more than there are connections to spare. */
  readonly atOnce?: number
}

export interface WorkflowEngine {
  start(): void
  /** A hint: look at the log, and at what is due. */
  wake(): void
  /** Reads the log and works, until there is nothing to do at this moment. For tests, which turn their own clock. */
  settle(): Promise<void>
  /** What comes round: incidents of what is held, deadlines, and what is kept no longer. */
  readonly jobs: readonly PeriodicJob[]
  counts(): ReturnType<LaneWorker['counts']>
  stop(): Promise<void>
}

const AT_ONCE = 4
const LOOK_EVERY_MS = 250
/** After a hint whose event cannot be read yet: somebody older still writes. */
const LOOK_AGAIN_MS = [4, 12, 40, 100]

export function createWorkflowEngine(deps: WorkflowEngineDeps): WorkflowEngine {
  const { database, clock, log } = deps
  let brought = { letters: 0, waits: 0 }
  let isLookingBack = false
  const router = createRouter(
    (what) => {
      brought = what
      // Before the commit: what was brought is not there, and the place in the log is where it was.
      deps.failpoints.reach('workflow_routed')
    },
    () => isLookingBack,
  )
  const worker = createLaneWorker({
    ...deps,
    atOnce: deps.atOnce ?? AT_ONCE,
    versions: createVersions(),
    monotonicMs: () => clock.monotonicMs(),
    done: ({ waits, held, events }) => {
      if (waits > 0) mayHaveWaits = true
      if (waits > 0 || events > 0) wakeRouter()
      if (held > 0) holding.wake()
    },
  })
  let looks = 0
  /** Something was written into the log that cannot be read yet. */
  let isToCome = false
  /** Waits that nobody has looked back for: those made here are known, those of processes that died are looked for now and then. */
  let mayHaveWaits = false

  /** One step; false when there was nothing to read and nothing to look back for. */
  async function route(): Promise<boolean> {
    if (!deps.mayClaim()) return false
    isLookingBack = mayHaveWaits
    mayHaveWaits = false
    const news = isLookingBack ? 'some' : await database.statement((tx) => newsFor(tx, ROUTER))
    isToCome = news === 'to come'
    if (news !== 'some') return false
    brought = { letters: 0, waits: 0 }
    const events = await followAnyway(database, router, clock.now())
    // Somebody else reads the log at this moment, or there were more than are looked back for at a time.
    if (isLookingBack && (events === null || brought.waits === NEW_WAITS_AT_ONCE)) mayHaveWaits = true
    if (brought.letters > 0) wakeWorker()
    return events !== null && events + brought.waits > 0
  }

  function wakeWorker(): void {
    if (!worker.poke()) working.wake()
  }

  function wakeRouter(): void {
    looks = 0
    routing.wake()
  }

  const routing = createLoop(
    'reading the log for workflows',
    LOOK_EVERY_MS,
    async () => {
      while (await route()) looks = 0
      return isToCome ? (LOOK_AGAIN_MS[looks++] ?? null) : null
    },
    log,
  )
  const working = createLoop(
    'work on workflows',
    LOOK_EVERY_MS,
    async () => {
      await worker.drain()
      return null
    },
    log,
  )
  const firing = createLoop(
    'workflows by the clock',
    SECOND,
    async () => {
      const fired = deps.mayClaim() && (await fireSchedules(database, clock.now())) > 0
      mayHaveWaits ||= await hasNewWaits(database.db)
      if (fired || mayHaveWaits) wakeRouter()
      return null
    },
    log,
  )
  const holding = createLoop(
    'looking after held workflows',
    30 * SECOND,
    async () => {
      await keepHeldIncidents(database, clock.now())
      return null
    },
    log,
  )
  return {
    start() {
      routing.start()
      working.start()
      holding.start()
      firing.start()
    },
    wake: wakeRouter,
    async settle() {
      await fireSchedules(database, clock.now())
      do {
        mayHaveWaits = await hasNewWaits(database.db)
        while (await route());
        await worker.drain()
        mayHaveWaits = await hasNewWaits(database.db)
      } while (await route())
      await keepHeldIncidents(database, clock.now())
    },
    jobs: maintenanceJobs(database),
    counts: () => worker.counts(),
    async stop() {
      await Promise.all([routing.stop(), holding.stop(), firing.stop(), worker.stop().then(() => working.stop())])
    },
  }
}
