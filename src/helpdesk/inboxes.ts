/** Reading inboxes. */
import type { Db, Tx } from '../db/database.ts'
import type { InboxId, WorkspaceId } from '../lib/ids.ts'
import type { Inbox } from './inbox.ts'
import { selectInbox, selectInboxes } from './queries.ts'

export const MAX_INBOXES = 1_000

export function findInbox(db: Db | Tx, workspaceId: WorkspaceId, id: InboxId): Promise<Inbox | null> {
  return selectInbox(db, workspaceId, id)
}

/** All of them, by name; closed ones too. */
export function listInboxes(db: Db | Tx, workspaceId: WorkspaceId): Promise<Inbox[]> {
  return selectInboxes(db, workspaceId, MAX_INBOXES)
}
