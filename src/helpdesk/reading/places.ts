import type { Db, Tx } from '../../db/database.ts'
import type { ConversationId, WorkspaceId } from '../../lib/ids.ts'
import { mayReach, type Reach } from '../access/reach.ts'
import { type ConversationPlace, selectPlaces } from './place-queries.ts'

export type { ConversationPlace } from './place-queries.ts'

/** Number and subject of conversations, for links from elsewhere: of those that may be reached. One statement. */
export async function placesOf(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly ConversationId[],
  reach: Reach,
): Promise<ReadonlyMap<ConversationId, ConversationPlace>> {
  if (ids.length === 0) return new Map()
  const found = await selectPlaces(db, workspaceId, [...new Set(ids)])
  return new Map(found.filter((place) => mayReach(reach, place)).map((place) => [place.id, place]))
}
