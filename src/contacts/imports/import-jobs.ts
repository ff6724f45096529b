import { type Database, ENGINE } from '../../db/database.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { type Clock, DAY, HOUR, SECOND } from '../../lib/clock.ts'
import { checkRows, LEASE_MS } from './check.ts'
import type { NamersOfList } from './made-lists.ts'
import { deleteParts, deleteRows, type ImportBatch, leaseImport, selectImport, selectOutlived, updateImport } from './queries.ts'
import { runStep } from './run.ts'
import { undoStep } from './undo.ts'

interface Deps {
  readonly database: Database
  readonly clock: Clock
  readonly namersOfList: NamersOfList
}

/** What came of a file that nobody went on with is cleared away after so long; what an import did can be undone for so long. */
export const UPLOADS_ARE_KEPT_MS = 7 * DAY
export const UNDO_FOR_MS = 90 * DAY
const FAILURES_IN_A_ROW = 3

/** Everything that imports have to do now, one after another. A process that dies leaves the rest to the next one, where it stopped. */
export async function workOnImports(deps: Deps): Promise<number> {
  const { database, clock } = deps
  let worked = 0
  for (;;) {
    const now = clock.now()
    const batch = await database.transaction(ENGINE, (tx) => leaseImport(tx, now, new Date(now.getTime() + LEASE_MS)))
    if (!batch) return worked
    worked += 1
    await work(deps, batch)
  }
}

async function work(deps: Deps, batch: ImportBatch): Promise<void> {
  const { database, clock } = deps
  for (let failures = 0; ; ) {
    try {
      if (batch.state === 'checking')
        await checkRows(deps, (await selectImport(database.db, batch.workspaceId, batch.id)) ?? batch)
      else while (await database.transaction(ENGINE, (tx) => step(tx, batch, deps.namersOfList, clock.now())));
      return
    } catch (error) {
      failures += 1
      if (failures < FAILURES_IN_A_ROW) continue
      await giveUp(database, batch, error as Error, clock.now())
      throw error
    }
  }
}

function step(tx: Parameters<typeof runStep>[0], batch: ImportBatch, namers: NamersOfList, now: Date): Promise<boolean> {
  return batch.state === 'undoing' ? undoStep(tx, batch, namers, now) : runStep(tx, batch, now)
}

/** What was done stays done, and can be undone. While the database cannot be reached nothing is written here either: then it simply goes on later. */
async function giveUp(database: Database, batch: ImportBatch, error: Error, now: Date): Promise<void> {
  await database.transaction(ENGINE, async (tx) => {
    const current = await selectImport(tx, batch.workspaceId, batch.id, { lock: true })
    if (current?.state !== batch.state) return
    const problem = `It could not go on after row ${current.cursor}: ${error.message}`.slice(0, 1_000)
    const state = batch.state === 'checking' ? ('failed' as const) : ('done' as const)
    await updateImport(tx, { ...current, state, problem, finishedAt: now }, now)
  })
}

const ROWS_AT_ONCE = 20_000

async function forget(database: Database, now: Date): Promise<void> {
  const bounds = {
    uploadingBefore: new Date(now.getTime() - UPLOADS_ARE_KEPT_MS),
    finishedBefore: new Date(now.getTime() - UNDO_FOR_MS),
  }
  for (const { workspaceId, id, state } of await selectOutlived(database.db, bounds, 100)) {
    await database.transaction(ENGINE, async (tx) => {
      const batch = await selectImport(tx, workspaceId, id, { lock: true })
      if (batch?.state !== state) return
      await deleteParts(tx, workspaceId, id)
      const isOver = ['done', 'undone', 'failed', 'discarded'].includes(state)
      if (!isOver) await updateImport(tx, { ...batch, state: 'discarded', finishedAt: now }, now)
      const isOld = batch.finishedAt !== null && batch.finishedAt < bounds.finishedBefore
      if (state === 'discarded' || isOld) await deleteRows(tx, workspaceId, id, ROWS_AT_ONCE)
    })
  }
}

export function importJobs(deps: Deps): PeriodicJob[] {
  return [
    { name: 'contacts.import', everyMs: SECOND, run: () => workOnImports(deps) },
    { name: 'contacts.forget_imports', everyMs: HOUR, run: (now) => forget(deps.database, now) },
  ]
}
