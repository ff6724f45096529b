/** One step of a repair: the next rows, each with what was done and what was before. */

import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { NewEvent } from '../../events/event.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import { resetConsent } from '../consent/carry.ts'
import type { ListId } from '../consent/change-consent.ts'
import { lockMembers, selectOptIns } from '../consent/queries.ts'
import { type Contact, nameOf } from '../contact.ts'
import { deleteAddresses, lockAddresses, lockContacts, promoteAddresses, updateContact } from '../contact-queries.ts'
import { fillIn } from '../imports/fill-in.ts'
import type { Person } from '../imports/understand.ts'
import { insertRepairRows, type OddAddress, type RepairRow, rewriteAddress, selectOdd, updateRepair } from './queries.ts'
import { changedEvent, type Repair, type RepairCounts, type RepairDeps, repairActor } from './repair.ts'
import { proposeSplit, type Split } from './split.ts'

type Done = Omit<RepairRow, 'undone'>

/** What a step knows of all its rows, and tells the log of them at its end. */
interface Step {
  /** Until something of them was changed. */
  readonly contacts: Map<ContactId, Contact>
  /** Who has the addresses that these would become. */
  readonly owners: Map<string, ContactId>
  /** Whose consent depends on the address. */
  readonly bound: ReadonlySet<ContactId>
  readonly events: NewEvent[]
}

/** Those who left a list, or are on one with double opt-in: asked once for all rows of a step. */
async function boundToAddress(tx: Tx, workspaceId: WorkspaceId, odd: readonly OddAddress[]): Promise<Set<ContactId>> {
  const ids = [...new Set(odd.map(({ contactId }) => contactId))]
  const members = await lockMembers(tx, workspaceId, ids, null)
  const optIns = await selectOptIns(tx, workspaceId, [...new Set(members.map(({ listId }) => listId))])
  const matters = members.filter(
    ({ status, listId }) => status === 'unsubscribed' || (status === 'subscribed' && optIns.get(listId) === 'double'),
  )
  return new Set(matters.map(({ contactId }) => contactId))
}

/** What would be asked for each row, asked once. */
async function lookAhead(tx: Tx, { workspaceId }: Repair, odd: readonly OddAddress[]): Promise<Step> {
  const wanted = odd.flatMap(({ address }) => {
    const proposal = proposeSplit(address)
    return proposal?.ok ? [proposal.split.address] : []
  })
  const ids = [...new Set(odd.map(({ contactId }) => contactId))]
  const contacts = await lockContacts(tx, workspaceId, ids)
  const owners = await lockAddresses(tx, workspaceId, wanted)
  return {
    contacts: new Map(contacts.map((contact) => [contact.id, contact])),
    owners: new Map(owners.map(({ address, contactId }) => [address, contactId])),
    bound: await boundToAddress(tx, workspaceId, odd),
    events: [],
  }
}

export async function repairStep(tx: Tx, deps: Pick<RepairDeps, 'join'>, repair: Repair, rows: number, now: Date): Promise<void> {
  const odd = await selectOdd(tx, repair.workspaceId, { after: repair.cursor, among: repair.addresses, limit: rows })
  const step = await lookAhead(tx, repair, odd)
  const done: Done[] = []
  for (const one of odd) {
    const row = await repairOne(tx, deps, repair, step, one, now)
    if (row) done.push(row)
  }
  if (done.length > 0) await insertRepairRows(tx, repair, done)
  if (step.events.length > 0) await append(tx, step.events, now)
  const counts: Record<keyof RepairCounts, number> = { ...repair.counts }
  for (const row of done) counts[row.done] += 1
  const isOver = odd.length < rows
  const cursor = odd.at(-1)?.address ?? repair.cursor
  await updateRepair(tx, { ...repair, counts, cursor, ...(isOver && { state: 'done' as const, finishedAt: now }) })
}

/** Null: it is an address. */
async function repairOne(
  tx: Tx,
  deps: Pick<RepairDeps, 'join'>,
  repair: Repair,
  step: Step,
  odd: OddAddress,
  now: Date,
): Promise<Done | null> {
  const proposal = proposeSplit(odd.address)
  if (!proposal) return null
  const { address, contactId } = odd
  const skipped = (reason: string, became: string | null = null): Done => ({
    address,
    contactId,
    done: 'skipped',
    became,
    reason,
    before: null,
  })
  if (!proposal.ok) return skipped(proposal.why)
  const { split } = proposal
  const contact = step.contacts.get(contactId) ?? (await lockContacts(tx, repair.workspaceId, [contactId]))[0]
  if (!contact) return skipped('The contact is gone.')
  const owner = step.owners.get(split.address)
  step.contacts.delete(contactId)
  if (owner === undefined || owner === contactId) {
    step.owners.set(split.address, contactId)
    return await splitOne(tx, repair, step, contact, odd, split, owner !== undefined, now)
  }
  const [other] = await lockContacts(tx, repair.workspaceId, [owner])
  if (repair.conflicts === 'skip') return skipped(`The address is ${other ? nameOf(other) : 'another contact'}’s.`, split.address)
  return (
    (await joinOne(tx, deps, repair, step, contact, odd, split, owner, now)) ??
    skipped('The two cannot be joined.', split.address)
  )
}

/** Null where they cannot be: then nothing is changed. */
async function joinOne(
  tx: Tx,
  deps: Pick<RepairDeps, 'join'>,
  repair: Repair,
  step: Step,
  contact: Contact,
  odd: OddAddress,
  split: Split,
  into: ContactId,
  now: Date,
): Promise<Done | null> {
  const { address, contactId } = odd
  const fields = await fill(tx, contact, odd, split, now)
  try {
    await deps.join(tx, { from: contactId, into }, repair.actor, now)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    await updateContact(tx, contact)
    return null
  }
  await deleteAddresses(tx, repair.workspaceId, [{ address, contactId: into }])
  step.contacts.delete(into)
  return { address, contactId, done: 'merged', became: split.address, reason: '', before: { fields, pending: [], hadIt: false } }
}

async function splitOne(
  tx: Tx,
  repair: Repair,
  step: Step,
  contact: Contact,
  odd: OddAddress,
  split: Split,
  hasIt: boolean,
  now: Date,
): Promise<Done> {
  const { workspaceId } = repair
  const { address, contactId } = odd
  const fields = await fill(tx, contact, odd, split, now)
  if (hasIt) {
    await deleteAddresses(tx, workspaceId, [odd])
    await promoteAddresses(tx, workspaceId, [contactId])
  } else await rewriteAddress(tx, workspaceId, { from: address, to: split.address, contactId })
  const after = [...new Set(contact.addresses.map((one) => (one === address ? split.address : one)))]
  const pending = step.bound.has(contactId) ? await confirmAnew(tx, repair, contact, after, now) : []
  step.events.push(changedEvent(repair, contactId, split.firstName || split.address))
  return { address, contactId, done: 'split', became: split.address, reason: '', before: { fields, pending, hadIt: hasIt } }
}

/** Which lists are to be confirmed anew because of it. */
async function confirmAnew(tx: Tx, repair: Repair, contact: Contact, after: readonly string[], now: Date): Promise<ListId[]> {
  const { id: contactId, addresses: before } = contact
  const subscribed = await subscribedTo(tx, repair, contactId)
  await resetConsent(tx, repair.workspaceId, { contactId, before, after }, repairActor(repair), now)
  const stays = new Set(await subscribedTo(tx, repair, contactId))
  return subscribed.filter((list) => !stays.has(list))
}

async function subscribedTo(tx: Tx, { workspaceId }: Repair, contactId: ContactId): Promise<ListId[]> {
  const members = await lockMembers(tx, workspaceId, [contactId], null)
  return members.flatMap(({ listId, status }) => (status === 'subscribed' ? [listId] : []))
}

/** Names go where none is; what is left over goes to the note. Answers what it changed. */
async function fill(tx: Tx, contact: Contact, { address }: OddAddress, split: Split, now: Date) {
  const { firstName, lastName, rest } = split
  const hasNames = contact.firstName !== '' || contact.lastName !== ''
  const note =
    rest.length === 0 ? contact.note : [contact.note, `Beside the address: ${rest.join(', ')}`].filter(Boolean).join('\n')
  // A name that is nothing but the broken address is none.
  const plain = contact.name.toLowerCase() === address ? { ...contact, name: '' } : contact
  const person: Person = {
    ...(!hasNames && firstName !== '' && { firstName }),
    ...(!hasNames && lastName !== '' && { lastName }),
    ...(!hasNames && { name: [firstName, lastName].filter(Boolean).join(' ') }),
  }
  const filled = fillIn(plain, person, 'fill')
  const changed = { ...filled.contact, note: note.length > 10_000 ? contact.note : note, updatedAt: now }
  const fields = {
    ...filled.fields,
    ...(contact.name !== changed.name && { name: [contact.name, changed.name] as const }),
    ...(contact.note !== changed.note && { note: [contact.note, changed.note] as const }),
  }
  if (Object.keys(fields).length > 0) await updateContact(tx, changed)
  return fields
}
