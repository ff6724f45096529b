/** Rows become people: a stretch of them is one transaction, with the cursor that it moved. */
import type { Tx } from '../../db/database.ts'
import { suppress } from '../../delivery/suppression/suppress.ts'
import { append } from '../../events/append.ts'
import { type ContactId, type Id, newId } from '../../lib/ids.ts'
import { type ConsentBy, type ConsentWish, changeConsent, MAX_WISHES } from '../consent/change-consent.ts'
import { decideConsent, type OptIn } from '../consent/consent.ts'
import { insertConsentEvents, type ListId, selectOptIns, upsertMembers } from '../consent/queries.ts'
import { lockContacts, updateContact } from '../contact-queries.ts'
import { LEASE_MS } from './check.ts'
import { fillIn } from './fill-in.ts'
import type { ImportSettings } from './import.ts'
import {
  type ImportBatch,
  insertNewPeople,
  insertTags,
  markRows,
  type PlannedRow,
  refuseRows,
  selectImport,
  selectOwnersOfIds,
  takePlanned,
  updateImport,
} from './queries.ts'

const ROWS_A_STEP = 2_000

/** True while there is more. */
export async function runStep(tx: Tx, { workspaceId, id }: Pick<ImportBatch, 'workspaceId' | 'id'>, now: Date): Promise<boolean> {
  const batch = await selectImport(tx, workspaceId, id, { lock: true })
  if (batch?.state !== 'running' || !batch.settings) return false
  const planned = await takePlanned(tx, workspaceId, id, batch.cursor, ROWS_A_STEP)
  if (planned.length === 0) {
    await updateImport(tx, { ...batch, state: 'done', finishedAt: now }, now)
    const data = { name: batch.name, contacts: batch.counts.added + batch.counts.changed }
    await append(tx, { type: 'import.finished', workspaceId, subjectId: id, actor: batch.actor, data }, now)
    return false
  }
  const rows = await withoutTakenIds(tx, batch, planned)
  const fresh = rows.filter(({ isKnown }) => !isKnown)
  await insertNewPeople(
    tx,
    workspaceId,
    id,
    fresh.map(({ n }) => n),
    now,
  )
  const known = rows.filter(({ isKnown }) => isKnown)
  const changed = await changeKnown(tx, batch, batch.settings, known, now)
  await tagPeople(tx, batch, batch.settings, rows, fresh, changed, now)
  const subscribed = await giveConsent(tx, batch, batch.settings, rows, now)
  const filled = changed.filter(({ fields }) => Object.keys(fields).length > 0).length
  const counts = {
    ...batch.counts,
    added: batch.counts.added + fresh.length,
    changed: batch.counts.changed + filled,
    kept: batch.counts.kept + known.length - filled,
    refused: batch.counts.refused + planned.length - rows.length,
    subscribed: batch.counts.subscribed + subscribed,
  }
  const cursor = planned.at(-1)?.n ?? batch.cursor
  await updateImport(tx, { ...batch, counts, cursor }, now, new Date(now.getTime() + LEASE_MS))
  return true
}

/** Since the dry run somebody else may have got an id; and a file may say one twice, far apart. */
async function withoutTakenIds(tx: Tx, { workspaceId, id }: ImportBatch, planned: readonly PlannedRow[]): Promise<PlannedRow[]> {
  const ids = planned.flatMap(({ person }) => person.externalId ?? [])
  if (ids.length === 0) return [...planned]
  const owners = await selectOwnersOfIds(tx, workspaceId, [...new Set(ids)])
  const taken = new Map<number, string>()
  for (const { n, person, contactId } of planned) {
    if (person.externalId === undefined) continue
    const owner = owners.get(person.externalId)
    if (owner === undefined) owners.set(person.externalId, contactId)
    else if (owner !== contactId) taken.set(n, `The external id ${person.externalId} is that of another contact.`)
  }
  if (taken.size > 0) await refuseRows(tx, workspaceId, id, [...taken])
  return planned.filter(({ n }) => !taken.has(n))
}

interface Changed {
  readonly n: number
  readonly contactId: ContactId
  readonly fields: Readonly<Record<string, readonly [unknown, unknown]>>
}

async function changeKnown(
  tx: Tx,
  { workspaceId }: ImportBatch,
  { policy }: ImportSettings,
  rows: readonly PlannedRow[],
  now: Date,
): Promise<Changed[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ contactId }) => contactId)
  const contacts = new Map((await lockContacts(tx, workspaceId, ids)).map((contact) => [contact.id, contact]))
  const changed: Changed[] = []
  for (const { n, contactId, person } of rows) {
    const contact = contacts.get(contactId)
    const filled = contact ? fillIn(contact, person, policy) : null
    changed.push({ n, contactId, fields: filled?.fields ?? {} })
    if (!filled || Object.keys(filled.fields).length === 0) continue
    await updateContact(tx, { ...filled.contact, updatedAt: now })
    contacts.set(contactId, filled.contact)
  }
  return changed
}

async function tagPeople(
  tx: Tx,
  { workspaceId, id }: ImportBatch,
  settings: ImportSettings,
  rows: readonly PlannedRow[],
  fresh: readonly PlannedRow[],
  changed: readonly Changed[],
  now: Date,
): Promise<void> {
  const tagged = rows.flatMap(({ contactId, person }) =>
    [...new Set([...settings.tags, ...(person.tags ?? [])])].map((tag) => ({ contactId, tag })),
  )
  const isFresh = new Set(fresh.map(({ contactId }) => contactId))
  const added = new Map<ContactId, string[]>()
  for (const { contactId, tag } of tagged.length === 0 ? [] : await insertTags(tx, workspaceId, tagged, now))
    if (!isFresh.has(contactId)) added.set(contactId, [...(added.get(contactId) ?? []), tag])
  if (changed.length === 0) return
  await markRows(
    tx,
    workspaceId,
    id,
    changed.map(({ n, contactId, fields }) => ({
      n,
      contactId,
      done: Object.keys(fields).length > 0 ? ('changed' as const) : ('kept' as const),
      before: { fields, tags: added.get(contactId) ?? [] },
    })),
  )
}

/** How many are on a list that were not, each list counted. Nobody on the suppression list is put on one. */
async function giveConsent(
  tx: Tx,
  batch: ImportBatch,
  settings: ImportSettings,
  rows: readonly PlannedRow[],
  now: Date,
): Promise<number> {
  const { workspaceId, id, actor } = batch
  const by: ConsentBy = { source: 'import', sourceId: id, actor, wording: settings.consent, confirmed: settings.confirmed }
  const wanting = rows.map((row) => ({ ...row, wants: row.person.wants ?? ('subscribed' as const) }))
  if (settings.lists.length === 0) {
    await keepFromNewsletters(
      tx,
      batch,
      wanting.filter(({ wants }) => wants === 'unsubscribed'),
      now,
    )
    return 0
  }
  const may = wanting.filter(({ verdict, wants }) => verdict !== 'suppressed' || wants === 'unsubscribed')
  const optIns = await selectOptIns(tx, workspaceId, settings.lists)
  const lists = settings.lists.filter((list) => optIns.has(list))
  const simple = may.filter(({ isKnown, wants }) => !isKnown && wants !== 'unsubscribed')
  const first = await firstConsent(tx, batch, settings, simple, lists, optIns, now)
  const wishes: ConsentWish[] = may
    .filter(({ isKnown, wants }) => isKnown || wants === 'unsubscribed')
    .flatMap(({ contactId, wants }) => lists.map((listId) => ({ contactId, listId, wants })))
  // What was confirmed elsewhere is a first word that counts; nobody who left is brought back by a file.
  const outcomes = await inPieces(wishes, (some) => changeConsent(tx, workspaceId, some, by, now))
  return first + outcomes.filter(({ was, became }) => was === 'none' && became !== 'none' && became !== 'unsubscribed').length
}

async function inPieces<T, R>(all: readonly T[], work: (some: readonly T[]) => Promise<readonly R[]>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < all.length; at += MAX_WISHES) results.push(...(await work(all.slice(at, at + MAX_WISHES))))
  return results
}

/** For people who were nobody a moment ago: no row of theirs can stand in the way, so theirs are written without looking. */
async function firstConsent(
  tx: Tx,
  { workspaceId, id, actor }: ImportBatch,
  settings: ImportSettings,
  rows: readonly PlannedRow[],
  lists: readonly ListId[],
  optIns: ReadonlyMap<ListId, OptIn>,
  now: Date,
): Promise<number> {
  const given = rows.flatMap((row) =>
    lists.flatMap((listId) => {
      const wants = row.person.wants ?? 'subscribed'
      const optIn = optIns.get(listId) ?? 'double'
      const answer = decideConsent({ was: 'none', wants, source: 'import', optIn, isOverride: settings.confirmed })
      if (answer.kind !== 'becomes' || answer.standing === 'none') return []
      const { standing, isOverride } = answer
      return [{ contactId: row.contactId, address: row.address, listId, standing, isOverride }]
    }),
  )
  if (given.length === 0) return 0
  await upsertMembers(
    tx,
    workspaceId,
    given.map(({ contactId, listId, standing }) => ({
      contactId,
      listId,
      status: standing,
      source: 'import' as const,
      since: now,
    })),
  )
  await insertConsentEvents(
    tx,
    workspaceId,
    given.map(({ contactId, address, listId, standing, isOverride }) => ({
      id: newId<Id<'consent_event'>>(now.getTime()),
      contactId,
      address,
      listId,
      was: 'none' as const,
      became: standing,
      at: now,
      source: 'import' as const,
      sourceId: id,
      actor,
      isOverride,
      wording: settings.consent,
      ip: null,
    })),
  )
  return given.length
}

/** Whoever had left before, and no list is named: no newsletter at all. */
async function keepFromNewsletters(
  tx: Tx,
  { workspaceId, actor }: ImportBatch,
  rows: readonly PlannedRow[],
  now: Date,
): Promise<void> {
  const left = { stream: 'bulk' as const, reason: 'unsubscribed' as const, source: 'import' as const, deliveryId: null, note: '' }
  await suppress(
    tx,
    workspaceId,
    rows.map(({ address }) => ({ ...left, address })),
    actor,
    now,
  )
}
