/** Beginning runs from outside: by hand, by the API, by a web address. What is asked is an event; whether a run begins is decided where its subject's other runs are. */
import { type Actor, actorReference, can } from '../accounts/actor.ts'
import { findContact } from '../contacts/contacts.ts'
import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import { reachConversation } from '../helpdesk/reading/read.ts'
import { type ContactId, newId, type WorkspaceId } from '../lib/ids.ts'
import { Graph, type Json, type Variable, type VarType } from './definition/graph.ts'
import type { HappeningKind } from './happening.ts'
import type { Values } from './interpret/state.ts'
import { MAX_PAYLOAD_CHARACTERS } from './limits.ts'
import { selectVersion, selectWorkflow, type Workflow } from './queries.ts'
import type { RunId, WorkflowId } from './steps/step.ts'

export interface StartWish {
  readonly conversationId?: string
  readonly contactId?: ContactId
  readonly inputs: Values
  readonly isTest: boolean
  /** By a button that people press, or by a program. */
  readonly by: 'button' | 'program'
}

/** The id that the run will have, if it begins. */
export async function askForRun(tx: Tx, actor: Actor, id: WorkflowId, wish: StartWish, now: Date): Promise<RunId> {
  const { workspaceId } = actor
  const { workflow, graph } = await activeOrRefuse(tx, workspaceId, id)
  const happening: HappeningKind = wish.by === 'button' ? 'button.pressed' : 'run.asked'
  const trigger = wish.by === 'button' ? 'trigger.button@1' : 'trigger.called@1'
  if (!Object.values(graph.nodes).some(({ type }) => type === trigger))
    throw new Refusal('wrong_state', {
      what: 'workflow',
      state: wish.by === 'button' ? 'without a trigger “A button is pressed”' : 'without a trigger “It is called”',
      action: 'started this way',
    })
  const about = await subjectOf(tx, actor, graph, wish)
  const inputs = readInputs(graph.inputs, wish.inputs)
  const runId = newId<RunId>(now.getTime())
  await append(
    tx,
    {
      ...{ type: 'workflow.asked', workspaceId, subjectId: workflow.id, actor: actorReference(actor) },
      data: { act: 'start', happening, run_id: runId, inputs, ...about, ...(wish.isTest && { is_test: true }) },
    },
    now,
  )
  return runId
}

/** By the same button for several conversations, each by itself: what cannot be begun for one of them is told. */
export async function askForRuns(
  tx: Tx,
  actor: Actor,
  id: WorkflowId,
  { conversationIds, inputs }: { readonly conversationIds: readonly string[]; readonly inputs: Values },
  now: Date,
): Promise<{ done: number; refused: { conversationId: string; sentence: string }[] }> {
  const refused: { conversationId: string; sentence: string }[] = []
  for (const conversationId of conversationIds) {
    try {
      await askForRun(tx, actor, id, { conversationId, inputs, isTest: false, by: 'button' }, now)
    } catch (error) {
      // Of what is asked of all of them there is one answer.
      if (!(error instanceof Refusal) || error.code !== 'not_found' || error.details.what !== 'conversation') throw error
      refused.push({ conversationId, sentence: error.message })
    }
  }
  return { done: conversationIds.length - refused.length, refused }
}

export async function activeOrRefuse(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WorkflowId,
): Promise<{ readonly workflow: Workflow; readonly graph: Graph }> {
  const workflow = await selectWorkflow(tx, workspaceId, id)
  if (!workflow) throw new Refusal('not_found', { what: 'workflow' })
  const version = workflow.versionId && (await selectVersion(tx, workspaceId, workflow.versionId))
  const graph = version ? Graph.safeParse(version.graph).data : undefined
  if (!graph || !workflow.isEnabled)
    throw new Refusal('wrong_state', { what: 'workflow', state: graph ? 'switched off' : 'never published', action: 'started' })
  return { workflow, graph }
}

async function subjectOf(tx: Tx, actor: Actor, { subject }: Graph, wish: StartWish): Promise<Values> {
  const { conversationId, contactId } = wish
  const conversation = conversationId === undefined ? null : await reachConversation(tx, actor, conversationId)
  if (conversation === null && !can(actor, 'workflows.manage'))
    throw new Refusal('not_found', { what: 'conversation', pointer: '/conversation_id' })
  const contact = contactId === undefined ? null : await findContact(tx, actor.workspaceId, contactId)
  if (contactId !== undefined && contact === null) throw new Refusal('not_found', { what: 'contact', pointer: '/contact_id' })
  if (subject === 'conversation' && !conversation)
    throw new Refusal('invalid_request', {
      why: 'This workflow is about a conversation: say which.',
      pointer: '/conversation_id',
    })
  if (subject === 'contact' && !contact && !conversation?.contactId)
    throw new Refusal('invalid_request', { why: 'This workflow is about a contact: say which.', pointer: '/contact_id' })
  return {
    ...(conversation && { conversation_id: conversation.id }),
    ...((contact ?? conversation?.contactId) && { contact_id: contact?.id ?? (conversation?.contactId as string) }),
  }
}

const FITS: Readonly<Record<VarType, (value: Json) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  date: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  list: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
}

/** What is left out is what the workflow says it is. */
export function readInputs(known: readonly Variable[], given: Values): Values {
  const errors = Object.entries(given).flatMap(([key, value]) => {
    const variable = known.find((one) => one.key === key)
    const pointer = `/inputs/${key}`
    if (!variable) return [{ pointer, detail: `The workflow has no input “${key}”.` }]
    return value === null || FITS[variable.type](value) ? [] : [{ pointer, detail: `“${key}” is to be a ${variable.type}.` }]
  })
  refuse(errors)
  refuseLong(given, '/inputs')
  return Object.fromEntries(known.map(({ key, default: value = null }) => [key, given[key] ?? value]))
}

function refuse(errors: readonly { readonly pointer: string; readonly detail: string }[]): void {
  const [first] = errors
  if (!first) return
  throw new Refusal('invalid_request', { why: first.detail, pointer: first.pointer, errors })
}

export function refuseLong(value: Json, pointer: string): void {
  const { length } = JSON.stringify(value)
  if (length <= MAX_PAYLOAD_CHARACTERS) return
  const why = `This may be ${MAX_PAYLOAD_CHARACTERS} characters long, as JSON; it has ${length}.`
  throw new Refusal('invalid_request', { why, pointer, limit: MAX_PAYLOAD_CHARACTERS })
}
