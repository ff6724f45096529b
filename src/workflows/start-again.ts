/** A run once more: a new one by the same trigger and for the same reason, as the workflow is now. What began it is brought to its lane like anything that happens. */
import { type Actor, actorReference } from '../accounts/actor.ts'
import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { newId } from '../lib/ids.ts'
import { typeOf } from './definition/catalogue.ts'
import { selectRuns } from './engine/run-queries.ts'
import { activeOrRefuse } from './start-run.ts'
import type { RunId } from './steps/step.ts'

/** The id that the new run will have, if it begins. */
export async function askAgain(tx: Tx, actor: Actor, id: RunId, now: Date): Promise<RunId> {
  const { workspaceId } = actor
  const [row] = await selectRuns(tx, workspaceId, [id])
  if (!row) throw new Refusal('not_found', { what: 'run' })
  if (row.status === 'running')
    throw new Refusal('wrong_state', { what: 'run', state: 'going on still', action: 'started again; cancel it first' })
  const { workflow, graph } = await activeOrRefuse(tx, workspaceId, row.workflowId)
  if (typeOf(graph.nodes[row.node]?.type ?? '')?.kind !== 'trigger')
    throw new Refusal('wrong_state', {
      what: 'workflow',
      state: 'without the trigger that began this run',
      action: 'started by it again',
    })
  const runId = newId<RunId>(now.getTime())
  const data = { act: 'again', name: workflow.name, run_id: runId, of_run: id }
  await append(tx, { type: 'workflow.asked', workspaceId, subjectId: workflow.id, actor: actorReference(actor), data }, now)
  return runId
}
