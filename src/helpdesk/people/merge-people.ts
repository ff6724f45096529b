/** Joining two contacts, with everything that the helpdesk knows of them, in one transaction; and parting them again. */
import type { Actor } from '../../accounts/actor.ts'
import type { Contact } from '../../contacts/contact.ts'
import { findContact } from '../../contacts/contacts.ts'
import { lockForMerge, mergeContacts, partContacts } from '../../contacts/merge.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { ContactId } from '../../lib/ids.ts'
import { handOverConversations, handOverItems, lockAskedBy } from './people-queries.ts'

/** More in one transaction would hold every reader of the log up. Whoever asked in more is a mailing list, not a person. */
const MAX_CONVERSATIONS = 10_000

/** Doing so twice changes nothing the second time. */
export async function mergePeople(
  tx: Tx,
  pair: { readonly from: ContactId; readonly into: ContactId },
  actor: Actor,
  now: Date,
): Promise<Contact> {
  const { workspaceId } = actor
  const both = await lockForMerge(tx, pair, actor)
  if (!both) {
    const into = await findContact(tx, workspaceId, pair.into)
    if (!into) throw new Refusal('not_found', { what: 'contact' })
    return into
  }
  const conversations = await lockAskedBy(tx, workspaceId, pair.from, MAX_CONVERSATIONS + 1)
  if (conversations.length > MAX_CONVERSATIONS) {
    const why = `one of them has more than ${MAX_CONVERSATIONS.toLocaleString('en')} conversations. Join the other into it instead`
    throw new Refusal('contacts_not_joined', { why })
  }
  const handover = { workspaceId, from: pair.from, to: pair.into }
  await handOverConversations(tx, handover, conversations, now)
  await handOverItems(tx, handover, both.from.addresses, conversations)
  return await mergeContacts(tx, both, conversations, actor, now)
}

/** What came over goes back, as far as it is still there: addresses, what was written from them, and the conversations of then. */
export async function partPeople(tx: Tx, id: ContactId, actor: Actor, now: Date): Promise<Contact> {
  const { contact, merge, back } = await partContacts(tx, id, actor, now)
  const handover = { workspaceId: actor.workspaceId, from: merge.intoId, to: id }
  await handOverConversations(tx, handover, merge.conversations, now)
  await handOverItems(tx, handover, back, merge.conversations)
  return contact
}
