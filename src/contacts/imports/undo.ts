/** What an import did is taken back, from its end: whoever it added goes, whatever it changed is as before. What somebody changed since stays, and is counted. */
import { sqlStateOf, type Tx } from '../../db/database.ts'
import { lift } from '../../delivery/suppression/lift.ts'
import { append } from '../../events/append.ts'
import type { ContactId } from '../../lib/ids.ts'
import { type ListId, write } from '../consent/change-consent.ts'
import { scopeOfList } from '../consent/consent.ts'
import { lockContacts, updateContact } from '../contact-queries.ts'
import { LEASE_MS } from './check.ts'
import { takeBack } from './fill-in.ts'
import { type NamersOfList, removeMadeList } from './made-lists.ts'
import {
  deleteMembers,
  deletePeople,
  deleteTags,
  forgetBars,
  handBarsOver,
  type ImportBatch,
  savepoint,
  selectDone,
  selectGivenConsent,
  selectImport,
  selectLeftBy,
  selectUntouched,
  type UndoRow,
  updateImport,
} from './queries.ts'

const ROWS_A_STEP = 500

/** True while there is more. */
export async function undoStep(
  tx: Tx,
  { workspaceId, id }: Pick<ImportBatch, 'workspaceId' | 'id'>,
  namers: NamersOfList,
  now: Date,
): Promise<boolean> {
  const batch = await selectImport(tx, workspaceId, id, { lock: true })
  if (batch?.state !== 'undoing') return false
  const rows = await selectDone(tx, workspaceId, id, batch.cursor, ROWS_A_STEP)
  if (rows.length === 0 && (batch.settings?.madeLists ?? []).length > 0) return await madeListStep(tx, batch, namers, now)
  if (rows.length === 0) {
    await updateImport(tx, { ...batch, state: 'undone', finishedAt: now }, now)
    const data = { name: batch.name, contacts: batch.counts.undone }
    await append(tx, { type: 'import.undone', workspaceId, subjectId: id, actor: batch.actor, data }, now)
    return false
  }
  const ids = rows.map(({ contactId }) => contactId)
  const left = await selectLeftBy(tx, workspaceId, id, ids)
  const gone = await removeAdded(tx, batch, rows)
  await takeBackConsent(
    tx,
    batch,
    ids.filter((one) => !gone.has(one)),
    now,
  )
  const stayed = await takeBackFields(tx, batch, rows, now)
  const ofGone = left.filter(({ contactId }) => gone.has(contactId))
  const bars = await liftBars(tx, batch, rows, ofGone, now)
  const keptPeople = rows.filter(({ done, contactId }) => done === 'added' && !gone.has(contactId)).length
  const counts = {
    ...batch.counts,
    undone: batch.counts.undone + rows.length - keptPeople - stayed,
    stayed: batch.counts.stayed + keptPeople + stayed,
    lifted: (batch.counts.lifted ?? 0) + bars.lifted,
    stillSuppressed: (batch.counts.stillSuppressed ?? 0) + bars.stayed,
  }
  await updateImport(tx, { ...batch, counts, cursor: rows.at(-1)?.n ?? 0 }, now, new Date(now.getTime() + LEASE_MS))
  return true
}

/** The next of the lists that it made. Null in `settings` is no import that ran. */
async function madeListStep(tx: Tx, batch: ImportBatch, namers: NamersOfList, now: Date): Promise<true> {
  const [id, ...rest] = batch.settings?.madeLists ?? []
  const became = id === undefined ? null : await removeMadeList(tx, batch, id, namers)
  const settings = batch.settings && { ...batch.settings, madeLists: rest }
  const madeLists = [...(batch.counts.madeLists ?? []), ...(became ? [became] : [])]
  await updateImport(tx, { ...batch, settings, counts: { ...batch.counts, madeLists } }, now, new Date(now.getTime() + LEASE_MS))
  return true
}

async function removeAdded(tx: Tx, { workspaceId, id }: ImportBatch, rows: readonly UndoRow[]): Promise<Set<ContactId>> {
  const added = rows.filter(({ done }) => done === 'added').map(({ contactId }) => contactId)
  const untouched = added.length === 0 ? [] : await selectUntouched(tx, workspaceId, added, id)
  if (await removed(tx, { workspaceId }, untouched)) return new Set(untouched)
  // Somebody among them is named elsewhere, in a conversation: one by one, then, and who is named stays.
  const gone = new Set<ContactId>()
  for (const one of untouched) if (await removed(tx, { workspaceId }, [one])) gone.add(one)
  return gone
}

const NAMED_ELSEWHERE = '23503'

async function removed(tx: Tx, { workspaceId }: Pick<ImportBatch, 'workspaceId'>, ids: readonly ContactId[]): Promise<boolean> {
  await savepoint(tx, 'set')
  try {
    await deletePeople(tx, workspaceId, ids)
    await savepoint(tx, 'forget')
    return true
  } catch (error) {
    if (sqlStateOf(error) !== NAMED_ELSEWHERE) throw error
    await savepoint(tx, 'back')
    return false
  }
}

/**
 * What kept people from newsletters by this import's word goes with it. What another import says too stays, and is lifted with that one; so does what
 * somebody said since, in the place of it.
 */
async function liftBars(
  tx: Tx,
  { workspaceId, id, actor }: ImportBatch,
  rows: readonly UndoRow[],
  ofGone: readonly { readonly listId: ListId; readonly address: string; readonly at: Date }[],
  now: Date,
): Promise<{ readonly lifted: number; readonly stayed: number }> {
  const barred = rows.filter(({ barred }) => barred !== null)
  const made = barred.flatMap(({ n, address, barredAt }) => (address && barredAt ? [{ n, address, barredAt }] : []))
  const kept = made.length === 0 ? new Set<string>() : await handBarsOver(tx, workspaceId, id, made)
  const own = made
    .filter(({ address }) => !kept.has(address))
    .map(({ address, barredAt: at }) => ({ address, stream: 'bulk', at }))
  const lists = ofGone.map(({ listId, address, at }) => ({ address, stream: scopeOfList(listId), at }))
  const lifted = await lift(tx, workspaceId, [...own, ...lists], actor, now)
  const ns = barred.map(({ n }) => n)
  if (ns.length > 0) await forgetBars(tx, workspaceId, id, ns)
  const bulk = lifted.filter(({ stream }) => stream === 'bulk').length
  return { lifted: bulk, stayed: made.length - bulk }
}

async function takeBackConsent(
  tx: Tx,
  { workspaceId, id, actor }: ImportBatch,
  ids: readonly ContactId[],
  now: Date,
): Promise<void> {
  const given = ids.length === 0 ? [] : await selectGivenConsent(tx, workspaceId, id, ids)
  if (given.length === 0) return
  const changes = given.map(({ contactId, listId, was, became }) => ({
    wish: { contactId, listId },
    was: became,
    became: was,
    isOverride: false,
  }))
  await write(tx, workspaceId, changes, { source: 'undo', sourceId: id, actor }, now)
  await deleteMembers(
    tx,
    workspaceId,
    given.filter(({ was }) => was === 'none'),
  )
}

/** How many of them somebody changed since. */
async function takeBackFields(tx: Tx, { workspaceId }: ImportBatch, rows: readonly UndoRow[], now: Date): Promise<number> {
  const changed = rows.filter(({ done }) => done !== 'added')
  const tags = changed.flatMap(({ contactId, before }) => (before?.tags ?? []).map((tag) => ({ contactId, tag })))
  if (tags.length > 0) await deleteTags(tx, workspaceId, tags)
  const filled = changed.filter(({ before }) => Object.keys(before?.fields ?? {}).length > 0)
  const contacts = new Map(
    (
      await lockContacts(
        tx,
        workspaceId,
        filled.map(({ contactId }) => contactId),
      )
    ).map((contact) => [contact.id, contact]),
  )
  let stayed = 0
  for (const { contactId, before } of filled) {
    const contact = contacts.get(contactId)
    if (!contact) continue
    const back = takeBack(contact, before?.fields ?? {})
    if (back.stayed.length > 0) stayed += 1
    await updateContact(tx, { ...back.contact, updatedAt: now })
  }
  return stayed
}
