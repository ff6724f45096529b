/** What lists need of contacts: a name for an id, and ids for what somebody remembers of a name. */
import type { Db, Tx } from '../db/database.ts'
import type { ContactId, WorkspaceId } from '../lib/ids.ts'
import { selectContactNames, selectFittingContacts } from './names-queries.ts'

export interface ContactName {
  readonly id: ContactId
  readonly name: string
  readonly company: string
  /** Where mail to them goes; '' for whoever has no address any more. */
  readonly address: string
}

export async function contactNames(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly ContactId[],
): Promise<ReadonlyMap<ContactId, ContactName>> {
  const found = ids.length === 0 ? [] : await selectContactNames(db, workspaceId, [...new Set(ids)])
  return new Map(found.map((contact) => [contact.id, contact]))
}

/** Whose name, company or address holds this text, best first. */
export function contactsLike(db: Db | Tx, workspaceId: WorkspaceId, text: string, limit: number): Promise<ContactId[]> {
  return selectFittingContacts(db, workspaceId, text, limit)
}
