import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'
import { selectFormsNaming } from './queries.ts'

/** Forms that put people on a list, as they are set now. */
export async function formsNaming(db: Db | Tx, workspaceId: WorkspaceId, list: string): Promise<readonly string[]> {
  return await selectFormsNaming(db, workspaceId, list, MOST)
}

const MOST = 20
