import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Database, Tx } from '../../db/database.ts'
import { DAY } from '../../lib/clock.ts'
import type { OwnOf } from '../../tracking/personalise.ts'
import type { TrackingPlace } from '../../tracking/track.ts'
import type { Campaign } from '../campaign.ts'
import type { CompileDeps } from '../compile.ts'
import { lockCampaign } from '../queries.ts'

export interface PrepareDeps {
  readonly database: Database
  readonly blobs: BlobStore
  readonly tracking: TrackingPlace
  readonly ownOf: OwnOf
  readonly mjml: CompileDeps['mjml']
  takesMail: CompileDeps['takesMail']
  replyInbox: CompileDeps['replyInbox']
}

/** While it waits for its turn a delivery keeps: at 35 an hour the last of 300,000 comes after a year. */
export const WAITS_MS = 365 * DAY

/** The campaign as it is now, locked; null when somebody moved it since it was read. */
export async function lockAt(tx: Tx, seen: Campaign): Promise<Campaign | null> {
  const current = await lockCampaign(tx, seen.workspaceId, seen.id)
  return current?.state === 'preparing' && current.phase === seen.phase && current.cursor === seen.cursor ? current : null
}
