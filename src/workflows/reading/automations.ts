/** What workflows did with a conversation, and why they did nothing. */
import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { placesOfConversations } from '../../helpdesk/places.ts'
import { reachConversation } from '../../helpdesk/reading/read.ts'
import { configOf, typeOf } from '../definition/catalogue.ts'
import { Graph } from '../definition/graph.ts'
import { MAX_WORKFLOWS } from '../limits.ts'
import { selectWorkflows } from '../queries.ts'
import type { WorkflowId } from '../steps/step.ts'
import { selectActiveVersions } from './list-queries.ts'
import { listRuns, type RunPage, type ShownRun } from './runs.ts'
import { selectVerdicts, type VerdictRow } from './runs-queries.ts'
import { WAITING_SHOWN, type WaitingStart } from './waiting.ts'
import { selectWaitingStarts } from './waiting-queries.ts'

export interface Button {
  readonly workflowId: WorkflowId
  readonly node: string
  readonly label: string
  readonly workflow: string
  readonly inputs: Graph['inputs']
  /** Only in these; empty: in all. */
  readonly inboxes: readonly string[]
}

export interface Automations {
  readonly runs: readonly ShownRun[]
  /** One more than asked for where there are more. */
  readonly verdicts: readonly VerdictRow[]
  /** What is to begin here, and waits for its turn. */
  readonly waiting: readonly WaitingStart[]
  readonly buttons: readonly Button[]
}

const RUNS_SHOWN = 100

export async function automationsOf(tx: Tx, actor: Actor, id: string, page: RunPage): Promise<Automations> {
  const { workspaceId } = actor
  const conversation = await reachConversation(tx, actor, id)
  // What was joined with it is a part of it, and so is what workflows did there.
  const place = (await placesOfConversations(tx, [{ workspaceId, id: conversation.id }])).get(conversation.id)
  const conversationIds = [conversation.id, ...(place?.joined ?? []).map(({ id: joined }) => joined)]
  const runs = await listRuns(tx, workspaceId, { subjectIds: conversationIds }, { after: null, limit: RUNS_SHOWN })
  const verdicts = await selectVerdicts(tx, workspaceId, { subjectIds: conversationIds }, page)
  const waiting = await selectWaitingStarts(tx, workspaceId, { conversationIds }, WAITING_SHOWN)
  return { runs, verdicts, waiting, buttons: await buttonsFor(tx, actor, conversation.inboxId) }
}

/** What may be started by hand for a conversation of this inbox; null: for conversations of any. */
export async function buttonsFor(tx: Tx, { workspaceId }: Actor, inboxId: string | null): Promise<Button[]> {
  const workflows = (await selectWorkflows(tx, workspaceId, MAX_WORKFLOWS)).filter(({ isEnabled }) => isEnabled)
  const versions = await selectActiveVersions(
    tx,
    workspaceId,
    workflows.flatMap(({ versionId }) => versionId ?? []),
  )
  return workflows.flatMap(({ id: workflowId, name: workflow, versionId }) => {
    const graph = Graph.safeParse(versions.get(versionId ?? '')?.graph).data
    if (graph?.subject !== 'conversation') return []
    return Object.entries(graph.nodes).flatMap(([node, one]) => {
      if (one.type !== 'trigger.button@1' || typeOf(one.type) === null) return []
      const config = configOf(one) as { label: string; inboxes?: readonly string[] } | null
      const inboxes = config?.inboxes ?? []
      const isHere = config !== null && (inboxId === null || inboxes.length === 0 || inboxes.includes(inboxId))
      return isHere ? [{ workflowId, node, label: config.label, workflow, inputs: graph.inputs, inboxes }] : []
    })
  })
}
