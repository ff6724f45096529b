/** Acts go on by themselves, in steps that each are one short transaction with the cursor that they moved; a process may die between any two. */
import type { Database, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import { inSteps } from '../../jobs/in-steps.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { type Clock, DAY, HOUR, SECOND } from '../../lib/clock.ts'
import { forLargeSets } from '../segments/queries.ts'
import type { ActCounts } from './act.ts'
import { refusedMore, whom } from './acts.ts'
import { type Applied, applyTo, takeBackFrom } from './apply.ts'
import {
  type ContactAct,
  deleteOldActs,
  deleteParts,
  insertActRows,
  insertParts,
  lockAtWork,
  markUndone,
  selectChanged,
  selectNext,
  updateAct,
} from './queries.ts'

export interface ActDeps {
  readonly database: Database
  readonly clock: Clock
}

/** A piece of whom it means, and what one transaction changes. */
export const PEOPLE_A_STEP = 500
export const UNDO_FOR_DAYS = 90
const ROWS_FORGOTTEN_AT_ONCE = 20_000

export async function workOnActs({ database, clock }: ActDeps): Promise<void> {
  await inSteps(database, {
    atOnce: PEOPLE_A_STEP,
    step: (tx, people) => step(tx, people, clock.now()),
    passOver: (tx, error) => passOver(tx, error, clock.now()),
  })
}

/** True while there is more. */
async function step(tx: Tx, people: number, now: Date): Promise<boolean> {
  const act = await lockAtWork(tx)
  if (!act) return false
  if (act.state === 'choosing') await choose(tx, act, now)
  else if (act.state === 'running') await applyStep(tx, act, people, now)
  else await undoStep(tx, act, people, now)
  return true
}

/** A list or a segment that is gone meanwhile ends it with that reason. */
async function choose(tx: Tx, act: ContactAct, now: Date): Promise<void> {
  try {
    const meant = await whom(tx, act.workspaceId, act.scope, now)
    await forLargeSets(tx)
    const people = await insertParts(tx, act, meant, PEOPLE_A_STEP)
    await updateAct(tx, { ...act, state: 'running', counts: { ...act.counts, people } })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    await updateAct(tx, { ...act, state: 'failed', problem: 'The list or the segment is gone.', finishedAt: now })
  }
}

async function applyStep(tx: Tx, act: ContactAct, limit: number, now: Date): Promise<void> {
  const ids = await selectNext(tx, act, limit)
  const last = ids.at(-1)
  if (last === undefined) {
    await deleteParts(tx, act)
    return await updateAct(tx, { ...act, state: 'done', finishedAt: now })
  }
  const applied = await applyTo(tx, act, ids, now)
  await insertActRows(tx, act, applied.rows, now)
  await updateAct(tx, { ...act, cursor: last, counts: counted(act.counts, applied) })
}

function counted(counts: ActCounts, { rows, already, gone }: Applied): ActCounts {
  const changed = rows.filter(({ done }) => done === 'changed')
  const pending = changed.filter(({ became }) => became === 'pending').length
  let { refused } = counts
  for (const { reason } of rows) if (reason !== '') refused = refusedMore(refused, reason, 1)
  return {
    ...counts,
    refused,
    changed: counts.changed + changed.length,
    pending: counts.pending + pending,
    already: counts.already + already,
    gone: counts.gone + gone,
  }
}

async function undoStep(tx: Tx, act: ContactAct, limit: number, now: Date): Promise<void> {
  const rows = await selectChanged(tx, act, limit)
  const back = rows.length === 0 ? new Set<string>() : await takeBackFrom(tx, act, rows, now)
  const ids = rows.map(({ contactId }) => contactId)
  const isBack = ids.filter((id) => back.has(id))
  const stayed = ids.filter((id) => !back.has(id))
  await markUndone(tx, act, isBack, 'back')
  await markUndone(tx, act, stayed, 'stayed')
  const { counts } = act
  await updateAct(tx, {
    ...act,
    counts: { ...counts, undone: counts.undone + isBack.length, stayed: counts.stayed + stayed.length },
    cursor: ids.at(-1) ?? act.cursor,
    ...(rows.length < limit && { state: 'undone' as const, finishedAt: now }),
  })
}

/** The next one, with whom it cannot be done alone either. */
async function passOver(tx: Tx, error: unknown, now: Date): Promise<void> {
  const act = await lockAtWork(tx)
  if (!act) return
  const { counts } = act
  if (act.state === 'choosing') {
    const problem = `It could not be done: ${(error instanceof Error ? error.message : String(error)).slice(0, 200)}`
    return await updateAct(tx, { ...act, state: 'failed', problem, finishedAt: now })
  }
  if (act.state === 'undoing') {
    const [row] = await selectChanged(tx, act, 1)
    if (!row) throw error
    await markUndone(tx, act, [row.contactId], 'stayed')
    return await updateAct(tx, { ...act, cursor: row.contactId, counts: { ...counts, stayed: counts.stayed + 1 } })
  }
  const [contactId] = await selectNext(tx, act, 1)
  if (!contactId) throw error
  await insertActRows(tx, act, [{ contactId, done: 'refused', reason: 'failed', was: '', became: '' }], now)
  await updateAct(tx, { ...act, cursor: contactId, counts: { ...counts, refused: refusedMore(counts.refused, 'failed', 1) } })
}

export function actJobs(deps: ActDeps): PeriodicJob[] {
  return [
    { name: 'contacts.act', everyMs: SECOND, run: () => workOnActs(deps) },
    {
      name: 'contacts.forget_acts',
      everyMs: HOUR,
      run: (now) =>
        inChunks(deps.database, ROWS_FORGOTTEN_AT_ONCE, (tx) =>
          deleteOldActs(tx, new Date(now.getTime() - UNDO_FOR_DAYS * DAY), ROWS_FORGOTTEN_AT_ONCE),
        ),
    },
  ]
}
