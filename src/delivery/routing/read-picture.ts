import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { readAlignmentFacts } from '../domains/alignment-facts.ts'
import type { Picture } from './picture.ts'
import { selectPictures } from './queries.ts'

/** Everything that decides about waiting mail of these workspaces, at this moment. */
export async function readPictures(db: Db | Tx, workspaceIds: ReadonlySet<WorkspaceId>): Promise<Map<WorkspaceId, Picture>> {
  if (workspaceIds.size === 0) return new Map()
  const ids = [...workspaceIds]
  const pictures = await selectPictures(db, ids)
  const facts = Map.groupBy(await readAlignmentFacts(db, ids), (fact) => fact.workspaceId)
  return new Map(
    [...pictures].map(([id, picture]) => {
      const misalignments = (facts.get(id) ?? []).filter((fact) => !fact.aligned)
      return [id, { ...picture, misalignments: misalignments.map(({ reason, ...fact }) => ({ ...fact, sentence: reason })) }]
    }),
  )
}
