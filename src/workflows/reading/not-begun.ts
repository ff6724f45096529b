/** A run that was asked for and is not there: it has not begun yet, or it did not begin, and why. */
import { type Actor, can } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { reachConversation } from '../../helpdesk/reading/read.ts'
import { placeNow } from '../engine/lane-queries.ts'
import { ROUTER } from '../engine/router.ts'
import { type RunRow, selectRuns } from '../engine/run-queries.ts'
import { VERDICTS, type VerdictCode } from '../engine/verdict.ts'
import type { RunId } from '../steps/step.ts'
import { selectWhyNotBegun } from './runs-queries.ts'
import { selectAskedStart } from './waiting-queries.ts'

/** The run; else throws why it is not there. It is looked for in the order in which a start goes its way, so that none is missed that goes meanwhile. */
export async function findRun(tx: Tx, actor: Actor, id: RunId): Promise<RunRow> {
  const { workspaceId } = actor
  const find = async () => (await selectRuns(tx, workspaceId, [id]))[0]
  const there = await find()
  if (there) return there
  const asked = await selectAskedStart(tx, workspaceId, id, await placeNow(tx, ROUTER))
  if (asked && (await mayKnow(tx, actor, asked.conversationId)))
    throw new Refusal('run_not_begun_yet', { at: asked.at.toISOString() })
  const decided = await selectWhyNotBegun(tx, workspaceId, id)
  if (decided && (await mayKnow(tx, actor, decided.subjectId))) {
    const why = VERDICTS[decided.verdict as VerdictCode] ?? decided.verdict
    throw new Refusal('run_did_not_begin', { at: decided.at.toISOString(), why })
  }
  const begun = await find()
  if (begun) return begun
  throw new Refusal('not_found', { what: 'run' })
}

/** As of runs that are there: whoever may not write workflows hears of conversations that they reach. */
async function mayKnow(tx: Tx, actor: Actor, conversationId: string | null): Promise<boolean> {
  if (can(actor, 'workflows.manage')) return true
  if (conversationId === null) return false
  try {
    await reachConversation(tx, actor, conversationId)
    return true
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not_found') return false
    throw error
  }
}
