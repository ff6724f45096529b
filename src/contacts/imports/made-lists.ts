/** Lists that an import made go with its undo, where nobody else uses them; a list that stays says why. One at a time, each under the lock of its row. */
import type { Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { ListId } from '../consent/change-consent.ts'
import { deleteList, lockList } from '../lists-queries.ts'
import type { MadeList } from './import.ts'
import { selectUsesOfList } from './made-list-queries.ts'

/** Who above contacts sends to a list or asks for it, as words: “the campaign “News””. */
export type NamersOfList = (tx: Tx, workspaceId: WorkspaceId, id: ListId) => Promise<readonly string[]>

/** What became of it; null where it is gone already. */
export async function removeMadeList(
  tx: Tx,
  { workspaceId, id: importId }: { readonly workspaceId: WorkspaceId; readonly id: string },
  id: ListId,
  namers: NamersOfList,
): Promise<MadeList | null> {
  const list = await lockList(tx, workspaceId, id)
  if (!list) return null
  const why = whyItStays(await selectUsesOfList(tx, workspaceId, list, importId), await namers(tx, workspaceId, id))
  if (why === null) await deleteList(tx, workspaceId, id)
  return { name: list.name, why }
}

function whyItStays(
  { isChanged, people, isSaidElsewhere, segments, works }: Awaited<ReturnType<typeof selectUsesOfList>>,
  named: readonly string[],
): string | null {
  const all = [...named, ...segments.map((name) => `the segment “${name}”`)]
  if (people > 0) return people === 1 ? 'One person is on it.' : `${people} people are on it.`
  if (all.length > 0) return `It is named by ${all.slice(0, 3).join(', ')}${all.length > 3 ? ` and ${all.length - 3} more` : ''}.`
  if (works > 0) return 'Another import, or an act on many contacts, names it.'
  if (isSaidElsewhere) return 'What people said about it otherwise than by this import is kept as the proof.'
  return isChanged ? 'Somebody changed it since.' : null
}
