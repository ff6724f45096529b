/** Repairs go on by themselves, row by row in steps that each are one transaction with the cursor that they moved; a process may die between any two. */
import type { Actor } from '../../accounts/actor.ts'
import { type Database, ENGINE, isDatabaseUnavailable, type Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { NewEvent } from '../../events/event.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { type Clock, DAY, HOUR, SECOND } from '../../lib/clock.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import { resetConsent } from '../consent/carry.ts'
import { type ListId, write } from '../consent/change-consent.ts'
import { lockMembers, selectOptIns } from '../consent/queries.ts'
import { type Contact, nameOf } from '../contact.ts'
import { deleteAddresses, lockAddresses, lockContacts, promoteAddresses, updateContact } from '../contact-queries.ts'
import { fillIn, takeBack } from '../imports/fill-in.ts'
import type { Person } from '../imports/understand.ts'
import {
  deleteOldRepairs,
  insertAddress,
  insertRepairRows,
  lockAtWork,
  markUndone,
  type OddAddress,
  type RepairRow,
  rewriteAddress,
  selectDone,
  selectOdd,
  updateRepair,
} from './queries.ts'
import { type Repair, type RepairCounts, repairActor } from './repair.ts'
import { proposeSplit, type Split } from './split.ts'

export interface RepairDeps {
  readonly database: Database
  readonly clock: Clock
  /** Joining people, and parting them again, moves their conversations too: whoever has these does it. */
  join(tx: Tx, pair: { readonly from: ContactId; readonly into: ContactId }, actor: Actor, now: Date): Promise<unknown>
  part(tx: Tx, id: ContactId, actor: Actor, now: Date): Promise<unknown>
}

const ROWS_A_STEP = 100
export const UNDO_FOR_DAYS = 90

/** Rows of a step that fails are tried again one by one: the row whose fault it is is passed over with the reason, and holds up no other. */
export async function workOnRepairs(deps: RepairDeps): Promise<void> {
  const { database, clock } = deps
  let alone = 0
  for (;;) {
    const rows = alone > 0 ? 1 : ROWS_A_STEP
    let fault: unknown
    try {
      const isMore = await database.transaction(ENGINE, async (tx) => {
        try {
          return await step(tx, deps, rows, clock.now())
        } catch (error) {
          fault = error
          throw error
        }
      })
      if (!isMore) return
      alone = Math.max(0, alone - 1)
    } catch (error) {
      // What befell the transaction is no row's fault: the next turn does it again.
      if (error !== fault || isDatabaseUnavailable(error)) throw error
      if (rows === 1) await database.transaction(ENGINE, (tx) => passOver(tx, error))
      alone = rows === 1 ? alone - 1 : ROWS_A_STEP
    }
  }
}

/** True while there is more. */
async function step(tx: Tx, deps: RepairDeps, rows: number, now: Date): Promise<boolean> {
  const repair = await lockAtWork(tx)
  if (!repair) return false
  if (repair.state === 'undoing') await undoStep(tx, deps, repair, rows, now)
  else await repairStep(tx, deps, repair, rows, now)
  return true
}

/** The next row, which cannot be done alone either. */
async function passOver(tx: Tx, error: unknown): Promise<void> {
  const repair = await lockAtWork(tx)
  if (!repair) return
  const { counts } = repair
  if (repair.state === 'undoing') {
    const [row] = await selectDone(tx, repair, 1)
    if (!row) throw error
    await markUndone(tx, repair, [row.address], 'stayed')
    await updateRepair(tx, { ...repair, counts: { ...counts, stayed: counts.stayed + 1 }, cursor: row.address })
    return
  }
  const [odd] = await selectOdd(tx, repair.workspaceId, { after: repair.cursor, among: repair.addresses, limit: 1 })
  if (!odd) throw error
  const why = error instanceof Error ? error.message : String(error)
  const reason = `It could not be done: ${why.slice(0, 200)}`
  await insertRepairRows(tx, repair, [{ ...odd, done: 'skipped', became: null, reason, before: null }])
  await updateRepair(tx, { ...repair, counts: { ...counts, skipped: counts.skipped + 1 }, cursor: odd.address })
}

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

async function repairStep(tx: Tx, deps: RepairDeps, repair: Repair, rows: number, now: Date): Promise<void> {
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
async function repairOne(tx: Tx, deps: RepairDeps, repair: Repair, step: Step, odd: OddAddress, now: Date): Promise<Done | null> {
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
  deps: RepairDeps,
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

function changedEvent(repair: Repair, subjectId: ContactId, name: string): NewEvent {
  const data = { name, changes: ['addresses'], repair: repair.id }
  return { type: 'contact.changed', workspaceId: repair.workspaceId, subjectId, actor: repairActor(repair), data }
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

async function undoStep(tx: Tx, deps: RepairDeps, repair: Repair, limit: number, now: Date): Promise<void> {
  const rows = await selectDone(tx, repair, limit)
  const taken = await lockAddresses(
    tx,
    repair.workspaceId,
    rows.map(({ address }) => address),
  )
  const isTaken = new Set(taken.map(({ address }) => address))
  const ids = [...new Set(rows.map(({ contactId }) => contactId))]
  const contacts = new Map((await lockContacts(tx, repair.workspaceId, ids)).map((contact) => [contact.id, contact]))
  const back: RepairRow[] = []
  for (const row of rows) if (!isTaken.has(row.address) && (await undoOne(tx, deps, repair, row, contacts, now))) back.push(row)
  const isBack = new Set(back.map(({ address }) => address))
  const stayed = rows.flatMap(({ address }) => (isBack.has(address) ? [] : [address]))
  await markUndone(tx, repair, [...isBack], 'back')
  await markUndone(tx, repair, stayed, 'stayed')
  const split = back.filter(({ done }) => done === 'split')
  const events = split.map(({ contactId, address }) => changedEvent(repair, contactId, address))
  if (events.length > 0) await append(tx, events, now)
  const isOver = rows.length < limit
  const { counts } = repair
  await updateRepair(tx, {
    ...repair,
    counts: { ...counts, undone: counts.undone + back.length, stayed: counts.stayed + stayed.length },
    cursor: rows.at(-1)?.address ?? repair.cursor,
    ...(isOver && { state: 'undone' as const, finishedAt: now }),
  })
}

/** False where somebody changed since what it did. */
async function undoOne(
  tx: Tx,
  deps: RepairDeps,
  repair: Repair,
  row: RepairRow,
  contacts: Map<ContactId, Contact>,
  now: Date,
): Promise<boolean> {
  const { workspaceId } = repair
  const { address, contactId, became, before } = row
  if (became === null || before === null) return false
  if (row.done === 'merged') {
    try {
      await deps.part(tx, contactId, repair.actor, now)
      contacts.clear()
    } catch (error) {
      if (error instanceof Refusal) return false
      throw error
    }
  }
  const contact = contacts.get(contactId) ?? (await lockContacts(tx, workspaceId, [contactId]))[0]
  contacts.delete(contactId)
  if (!contact || contact.mergedInto) return false
  if (row.done === 'merged' || before.hadIt) await insertAddress(tx, workspaceId, { address, contactId }, now)
  else if (contact.addresses.includes(became)) await rewriteAddress(tx, workspaceId, { from: became, to: address, contactId })
  else return false
  await updateContact(tx, { ...takeBack(contact, before.fields).contact, updatedAt: now })
  await restoreStandings(tx, repair, row, now)
  return true
}

/** What only the repair had lowered is as it was; what the person said since counts. */
async function restoreStandings(tx: Tx, repair: Repair, { contactId, before }: RepairRow, now: Date): Promise<void> {
  const lists = (before?.pending ?? []) as ListId[]
  if (lists.length === 0) return
  const members = await lockMembers(tx, repair.workspaceId, [contactId], lists)
  const changes = members
    .filter(({ status, source }) => status === 'pending' && source === 'address')
    .map(({ listId }) => ({
      wish: { contactId, listId },
      was: 'pending' as const,
      became: 'subscribed' as const,
      isOverride: false,
    }))
  const by = { source: 'undo' as const, sourceId: repair.id, actor: repairActor(repair) }
  if (changes.length > 0) await write(tx, repair.workspaceId, changes, by, now)
}

export function repairJobs(deps: RepairDeps): PeriodicJob[] {
  return [
    { name: 'contacts.repair', everyMs: SECOND, run: () => workOnRepairs(deps) },
    {
      name: 'contacts.forget_repairs',
      everyMs: HOUR,
      run: (now) => inChunks(deps.database, 10, (tx) => deleteOldRepairs(tx, new Date(now.getTime() - UNDO_FOR_DAYS * DAY), 10)),
    },
  ]
}
