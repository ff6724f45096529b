import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Picture } from './picture.ts'
import { selectPictures } from './queries.ts'

/** Everything that decides about waiting mail of these workspaces, at this moment. */
export async function readPictures(db: Db | Tx, workspaceIds: ReadonlySet<WorkspaceId>): Promise<Map<WorkspaceId, Picture>> {
  if (workspaceIds.size === 0) return new Map()
  const pictures = await selectPictures(db, [...workspaceIds])
  return new Map([...pictures].map(([id, picture]) => [id, { ...picture, misalignments: [] }]))
}
