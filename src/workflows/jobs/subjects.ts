/** What was there before a workflow was: its conversations or contacts, newest first, and which of them its trigger would have met as they are now. */
import { listContacts } from '../../contacts/contacts.ts'
import type { Tx } from '../../db/database.ts'
import { newestConversations } from '../../helpdesk/places.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { type Condition, judge, rowsOf } from '../definition/condition.ts'
import type { Graph } from '../definition/graph.ts'
import { listenerOf } from '../definition/nodes/triggers.ts'
import { standingCondition } from '../definition/standing.ts'
import type { Tools } from '../engine/tools.ts'
import type { Happening } from '../happening.ts'
import { readField } from '../steps/read-field.ts'
import type { WorkflowId } from '../steps/step.ts'

export interface ExistingSubject {
  readonly kind: 'conversation' | 'contact'
  readonly id: string
  readonly contactId: string | null
}

export async function subjectsBefore(
  tx: Tx,
  workspaceId: WorkspaceId,
  kind: ExistingSubject['kind'],
  page: { readonly before: string | null; readonly limit: number },
): Promise<ExistingSubject[]> {
  if (kind === 'conversation') {
    const found = await newestConversations(tx, workspaceId, page)
    return found.map(({ conversationId: id, contactId }) => ({ kind, id, contactId }))
  }
  const found = await listContacts(tx, workspaceId, { after: page.before, limit: page.limit })
  return found.map(({ id }) => ({ kind, id, contactId: id }))
}

/** What is put to each of them. */
export interface Question {
  readonly kind: ExistingSubject['kind']
  readonly condition: Condition
  readonly happening: Happening['kind']
}

/** Null: the workflow is about neither, or this trigger is about a moment that cannot be asked for afterwards. */
export function questionOf(graph: Graph, nodeId: string, workflowId: WorkflowId): Question | null {
  const node = graph.nodes[nodeId]
  const listener = node && listenerOf(node, { workflowId, nodeId })
  if (!listener || graph.subject === 'none') return null
  const condition = standingCondition(node, graph.subject)
  return condition && { kind: graph.subject, condition, happening: listener.binding.happening }
}

/** As a happening: that somebody applied the workflow to it. */
export function appliedTo({ kind, id, contactId }: ExistingSubject, question: Question, by: string | null, now: Date): Happening {
  const conversationId = kind === 'conversation' ? id : null
  return {
    kind: question.happening,
    keys: [...(conversationId ? [`conversation:${id}`] : []), ...(contactId ? [`contact:${contactId}`] : []), 'any'],
    ...{ conversationId, contactId },
    facts: { type: 'workflow.applied', at: now.toISOString(), ...(by !== null && { by }) },
  }
}

export async function fits(
  tx: Tx,
  tools: Pick<Tools, 'readSubject'>,
  workspaceId: WorkspaceId,
  { kind, id }: ExistingSubject,
  { condition }: Question,
  happening: Happening,
  now: Date,
): Promise<boolean> {
  if (rowsOf(condition).length === 0) return true
  const seen = await tools.readSubject(tx, { workspaceId, subject: { kind, id }, cause: happening })
  const scope = { ...seen, event: happening.facts as never }
  return judge(condition, (field) => readField(scope, field), now).holds
}
