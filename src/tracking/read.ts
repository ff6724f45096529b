import type { Db, Tx } from '../db/database.ts'
import type { Tracking } from '../delivery/message.ts'
import type { MessageId, WorkspaceId } from '../lib/ids.ts'
import { HIT_KINDS, type HitKind, WHO, type Who } from './hit.ts'
import { countHits } from './queries.ts'

/** How many deliveries were opened or had a link followed, and how often, by who it seems to have been. */
export type Seen = Readonly<Record<HitKind, Readonly<Record<Who, { readonly deliveries: number; readonly hits: number }>>>>

export interface TrackingStory extends Pick<Tracking, 'opens' | 'clicks'> {
  readonly seen: Seen
}

export async function readTracking(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  { id, tracking }: { readonly id: MessageId; readonly tracking: Tracking | null },
): Promise<TrackingStory | null> {
  if (!tracking) return null
  const counts = await countHits(db, workspaceId, id)
  const seen = Object.fromEntries(
    HIT_KINDS.map((kind) => [
      kind,
      Object.fromEntries(
        WHO.map((who) => {
          const { deliveries = 0, hits = 0 } = counts.find((count) => count.kind === kind && count.who === who) ?? {}
          return [who, { deliveries, hits }]
        }),
      ),
    ]),
  ) as unknown as Seen
  return { opens: tracking.opens, clicks: tracking.clicks, seen }
}
