import type { Db, Tx } from '../db/database.ts'
import type { LinkSetId, WorkspaceId } from '../lib/ids.ts'
import { insertLinks, selectLink } from './queries.ts'
import type { LinkSet } from './track.ts'

/** So many rows in one statement. */
const CHUNK = 2_000

/** Keeps where the links of messages lead, in the transaction that submits them. */
export async function keepLinks(tx: Tx, workspaceId: WorkspaceId, sets: readonly LinkSet[]): Promise<void> {
  let [chunk, rows]: [LinkSet[], number] = [[], 0]
  for (const set of sets) {
    chunk.push(set)
    rows += set.urls.length
    if (rows < CHUNK) continue
    await insertLinks(tx, workspaceId, chunk)
    ;[chunk, rows] = [[], 0]
  }
  if (rows > 0) await insertLinks(tx, workspaceId, chunk)
}

/** Where a link leads; null when there is no such link. */
export async function findLink(db: Db, workspaceId: WorkspaceId, linkSet: LinkSetId, n: number): Promise<string | null> {
  return await selectLink(db, workspaceId, linkSet, n)
}
