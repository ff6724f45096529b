/** One step of the way back: the next rows, where nobody changed since what the repair did. */
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { ContactId } from '../../lib/ids.ts'
import { type ListId, write } from '../consent/change-consent.ts'
import { lockMembers } from '../consent/queries.ts'
import type { Contact } from '../contact.ts'
import { lockAddresses, lockContacts, updateContact } from '../contact-queries.ts'
import { takeBack } from '../imports/fill-in.ts'
import { insertAddress, markUndone, type RepairRow, rewriteAddress, selectDone, updateRepair } from './queries.ts'
import { changedEvent, type Repair, type RepairDeps, repairActor } from './repair.ts'

export async function undoStep(tx: Tx, deps: Pick<RepairDeps, 'part'>, repair: Repair, limit: number, now: Date): Promise<void> {
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
  deps: Pick<RepairDeps, 'part'>,
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
