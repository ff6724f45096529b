import type { Actor } from '../../accounts/actor.ts'
import { eraseContacts, lockForErasing } from '../../contacts/erase.ts'
import type { Tx } from '../../db/database.ts'
import type { ContactId } from '../../lib/ids.ts'
import { letGoOfContacts } from './people-queries.ts'

/** Erases a person. Conversations stay as letters that were exchanged, and name no contact any more: who may delete them decides about each. */
export async function erasePerson(tx: Tx, id: ContactId, actor: Actor, now: Date): Promise<void> {
  const person = await lockForErasing(tx, id, actor)
  await letGoOfContacts(tx, actor.workspaceId, person.ids)
  await eraseContacts(tx, person, actor, now)
}
