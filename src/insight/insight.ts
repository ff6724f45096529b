import type { Database } from '../db/database.ts'
import { schemaVersion } from '../db/migrate.ts'
import type { DispatcherStatus } from '../delivery/dispatch/dispatcher.ts'
import type { Clock } from '../lib/clock.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import type { Log } from '../log.ts'
import { diskSpaceOf } from './disk.ts'
import { watchEventLoop } from './event-loop.ts'
import { type Health, health } from './health.ts'
import type { Findings } from './invariants.ts'
import { metrics } from './metrics.ts'
import { reasonsNotReady } from './readiness.ts'
import { createInvariantWatch } from './watch.ts'

export interface InsightDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly version: string
  readonly dataFolder: string
  readonly blobFolder: string
  /** The newest version of the schema that this program knows. */
  readonly knownSchema: number
  /** Null where this process does not send. */
  dispatcherStatus(): DispatcherStatus | null
  /** Sentences about ports of this process that could not be taken. */
  portTroubles(): readonly string[]
}

/** What one process sees of the whole server: health for people, metrics and readiness for machines, the invariants every minute. */
export interface Insight {
  start(): void
  stop(): Promise<void>
  /** Of one workspace, or (null) of the whole server. */
  health(workspaceId: WorkspaceId | null): Promise<Health>
  metrics(): Promise<string>
  reasonsNotReady(): Promise<readonly string[]>
  /** The latest look at the invariants; null before the first. */
  invariants(): Findings | null
}

export function createInsight(deps: InsightDeps): Insight {
  const { database, clock, knownSchema } = deps
  const watch = createInvariantWatch(deps)
  const eventLoop = watchEventLoop()
  return {
    start: () => watch.start(),
    async stop() {
      eventLoop.stop()
      await watch.stop()
    },
    async health(workspaceId) {
      const [disk, found] = await Promise.all([diskSpaceOf(deps.dataFolder), schemaVersion(database.pool)])
      const sources = {
        dispatcher: deps.dispatcherStatus(),
        portTroubles: deps.portTroubles(),
        invariants: watch.latest(),
        disk,
        schema: { found, known: knownSchema },
      }
      return health(database, sources, workspaceId, clock.now())
    },
    async metrics() {
      const disk = await diskSpaceOf(deps.dataFolder)
      const sources = { version: deps.version, dispatcher: deps.dispatcherStatus(), invariants: watch.latest(), disk, eventLoop }
      return metrics(database, sources, clock.now())
    },
    reasonsNotReady: () => reasonsNotReady({ pool: database.pool, knownSchema, dispatcher: deps.dispatcherStatus() }),
    invariants: () => watch.latest(),
  }
}
