/** What this process has in hand, and what those had that are gone. */
import { type Database, ENGINE } from '../../db/database.ts'
import { type Clock, SECOND } from '../../lib/clock.ts'
import { type Id, newId } from '../../lib/ids.ts'
import { dropHand, keepHand, selectHands, suspectLanesOf } from './hand-queries.ts'

export interface HandDeps {
  readonly database: Database
  readonly clock: Clock
  readonly monotonicMs: () => number
  readonly host: string
  readonly pid: number
  readonly isAlive: (pid: number) => boolean
}

/** A process that disappears is noticed by others after so long; on the same machine at once. */
const LEASE_MS = 60 * SECOND
const LOOK_FOR_DEAD_MS = 2 * SECOND

export function createHand({ database, clock, monotonicMs, host, pid, isAlive }: HandDeps) {
  const id = newId<Id<'workflow_hand'>>()
  let isKept = false
  let lookedMs = Number.NEGATIVE_INFINITY
  return {
    /** Before anything is done with them. */
    async hold(lanes: readonly string[]): Promise<void> {
      const until = new Date(clock.now().getTime() + LEASE_MS)
      await keepHand(database, { id, host, pid, until }, lanes)
      isKept = true
    },
    async drop(): Promise<void> {
      if (!isKept) return
      isKept = false
      await dropHand(database.db, id)
    },
    async lookForDead(): Promise<void> {
      if (monotonicMs() - lookedMs < LOOK_FOR_DEAD_MS) return
      lookedMs = monotonicMs()
      const now = clock.now()
      for (const hand of await selectHands(database.db, id)) {
        const isGone = hand.until <= now || (hand.host === host && hand.pid !== pid && !isAlive(hand.pid))
        if (isGone) await database.transaction(ENGINE, (tx) => suspectLanesOf(tx, hand.id, now))
      }
    },
  }
}
