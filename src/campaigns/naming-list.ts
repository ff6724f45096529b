import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { selectNamesToList } from './queries.ts'

/** Campaigns to a list or without it, in whatever state, and the limit on how many mails of it somebody gets: as words. */
export async function campaignsTo(db: Db | Tx, workspaceId: WorkspaceId, list: string): Promise<readonly string[]> {
  const { campaigns, isCapped } = await selectNamesToList(db, workspaceId, list, MOST)
  return [...campaigns.map((name) => `the campaign “${name}”`), ...(isCapped ? ['the limit on how much mail people get'] : [])]
}

const MOST = 20
