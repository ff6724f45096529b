import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import type { UserId } from '../../lib/ids.ts'
import { MAX_AT_ONCE, type TriageDeps } from '../triage/act.ts'
import { changeConversations } from '../triage/change.ts'
import { selectHeldBy } from './visible-queries.ts'

/** Whoever had more in hand than this, and leaves, leaves the rest assigned: nobody works on so many. */
const MOST = 40

/** Before somebody leaves: what they had in hand is nobody's, stands in Unassigned and says so. What is closed keeps the name of who had it. */
export async function releaseConversations(tx: Tx, deps: TriageDeps, userId: UserId, actor: Actor, now: Date): Promise<number> {
  let released = 0
  for (let round = 0; round < MOST; round += 1) {
    const ids = await selectHeldBy(tx, actor.workspaceId, userId, MAX_AT_ONCE)
    if (ids.length === 0) break
    const { changed } = await changeConversations(tx, deps, ids, { assigneeId: null }, actor, now)
    if (changed.length === 0) break
    released += changed.length
  }
  return released
}
