/** What a draft would do, before it does: with one thing that happened, with all of the last 30 days, and beside what runs now. */
import type { Actor } from '../accounts/actor.ts'
import { findContact } from '../contacts/contacts.ts'
import { type Database, ENGINE, type Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { reachConversation } from '../helpdesk/reading/read.ts'
import type { ContactId, WorkspaceId } from '../lib/ids.ts'
import { typeOf } from './definition/catalogue.ts'
import { type Difference, differences, incompatible } from './definition/diff.ts'
import { Graph, type Json } from './definition/graph.ts'
import { findOrRefuse } from './drafts.ts'
import { type Tried, tryRun } from './dry-run.ts'
import type { ActDeps } from './engine/acts.ts'
import type { Happening } from './happening.ts'
import type { Values } from './interpret/state.ts'
import { causeFor, type Simulated, simulate } from './past.ts'
import { selectVersion } from './queries.ts'
import { findReferences, namesFrom, referencesIn } from './reading/references.ts'
import { nameSubjects } from './reading/subjects.ts'
import { readInputs } from './start-run.ts'
import type { VersionId, WorkflowId } from './steps/step.ts'

export interface TrialDeps extends ActDeps {
  readonly database: Database
  readonly monotonicMs: () => number
}

export interface TrialWish {
  /** Null: as it is saved. */
  readonly draft: Json | null
  readonly trigger: string | null
  readonly conversationId: string | null
  readonly contactId: ContactId | null
  readonly payload: Values
  readonly inputs: Values
  readonly ways: Readonly<Record<string, string>>
}

export async function tryDraft(
  deps: TrialDeps,
  actor: Actor,
  id: WorkflowId,
  wish: TrialWish,
  now: Date,
): Promise<{ readonly happening: Happening | null; readonly tried: Tried | null }> {
  const { workspaceId } = actor
  const found = await deps.database.transaction(
    ENGINE,
    async (tx) => {
      const graph = await graphOf(tx, workspaceId, id, wish.draft)
      const node = triggerOf(graph, wish.trigger)
      const conversation = wish.conversationId === null ? null : await reachConversation(tx, actor, wish.conversationId)
      if (wish.contactId !== null && !(await findContact(tx, workspaceId, wish.contactId)))
        throw new Refusal('not_found', { what: 'contact', pointer: '/contact_id' })
      const contactId = wish.contactId ?? conversation?.contactId ?? null
      const about = { conversationId: conversation?.id ?? null, contactId, payload: wish.payload }
      const happening = await causeFor(tx, workspaceId, { workflowId: id, graph, node }, about, now)
      return { graph, node, happening }
    },
    { readOnly: true, statementTimeoutMs: 10_000 },
  )
  const { graph, node, happening } = found
  if (!happening) return { happening, tried: null }
  const inputs = readInputs(graph.inputs, wish.inputs)
  const trial = { graph, node, happening, inputs, ways: wish.ways }
  return { happening, tried: await tryRun(deps.database, deps, actor, id, trial, now) }
}

function triggerOf(graph: Graph, wanted: string | null): string {
  const triggers = Object.keys(graph.nodes).filter((id) => typeOf(graph.nodes[id]?.type ?? '')?.kind === 'trigger')
  const found = wanted === null ? triggers[0] : triggers.find((id) => id === wanted)
  if (found === undefined)
    throw new Refusal('invalid_request', { why: 'There is no such trigger in this workflow.', pointer: '/trigger' })
  return found
}

async function graphOf(tx: Tx, workspaceId: WorkspaceId, id: WorkflowId, draft: Json | null): Promise<Graph> {
  const workflow = await findOrRefuse(tx, workspaceId, id)
  const read = Graph.safeParse(draft ?? workflow.draft)
  if (read.success) return read.data
  const errors = read.error.issues.slice(0, 20).map(({ path, message }) => ({
    pointer: ['/draft', ...path.map(String)].join('/'),
    detail: message,
  }))
  throw new Refusal('workflow_has_problems', { first: 'The draft is not as workflow/1 wants it.', more: errors.length, errors })
}

export type SimulatedOnce = Simulated['first'][number] & {
  readonly subject: { readonly kind: 'conversation' | 'contact'; readonly id: string; readonly label: string | null } | null
}

export async function simulateDraft(
  deps: TrialDeps,
  { workspaceId }: Actor,
  id: WorkflowId,
  draft: Json | null,
  now: Date,
): Promise<Omit<Simulated, 'first'> & { readonly first: readonly SimulatedOnce[] }> {
  return await deps.database.transaction(
    ENGINE,
    async (tx) => {
      const graph = await graphOf(tx, workspaceId, id, draft)
      const { first, ...counts } = await simulate(tx, deps, workspaceId, { workflowId: id, graph }, now)
      const { subject: kind } = graph
      const subjectOf = (subjectId: string | null) => (kind === 'none' || subjectId === null ? null : { kind, id: subjectId })
      const label = await nameSubjects(
        tx,
        workspaceId,
        first.flatMap(({ subjectId }) => subjectOf(subjectId) ?? []),
      )
      const named = first.map((one) => {
        const subject = subjectOf(one.subjectId)
        return { ...one, subject: subject && { ...subject, label: label(subject) } }
      })
      return { ...counts, first: named }
    },
    { readOnly: true, statementTimeoutMs: 10_000 },
  )
}

/** Null: there is no version to compare with. */
export async function compareDraft(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: WorkflowId,
  draft: Json | null,
  versionId: VersionId | null,
): Promise<{ readonly differences: readonly Difference[]; readonly blockers: readonly string[] } | null> {
  const workflow = await findOrRefuse(tx, workspaceId, id)
  const wanted = versionId ?? workflow.versionId
  const version = wanted && (await selectVersion(tx, workspaceId, wanted))
  const before = version && version.workflowId === id ? Graph.safeParse(version.graph).data : undefined
  if (!before) return null
  const after = await graphOf(tx, workspaceId, id, draft)
  const names = namesFrom(await findReferences(tx, workspaceId, referencesIn([before, after])))
  return { differences: differences(before, after, names), blockers: incompatible(before, after) }
}
