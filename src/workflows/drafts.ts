/** What people write, before it is published: begun empty, from another one or from a file; published once nothing is wrong with it. */

import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { append } from '../events/append.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { type Json, SCHEMA } from './definition/graph.ts'
import type { Problem } from './definition/node-type.ts'
import { MAX_WORKFLOWS } from './limits.ts'
import { changeWorkflow, createWorkflow, type DraftChange } from './manage.ts'
import { lockOrRefuse, type Publishing, publish } from './publish.ts'
import { countWorkflows, orderWorkflows as order, selectWorkflow, selectWorkflows, type Workflow } from './queries.ts'
import { checkDraft, keyOfProblem } from './reading/check-draft.ts'
import type { WorkflowId } from './steps/step.ts'

/** Of what is written, as text. */
const MAX_CHARACTERS = 1_000_000
const MAX_ERRORS_TOLD = 50

export interface NewDraft {
  readonly name: string
  readonly draft?: Json
  readonly layout?: Json
}

export async function beginDraft(
  tx: Tx,
  workspaceId: WorkspaceId,
  { name, draft = { schema: SCHEMA, description: '', subject: 'conversation', nodes: {} }, layout = {} }: NewDraft,
  by: string | null,
  now: Date,
): Promise<Workflow> {
  const known = await countWorkflows(tx, workspaceId)
  if (known >= MAX_WORKFLOWS) throw new Refusal('too_many_of_these', { limit: MAX_WORKFLOWS, what: 'workflows' })
  refuseLong(draft, layout)
  return await createWorkflow(tx, workspaceId, { name, draft: withName(draft, name), layout, place: known }, by, now)
}

/** The name of a workflow and the one in its definition are the same. */
export async function changeDraft(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WorkflowId,
  change: DraftChange,
  by: string | null,
  now: Date,
): Promise<Workflow> {
  refuseLong(change.draft ?? null, change.layout ?? null)
  const name = change.name ?? nameIn(change.draft)
  const before = name === undefined ? null : await lockOrRefuse(tx, workspaceId, id)
  const draft = change.draft ?? (before && name !== before.name ? before.draft : undefined)
  const after = {
    ...change,
    ...(name !== undefined && { name }),
    ...(draft !== undefined && { draft: name === undefined ? draft : withName(draft, name) }),
  }
  return await changeWorkflow(tx, workspaceId, id, after, by, now)
}

export async function findOrRefuse(tx: Tx, workspaceId: WorkspaceId, id: WorkflowId): Promise<Workflow> {
  const found = await selectWorkflow(tx, workspaceId, id)
  if (!found) throw new Refusal('not_found', { what: 'workflow' })
  return found
}

/** Refused with every error, and with every warning that whoever publishes has not seen. */
export async function publishDraft(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WorkflowId,
  { acknowledged, ...publishing }: Publishing & { readonly acknowledged: readonly string[] },
  by: string | null,
  now: Date,
): Promise<void> {
  const workflow = await lockOrRefuse(tx, workspaceId, id)
  if (publishing.revision !== undefined && publishing.revision !== workflow.draftRevision)
    throw new Refusal('changed_meanwhile', { happened: 'The draft was changed', pointer: '/revision' })
  const seen = new Set(acknowledged)
  const { problems } = await checkDraft(tx, workspaceId, workflow, workflow.draft, now)
  const left = problems.filter((problem) => problem.severity === 'error' || !seen.has(keyOfProblem(problem)))
  const [first] = left
  if (first) {
    const errors = left.slice(0, MAX_ERRORS_TOLD).map((problem) => ({
      pointer: problem.severity === 'error' ? pointerOf(problem) : '/acknowledged',
      detail: `${problem.sentence} ${problem.fix}`,
    }))
    throw new Refusal('workflow_has_problems', { first: first.sentence, more: left.length - 1, errors })
  }
  await publish(tx, workspaceId, id, publishing, by, now)
}

/** Where in the definition a problem is, as a JSON pointer below `/draft`. */
export function pointerOf({ node, field }: Pick<Problem, 'node' | 'field'>): string {
  const path = [...(node === null ? [] : ['nodes', node]), ...(field?.split('.') ?? [])]
  return ['/draft', ...path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))].join('/')
}

export async function orderWorkflows(
  tx: Tx,
  workspaceId: WorkspaceId,
  ids: readonly WorkflowId[],
  by: string | null,
  now: Date,
): Promise<void> {
  const known = new Map((await selectWorkflows(tx, workspaceId, MAX_WORKFLOWS)).map((one) => [one.id, one]))
  const first = known.get(ids[0] as WorkflowId)
  const missing = ids.findIndex((id) => !known.has(id))
  if (missing >= 0 || !first) throw new Refusal('not_found', { what: 'workflow', pointer: `/ids/${missing}` })
  await order(tx, workspaceId, [...new Set(ids)], now)
  const data = { name: first.name, order: ids }
  await append(tx, { type: 'workflow.changed', workspaceId, subjectId: first.id, actor: by, data }, now)
}

/** A file that was exported, or a definition by itself. */
export function readFile(file: Json): NewDraft & { readonly draft: Json } {
  const { definition, layout } = (isObject(file) ? file : {}) as { definition?: Json; layout?: Json }
  const draft = isObject(definition) ? definition : file
  if (!isObject(draft) || typeof draft.schema !== 'string')
    throw new Refusal('invalid_request', {
      why: 'This is no definition of a workflow: it does not say its `schema`.',
      pointer: '/file',
    })
  return { name: nameIn(draft) ?? 'Imported workflow', draft, ...(isObject(layout) && { layout }) }
}

export function fileOf({ draft, layout }: Workflow): string {
  return `${JSON.stringify({ definition: draft, layout }, null, 2)}\n`
}

function nameIn(draft: Json | undefined): string | undefined {
  const name = isObject(draft) ? draft.name : undefined
  return typeof name === 'string' && name.length >= 1 && name.length <= 120 ? name : undefined
}

function withName(draft: Json, name: string): Json {
  return isObject(draft) ? { ...draft, name } : draft
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuseLong(draft: Json, layout: Json): void {
  for (const [pointer, value] of [
    ['/draft', draft],
    ['/layout', layout],
  ] as const) {
    const { length } = JSON.stringify(value)
    if (length <= MAX_CHARACTERS) continue
    const why = `A workflow is at most ${MAX_CHARACTERS} characters long; this has ${length}.`
    throw new Refusal('invalid_request', { why, pointer, limit: MAX_CHARACTERS })
  }
}
