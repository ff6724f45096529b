import type { Db, Tx } from '../../db/database.ts'
import type { MailingId, WorkspaceId } from '../../lib/ids.ts'
import { obstacleOf, waysOf } from '../routing/choose.ts'
import { isUnsorted } from '../routing/picture.ts'
import { readPictures } from '../routing/read-picture.ts'
import { selectLanesOf } from './queries.ts'

/** Why nothing of a mailing leaves at this moment, by the rules that serve it. */
export type MailingWait =
  /** Nothing waits. */
  | { readonly kind: 'nothing' }
  /** Something may leave now: whoever sends only has to take it. */
  | { readonly kind: 'open' }
  | { readonly kind: 'waits'; readonly sentence: string; readonly until: Date | null }

export async function whyMailingWaits(db: Db | Tx, workspaceId: WorkspaceId, id: MailingId, now: Date): Promise<MailingWait> {
  const lanes = await selectLanesOf(db, workspaceId, id)
  if (lanes.length === 0) return { kind: 'nothing' }
  const picture = (await readPictures(db, new Set([workspaceId]))).get(workspaceId)
  if (!picture) return { kind: 'nothing' }
  const obstacles: { sentence: string; until: Date | null }[] = []
  for (const lane of lanes) {
    if (lane.dueAt > now) {
      obstacles.push({ sentence: 'The next try is due later.', until: lane.dueAt })
      continue
    }
    const obstacle = obstacleOf(waysOf(picture, lane, now))
    // Mail that has to be sorted first is waited for by nobody else, unless the mailing stands still.
    if (!obstacle || (isUnsorted(lane, picture) && obstacle.kind !== 'mailing')) return { kind: 'open' }
    obstacles.push(obstacle)
  }
  const at = ({ until }: { readonly until: Date | null }) => until?.getTime() ?? Number.POSITIVE_INFINITY
  const [first] = obstacles.toSorted((a, b) => at(a) - at(b))
  return first ? { kind: 'waits', sentence: first.sentence, until: first.until } : { kind: 'nothing' }
}
