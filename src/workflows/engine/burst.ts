/**
 * One lane's burst: its turn as one transaction that holds all of it. A crash before its commit was nothing.
 */
import { SECOND } from '../../lib/clock.ts'
import type { Lane } from './lane-queries.ts'
import { LaneTurn, LETTERS_AT_ONCE } from './lane-turn.ts'
import { readTaken, takingLane } from './take-queries.ts'
import type { TurnDeps } from './tools.ts'
import { type Written, writeBack } from './write-back.ts'

export type { TurnDeps as BurstDeps } from './tools.ts'

const STATEMENT_TIMEOUT_MS = 5 * SECOND

/** Null: somebody else has the lane, or it is gone. */
export async function burst(deps: TurnDeps, lane: Lane, now: Date): Promise<(Written & { nodes: number }) | null> {
  return await deps.database.transactionFrom(
    takingLane(lane, LETTERS_AT_ONCE, now),
    async (tx, opened) => {
      const taken = readTaken(opened)
      if (!taken) return null
      deps.failpoints.reach('workflow_claimed')
      const { crashes, key, ...work } = taken
      const { workspaceId, id } = lane
      const { nodes, ...result } = await new LaneTurn(deps, tx, { workspaceId, id, crashes, key }, work, now).run()
      const written = await writeBack(tx, result, now)
      deps.failpoints.reach('workflow_before_commit')
      return { ...written, nodes }
    },
    { statementTimeoutMs: STATEMENT_TIMEOUT_MS, prepared: true },
  )
}
