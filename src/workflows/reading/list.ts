/** Workflows as people look at them: what they begin with in words, whether the draft is what runs, what goes on. */
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { configOf, typeOf } from '../definition/catalogue.ts'
import { Graph, type Subject } from '../definition/graph.ts'
import type { Names } from '../definition/node-type.ts'
import { selectOpenImports } from '../imports-queries.ts'
import type { Workflow } from '../queries.ts'
import { type ActiveVersion, selectActiveVersions, selectRunCounts } from './list-queries.ts'
import { findReferences, type NamedReference, namesFrom, referencesIn } from './references.ts'

export { MANY_RUNS } from './list-queries.ts'

export interface DescribedWorkflow {
  readonly workflow: Workflow
  readonly description: string
  readonly subject: Subject | null
  readonly starts: readonly string[]
  readonly version: Pick<ActiveVersion, 'id' | 'number' | 'publishedAt'> | null
  readonly hasChanges: boolean
  /** It came from a file, and what was said of it is still to be looked at. */
  readonly hasImportReport: boolean
  readonly running: number
  readonly held: number
}

export interface Described {
  readonly items: readonly DescribedWorkflow[]
  readonly names: readonly NamedReference[]
}

export async function describeWorkflows(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  workflows: readonly Workflow[],
): Promise<Described> {
  const versions = await selectActiveVersions(
    db,
    workspaceId,
    workflows.flatMap(({ versionId }) => versionId ?? []),
  )
  const counts = await selectRunCounts(
    db,
    workspaceId,
    workflows.map(({ id }) => id),
  )
  const imported = await selectOpenImports(
    db,
    workspaceId,
    workflows.map(({ id }) => id),
  )
  const read = workflows.map((workflow) => {
    const version = versions.get(workflow.versionId ?? '') ?? null
    const active = version && (Graph.safeParse(version.graph).data ?? null)
    return { workflow, version, active, draft: Graph.safeParse(workflow.draft).data ?? null }
  })
  const graphs = read.flatMap(({ active, draft }) => [active, draft]).filter((graph) => graph !== null)
  const names = await findReferences(db, workspaceId, referencesIn(graphs))
  const items = read.map(({ workflow, version, active, draft }): DescribedWorkflow => {
    const shown = active ?? draft
    return {
      workflow,
      description: (draft ?? active)?.description ?? '',
      subject: (draft ?? active)?.subject ?? null,
      starts: shown ? startsOf(shown, namesFrom(names)) : [],
      version: version && { id: version.id, number: version.number, publishedAt: version.publishedAt },
      hasChanges: version !== null && !(draft && active && isSame(draft, active)),
      hasImportReport: imported.has(workflow.id),
      ...(counts.get(workflow.id) ?? { running: 0, held: 0 }),
    }
  })
  return { items, names }
}

/** Its triggers, as sentences. */
export function startsOf(graph: Graph, names: Names): string[] {
  return Object.values(graph.nodes).flatMap((node) => {
    const type = typeOf(node.type)
    const config = type?.kind === 'trigger' ? configOf(node) : null
    return type && config !== null ? [type.sentence(config, names)] : []
  })
}

/** Rows keep the keys of objects in an order of their own. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) => isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
}
