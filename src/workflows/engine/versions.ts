/** Published versions never change: each process reads one once. */
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { Graph } from '../definition/graph.ts'
import type { VersionId, WorkflowId } from '../steps/step.ts'
import { selectGraph } from './run-queries.ts'

export interface Version {
  readonly id: VersionId
  readonly workflowId: WorkflowId
  readonly graph: Graph
}

export interface Versions {
  /** Null: it is gone, or cannot be read. */
  of(db: Db | Tx, workspaceId: WorkspaceId, id: VersionId): Promise<Version | null>
}

const KEPT = 500

export function createVersions(): Versions {
  const known = new Map<string, Version>()
  return {
    async of(db, workspaceId, id) {
      const key = `${workspaceId} ${id}`
      const kept = known.get(key)
      if (kept) return kept
      const row = await selectGraph(db, workspaceId, id)
      const read = row && Graph.safeParse(row.graph)
      if (!row || !read?.success) return null
      const version = { id, workflowId: row.workflowId, graph: read.data }
      if (known.size >= KEPT) known.clear()
      known.set(key, version)
      return version
    },
  }
}
