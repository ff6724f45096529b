/** A draft against everything that is known here: what it points to, what ran before, what else runs. */

import { listFields as listContactFields } from '../../contacts/fields.ts'
import type { Tx } from '../../db/database.ts'
import { listFields } from '../../helpdesk/triage/settings.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { parseLiquid, pathsIn } from '../../templates/liquid.ts'
import { check } from '../definition/check.ts'
import { fieldOf, type Known, typeOfOwn } from '../definition/fields.ts'
import { Graph, type Json } from '../definition/graph.ts'
import type { Problem } from '../definition/node-type.ts'
import { selectCalls, selectVersion, type Workflow } from '../queries.ts'
import { findReferences, isLookedAt, referencesIn, unsignedAmong } from './references.ts'

export interface CheckedDraft {
  readonly graph: Graph | null
  readonly problems: readonly Problem[]
}

/** `workflow`: the one that it is the draft of, where there is one already. */
export async function checkDraft(
  tx: Tx,
  workspaceId: WorkspaceId,
  workflow: Pick<Workflow, 'id' | 'versionId'> | null,
  draft: Json,
  now: Date,
): Promise<CheckedDraft> {
  const read = Graph.safeParse(draft)
  if (!read.success) return check(draft, { now })
  const graph = read.data
  const wanted = referencesIn([graph])
  const found = await findReferences(tx, workspaceId, wanted)
  const unsigned = await unsignedAmong(tx, workspaceId, wanted.get('sender') ?? [])
  const there = new Set(found.map(({ kind, id }) => `${kind} ${id}`))
  const known = await knownFields(tx, workspaceId)
  const calls = await selectCalls(tx, workspaceId)
  const version = workflow?.versionId ? await selectVersion(tx, workspaceId, workflow.versionId) : null
  const previous = version ? (Graph.safeParse(version.graph).data ?? null) : null
  return check(draft, {
    now,
    ...(workflow && { workflowId: workflow.id }),
    has: (kind, id) => !isLookedAt(kind) || there.has(`${kind} ${id}`),
    unsigned: (sender) => unsigned.get(sender) ?? null,
    fieldType: (field) => fieldOf(field, graph, known)?.type ?? null,
    faultOfText: (text) => {
      const parsed = parseLiquid(text, 'plain')
      return parsed.ok ? null : parsed.sentence
    },
    pathsOfText: (text, isHtml) => {
      const escaping = isHtml ? 'html' : 'plain'
      const parsed = parseLiquid(text, escaping)
      return parsed.ok ? pathsIn(parsed.nodes, escaping) : []
    },
    previous,
    runs: (id) => calls.get(id) ?? [],
  })
}

/** Names a problem while it stays what it is. */
export function keyOfProblem({ code, node, field }: Problem): string {
  return `${code}:${node ?? ''}:${field ?? ''}`
}

/** The fields that a workspace made itself, as conditions see them. */
export async function knownFields(tx: Tx, workspaceId: WorkspaceId): Promise<Known> {
  const ofConversations = await listFields(tx, workspaceId)
  const ofContacts = await listContactFields(tx, workspaceId)
  return {
    conversationFields: ofConversations.map(({ id, name, type }) => ({ id, name, type: typeOfOwn(type) })),
    contactFields: ofContacts.map(({ key, label, type }) => ({ key, name: label, type: typeOfOwn(type) })),
  }
}
