import type { Db, Tx } from '../../db/database.ts'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { RouteKind } from '../routes/route.ts'
import { type Alignment, alignment } from './alignment.ts'
import { selectAlignmentRows } from './queries.ts'

export interface AlignmentFact extends Alignment {
  readonly workspaceId: WorkspaceId
  readonly fromDomain: string
  readonly routeId: RouteId
  readonly kind: RouteKind
}

/** For each route and each From domain that is managed or has mail: whether mail of the one may leave by the other, and why. */
export async function readAlignmentFacts(db: Db | Tx, workspaceIds: readonly WorkspaceId[]): Promise<AlignmentFact[]> {
  if (workspaceIds.length === 0) return []
  const rows = await selectAlignmentRows(db, workspaceIds)
  return rows.map(({ workspaceId, fromDomain, routeId, kind, state, spfCovers, provider }) => ({
    workspaceId,
    fromDomain,
    routeId,
    kind,
    ...alignment({ name: fromDomain, state, spfCovers }, kind, provider),
  }))
}

export function selectAlignmentFacts(db: Db | Tx, workspaceId: WorkspaceId): Promise<AlignmentFact[]> {
  return readAlignmentFacts(db, [workspaceId])
}
