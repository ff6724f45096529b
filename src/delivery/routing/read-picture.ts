import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { readAlignmentFacts } from '../domains/alignment-facts.ts'
import type { Misalignment, Picture } from './picture.ts'
import { selectPictures } from './queries.ts'

export type Misalignments = ReadonlyMap<WorkspaceId, readonly Misalignment[]>

/** Everything that decides about waiting mail of these workspaces, at this moment; `misalignments` as somebody read them shortly before, if so. */
export async function readPictures(
  db: Db | Tx,
  workspaceIds: ReadonlySet<WorkspaceId>,
  misalignments?: Misalignments,
): Promise<Map<WorkspaceId, Picture>> {
  if (workspaceIds.size === 0) return new Map()
  const pictures = await selectPictures(db, [...workspaceIds])
  const misaligned = misalignments ?? (await readMisalignments(db, workspaceIds))
  return new Map([...pictures].map(([id, picture]) => [id, { ...picture, misalignments: misaligned.get(id) ?? [] }]))
}

/** Which From domains may not leave by which routes. It changes as slowly as the DNS does. */
export async function readMisalignments(db: Db | Tx, workspaceIds: ReadonlySet<WorkspaceId>): Promise<Misalignments> {
  const facts = (await readAlignmentFacts(db, [...workspaceIds])).filter((fact) => !fact.aligned)
  const found = new Map<WorkspaceId, Misalignment[]>([...workspaceIds].map((id) => [id, []]))
  for (const { workspaceId, reason, routeId, fromDomain } of facts)
    found.get(workspaceId)?.push({ routeId, fromDomain, sentence: reason })
  return found
}
