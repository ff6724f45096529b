/** Repairs go on by themselves, row by row in steps that each are one transaction with the cursor that they moved; a process may die between any two. */
import type { Tx } from '../../db/database.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import { inSteps } from '../../jobs/in-steps.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR, SECOND } from '../../lib/clock.ts'
import { deleteOldRepairs, insertRepairRows, lockAtWork, markUndone, selectDone, selectOdd, updateRepair } from './queries.ts'
import type { RepairDeps } from './repair.ts'
import { repairStep } from './run.ts'
import { undoStep } from './undo.ts'

const ROWS_A_STEP = 100
const UNDO_FOR_DAYS = 90

export async function workOnRepairs(deps: RepairDeps): Promise<void> {
  await inSteps(deps.database, {
    atOnce: ROWS_A_STEP,
    step: (tx, rows) => step(tx, deps, rows, deps.clock.now()),
    passOver,
  })
}

/** True while there is more. */
async function step(tx: Tx, deps: RepairDeps, rows: number, now: Date): Promise<boolean> {
  const repair = await lockAtWork(tx)
  if (!repair) return false
  if (repair.state === 'undoing') await undoStep(tx, deps, repair, rows, now)
  else await repairStep(tx, deps, repair, rows, now)
  return true
}

/** The next row, which cannot be done alone either. */
async function passOver(tx: Tx, error: unknown): Promise<void> {
  const repair = await lockAtWork(tx)
  if (!repair) return
  const { counts } = repair
  if (repair.state === 'undoing') {
    const [row] = await selectDone(tx, repair, 1)
    if (!row) throw error
    await markUndone(tx, repair, [row.address], 'stayed')
    await updateRepair(tx, { ...repair, counts: { ...counts, stayed: counts.stayed + 1 }, cursor: row.address })
    return
  }
  const [odd] = await selectOdd(tx, repair.workspaceId, { after: repair.cursor, among: repair.addresses, limit: 1 })
  if (!odd) throw error
  const why = error instanceof Error ? error.message : String(error)
  const reason = `It could not be done: ${why.slice(0, 200)}`
  await insertRepairRows(tx, repair, [{ ...odd, done: 'skipped', became: null, reason, before: null }])
  await updateRepair(tx, { ...repair, counts: { ...counts, skipped: counts.skipped + 1 }, cursor: odd.address })
}

export function repairJobs(deps: RepairDeps): PeriodicJob[] {
  return [
    { name: 'contacts.repair', everyMs: SECOND, run: () => workOnRepairs(deps) },
    {
      name: 'contacts.forget_repairs',
      everyMs: HOUR,
      run: (now) => inChunks(deps.database, 10, (tx) => deleteOldRepairs(tx, new Date(now.getTime() - UNDO_FOR_DAYS * DAY), 10)),
    },
  ]
}
