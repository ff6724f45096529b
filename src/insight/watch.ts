import type { Database } from '../db/database.ts'
import { type Clock, MINUTE } from '../lib/clock.ts'
import type { Log } from '../log.ts'
import { examineInvariants, type Findings, type Violation } from './invariants.ts'

/** Looks every minute whether the invariants hold. What it found last is part of this process's health and metrics. */
export interface InvariantWatch {
  /** Null until the first look is done. */
  latest(): Findings | null
  /** Looks now, or waits for the look that is going on. */
  look(): Promise<Findings>
  start(): void
  stop(): Promise<void>
}

export interface WatchDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly blobFolder: string
  readonly everyMs?: number
}

export function createInvariantWatch({ database, clock, log, blobFolder, everyMs = MINUTE }: WatchDeps): InvariantWatch {
  let latest: Findings | null = null
  let looking: Promise<Findings> | null = null
  let timer: NodeJS.Timeout | null = null

  async function examine(): Promise<Findings> {
    const findings = await examineInvariants(database, clock.now(), { blobFolder })
    tellChanges(log, latest?.violations ?? [], findings.violations)
    latest = findings
    return findings
  }

  function look(): Promise<Findings> {
    looking ??= examine().finally(() => {
      looking = null
    })
    return looking
  }

  return {
    latest: () => latest,
    look,
    start() {
      timer ??= setInterval(() => void look(), everyMs)
      void look()
    },
    async stop() {
      if (timer) clearInterval(timer)
      timer = null
      await looking
    },
  }
}

/** Once when it begins and once when it ends: what lasts is in the health and in the metrics, not in every minute of the log. */
function tellChanges(log: Log, before: readonly Violation[], now: readonly Violation[]): void {
  const key = ({ name, workspaceId }: Violation) => `${name} ${workspaceId ?? ''}`
  const [known, current] = [new Set(before.map(key)), new Set(now.map(key))]
  for (const violation of now) {
    if (!known.has(key(violation)))
      log.error(
        { invariant: violation.name, workspace: violation.workspaceId, size: violation.size, samples: violation.samples },
        violation.sentence,
      )
  }
  for (const violation of before) {
    if (!current.has(key(violation)))
      log.info({ invariant: violation.name, workspace: violation.workspaceId }, 'an invariant that was violated holds again')
  }
}
