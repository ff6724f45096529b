/**
 * One lane's burst: its turn as one transaction that holds all of it. A crash before its commit was nothing.
 */
import { sqlStateOf } from '../../db/database.ts'
import { SECOND } from '../../lib/clock.ts'
import { NeedsTransaction, NO_TRANSACTION } from './failure.ts'
import type { Lane } from './lane-queries.ts'
import { LaneTurn, LETTERS_AT_ONCE } from './lane-turn.ts'
import { selectObstacles } from './run-queries.ts'
import { SOMEBODY_WAS_FASTER } from './run-writing-queries.ts'
import { NOTHING_STANDS } from './standing.ts'
import { isFresh } from './start.ts'
import { readTaken, takingLane, type Work } from './take-queries.ts'
import type { TurnDeps } from './tools.ts'
import type { Written } from './write-back.ts'

export type { TurnDeps as BurstDeps } from './tools.ts'

const STATEMENT_TIMEOUT_MS = 5 * SECOND
const UNIQUE_VIOLATION = '23505'

/** Null: somebody else has the lane, or it is gone. */
export async function burst(deps: TurnDeps, lane: Lane, now: Date): Promise<(Written & { nodes: number }) | null> {
  return await deps.database.transactionFrom(
    takingLane(lane, LETTERS_AT_ONCE, now),
    async (tx, opened) => {
      const taken = readTaken(opened)
      if (!taken) return null
      deps.failpoints.reach('workflow_claimed')
      const { crashes, key, ...work } = taken
      const turn = new LaneTurn(deps, tx, { ...lane, crashes, key }, work, now)
      const written = await turn.run()
      deps.failpoints.reach('workflow_before_commit')
      return written
    },
    { statementTimeoutMs: STATEMENT_TIMEOUT_MS, prepared: true },
  )
}

/** Versions whose runs begin with more than going and computing. */
const needy = new Set<string>()

/**
 * A run that begins in a lane of its own, where nobody else can have anything to do: it is worked out first, and written by one statement if its letter is
 * still there then. That is a transaction too, and the only one. Undefined: it takes more than that.
 */
export async function soloBurst(
  deps: TurnDeps,
  { workspaceId, id: laneId, solo }: Lane,
  now: Date,
): Promise<(Written & { nodes: number }) | null | undefined> {
  if (solo?.letter.what !== 'start' || needy.has(solo.letter.versionId)) return undefined
  const { versionId, workflowId } = solo.letter
  const { db } = deps.database
  await deps.versions.of(db, workspaceId, versionId)
  // It waited long, and is asked for the switch: that needs no transaction, or whoever is late by then takes twice as long from then on.
  if (!isFresh(solo, now) && !(await selectObstacles(db, workspaceId, workflowId, { subjects: [], laneId })).enabled)
    return undefined
  const work: Work = { box: [{ ...solo, at: now }], due: [], place: solo.place, standing: NOTHING_STANDS }
  const turn = new LaneTurn(deps, NO_TRANSACTION, { workspaceId, id: laneId, crashes: 0, key: 'run:' }, work, now)
  try {
    deps.failpoints.reach('workflow_claimed')
    const written = await turn.run((write) =>
      deps.database.statement((db) => {
        deps.failpoints.reach('workflow_before_commit')
        return write(db, { workspaceId, laneId, id: solo.id })
      }),
    )
    return written
  } catch (error) {
    if (sqlStateOf(error) === SOMEBODY_WAS_FASTER) return null
    // There is such a run already: by now, or for good. Under the lane's lock it is known which.
    if (sqlStateOf(error) === UNIQUE_VIOLATION) return undefined
    if (!(error instanceof NeedsTransaction)) throw error
    needy.add(versionId)
    return undefined
  }
}
