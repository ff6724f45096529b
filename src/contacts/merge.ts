/**
 * Two contacts turn out to be one person. What the merged one said of itself fills what the other leaves open; addresses go over; the row stays, says into
 * whom it went, and keeps what is needed to part them again. Conversations are the helpdesk's: it moves them in the same transaction
 * (helpdesk/people/merge-people.ts).
 */
import { type Actor, actorReference } from '../accounts/actor.ts'
import type { Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { type ContactId, type ConversationId, newId } from '../lib/ids.ts'
import { moveActivity } from './activity/queries.ts'
import { carryConsent } from './consent/carry.ts'
import { type Contact, MAX_TAGS, nameOf } from './contact.ts'
import {
  deleteAddresses,
  insertMerge,
  lockContacts,
  type Merge,
  type MergeId,
  markUndone,
  promoteAddresses,
  replaceAddresses,
  replaceTags,
  selectContact,
  selectStandingMerge,
  updateContact,
} from './contact-queries.ts'
import { MAX_ADDRESSES, ownerOfExternalId, record } from './contacts.ts'

export { appendConversations as rememberFollowers, selectRecentMerges as recentMerges } from './contact-queries.ts'

export interface BothContacts {
  readonly from: Contact
  readonly into: Contact
}

/** Both, locked; null when they are one already. Whoever was merged into a third is not merged again. */
export async function lockForMerge(
  tx: Tx,
  { from: fromId, into: intoId }: { readonly from: ContactId; readonly into: ContactId },
  actor: Actor,
): Promise<BothContacts | null> {
  const found = new Map((await lockContacts(tx, actor.workspaceId, [fromId, intoId])).map((contact) => [contact.id, contact]))
  const from = found.get(fromId)
  const into = found.get(intoId)
  if (!from || !into) throw new Refusal('not_found', { what: 'contact' })
  if (from.id === into.id) throw new Refusal('contacts_not_joined', { why: 'that is one contact, not two', pointer: '/into' })
  if (from.mergedInto === into.id) return null
  for (const contact of [from, into])
    if (contact.mergedInto)
      throw new Refusal('contacts_not_joined', { why: `${nameOf(contact)} was joined with another contact already` })
  if (from.addresses.length + into.addresses.length > MAX_ADDRESSES)
    throw new Refusal('too_many_addresses', { limit: MAX_ADDRESSES })
  return { from, into }
}

/** What becomes of the one that stays. Pure: nothing that it says is overwritten. */
export function joined({ from, into }: BothContacts, now: Date): Contact {
  const notes = [into.note, from.note].filter((note) => note !== '').join('\n\n')
  return {
    ...into,
    name: into.name || from.name,
    firstName: into.firstName || from.firstName,
    lastName: into.lastName || from.lastName,
    externalId: into.externalId ?? from.externalId,
    language: into.language || from.language,
    timeZone: into.timeZone || from.timeZone,
    data: { ...from.data, ...into.data },
    tags: [...new Set([...into.tags, ...from.tags])].slice(0, MAX_TAGS),
    company: into.company || from.company,
    jobTitle: into.jobTitle || from.jobTitle,
    phones: [...new Set([...into.phones, ...from.phones])].slice(0, 20),
    note: notes.length > 10_000 ? into.note : notes,
    addresses: [...into.addresses, ...from.addresses],
    updatedAt: now,
  }
}

export async function mergeContacts(
  tx: Tx,
  both: BothContacts,
  conversations: readonly ConversationId[],
  actor: Actor,
  now: Date,
): Promise<Contact> {
  const { from, into } = both
  const { workspaceId } = actor
  const whole = joined(both, now)
  const id = newId<MergeId>(now.getTime())
  const merge: Merge = {
    workspaceId,
    id,
    contactId: from.id,
    intoId: into.id,
    addresses: from.addresses,
    conversations,
    actor: actorReference(actor),
    mergedAt: now,
  }
  await insertMerge(tx, merge)
  await replaceAddresses(tx, workspaceId, from.id, [], now)
  await replaceAddresses(tx, workspaceId, into.id, whole.addresses, now)
  // First the one that goes: an external id is one person's at any moment.
  await updateContact(tx, { ...from, mergedInto: into.id, updatedAt: now })
  await updateContact(tx, whole)
  await replaceTags(tx, workspaceId, into.id, whole.tags, now)
  await carryConsent(tx, workspaceId, { from: from.id, into: into.id }, actorReference(actor), now)
  await moveActivity(tx, workspaceId, { from: from.id, to: into.id, addresses: null })
  await record(tx, 'contact.merged', from, { into: into.id, into_name: nameOf(into) }, actor, now)
  return whole
}

/** Parts the two again: the addresses that are still with the other go back. What the other took over of what was said of them, it keeps. */
export async function partContacts(
  tx: Tx,
  id: ContactId,
  actor: Actor,
  now: Date,
): Promise<{ readonly contact: Contact; readonly merge: Merge; readonly back: readonly string[] }> {
  const { workspaceId } = actor
  const merge = await selectStandingMerge(tx, workspaceId, id)
  if (!merge) {
    if (!(await selectContact(tx, workspaceId, id))) throw new Refusal('not_found', { what: 'contact' })
    throw new Refusal('contacts_not_joined', { why: 'this contact is joined with nobody' })
  }
  const found = await lockContacts(tx, workspaceId, [id, merge.intoId])
  const into = found.find((contact) => contact.id === merge.intoId)
  const contact = found.find((one) => one.id === id)
  if (!into || !contact) throw new Refusal('not_found', { what: 'contact' })
  if (into.mergedInto) {
    const why = `${nameOf(into)} was joined with another contact since. Part those two first`
    throw new Refusal('contacts_not_joined', { why })
  }
  const back = merge.addresses.filter((address) => into.addresses.includes(address))
  await deleteAddresses(
    tx,
    workspaceId,
    back.map((address) => ({ address, contactId: into.id })),
  )
  await promoteAddresses(tx, workspaceId, [into.id])
  await replaceAddresses(tx, workspaceId, id, back, now)
  const { externalId } = contact
  const tookId = externalId !== null && into.externalId === externalId
  await updateContact(tx, { ...into, ...(tookId && { externalId: null }), updatedAt: now })
  // Meanwhile somebody else may have got it: it stays with them.
  const isFree = externalId === null || (await ownerOfExternalId(tx, workspaceId, externalId)) === null
  await updateContact(tx, { ...contact, mergedInto: null, externalId: isFree ? externalId : null, updatedAt: now })
  await moveActivity(tx, workspaceId, { from: into.id, to: id, addresses: back })
  await carryConsent(tx, workspaceId, { from: into.id, into: id }, actorReference(actor), now)
  await markUndone(tx, workspaceId, merge.id, now)
  const parted = await selectContact(tx, workspaceId, id)
  if (!parted) throw new Refusal('not_found', { what: 'contact' })
  await record(tx, 'contact.changed', parted, { changes: ['parted'], from: into.id }, actor, now)
  return { contact: parted, merge, back }
}
