import { keyOfAddress } from '../contacts/save-contact.ts'
import type { Db } from '../db/database.ts'
import { selectInboxesAt } from '../helpdesk/matching-queries.ts'
import type { InboxId, WorkspaceId } from '../lib/ids.ts'

/** Whose mail it is that is sent to this address: an inbox's, in any workspace. A plus and what follows it is detail. */
export async function inboxesAt(db: Db, address: string): Promise<{ workspaceId: WorkspaceId; inboxId: InboxId }[]> {
  const key = keyOfAddress(address)
  if (key === null) return []
  const exact = await selectInboxesAt(db, key)
  const plain = key.replace(/\+[^@]*@/, '@')
  return exact.length > 0 || plain === key ? exact : await selectInboxesAt(db, plain)
}
