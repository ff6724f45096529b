/** Rows become people: a stretch of them is one transaction, with the cursor that it moved. */
import type { Tx } from '../../db/database.ts'
import { suppress } from '../../delivery/suppression/suppress.ts'
import { append } from '../../events/append.ts'
import { type ContactId, type Id, newId } from '../../lib/ids.ts'
import { type ConsentBy, type ConsentWish, changeConsent, MAX_WISHES } from '../consent/change-consent.ts'
import { decideConsent, type OptIn } from '../consent/consent.ts'
import { insertConsentEvents, type ListId, selectOptIns, upsertMembers } from '../consent/queries.ts'
import { lockContacts, updateContact } from '../contact-queries.ts'
import { type Barred, barredBy, proofOf, SOURCE_NAMES, type Source } from '../migration/source.ts'
import { LEASE_MS } from './check.ts'
import { fillIn } from './fill-in.ts'
import type { ImportSettings } from './import.ts'
import {
  type ImportBatch,
  insertNewPeople,
  insertTags,
  markBarred,
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

/** What somebody is to stand as with one list, and what is kept as the proof of it. */
interface Wished {
  readonly row: PlannedRow
  readonly listId: ListId
  readonly wants: 'subscribed' | 'pending' | 'unsubscribed'
  readonly confirmed: boolean
  readonly wording: string
  readonly ip: string | null
}

/** How many are on a list that were not, each list counted. Nobody on the suppression list is put on one. */
async function giveConsent(
  tx: Tx,
  batch: ImportBatch,
  settings: ImportSettings,
  rows: readonly PlannedRow[],
  now: Date,
): Promise<number> {
  const { workspaceId } = batch
  await barFromNewsletters(tx, batch, settings, rows, now)
  const wished = rows.flatMap((row) => wishesOf(row, batch, settings))
  if (wished.length === 0) return 0
  const optIns = await selectOptIns(tx, workspaceId, [...new Set(wished.map(({ listId }) => listId))])
  const may = wished.filter(
    ({ row, listId, wants }) => optIns.has(listId) && (row.verdict !== 'suppressed' || wants === 'unsubscribed'),
  )
  const isSimple = ({ row, wants }: Wished) => !row.isKnown && wants !== 'unsubscribed'
  const first = await firstConsent(tx, batch, may.filter(isSimple), optIns, now)
  const others = may.filter((one) => !isSimple(one))
  // What was confirmed elsewhere is a first word that counts; nobody who left is brought back by a file.
  let more = 0
  for (const [confirmed, some] of Map.groupBy(others, (one) => one.confirmed)) {
    const by: ConsentBy = { source: 'import', sourceId: batch.id, actor: batch.actor, wording: settings.consent, confirmed }
    const wishes: ConsentWish[] = some.map(({ row: { contactId }, listId, wants }) => ({ contactId, listId, wants }))
    const outcomes = await inPieces(wishes, (piece) => changeConsent(tx, workspaceId, piece, by, now))
    more += outcomes.filter(({ was, became }) => was === 'none' && became !== 'none' && became !== 'unsubscribed').length
  }
  return first + more
}

/** With the lists that a person here chose for all, and with those they were on elsewhere. Whoever is barred leaves all of them. */
function wishesOf(row: PlannedRow, { shape }: ImportBatch, settings: ImportSettings): Wished[] {
  const { person } = row
  const source = shape?.source ?? null
  const isBarred = barOf(row, source) !== null
  const wants = isBarred ? ('unsubscribed' as const) : (person.wants ?? ('subscribed' as const))
  const { confirmedAt: at } = person
  const forAll = settings.lists.map((listId) => ({
    ...{ row, listId, wants, ip: null },
    confirmed: settings.confirmed || at !== undefined,
    wording: proofOf(settings.consent, source, { at }),
  }))
  const known = settings.sourceLists ?? {}
  const elsewhere = (person.memberships ?? []).flatMap((one) => {
    const listId = known[one.list]
    if (listId === undefined || settings.lists.includes(listId)) return []
    const proof = one.confirmed ? { at: one.at, ip: one.ip } : {}
    return [
      {
        ...{ row, listId, wants: isBarred ? ('unsubscribed' as const) : one.wants, ip: proof.ip ?? null },
        confirmed: settings.confirmed || one.confirmed === true,
        wording: proofOf(settings.consent, source, proof),
      },
    ]
  })
  return [...forAll, ...elsewhere]
}

function barOf({ person }: PlannedRow, source: Source | null): Barred | null {
  return source === null || person.status === undefined ? null : barredBy(source, person.status, person.wants)
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
  wished: readonly Wished[],
  optIns: ReadonlyMap<ListId, OptIn>,
  now: Date,
): Promise<number> {
  const given = wished.flatMap(({ row, listId, wants, confirmed, wording, ip }) => {
    const optIn = optIns.get(listId) ?? 'double'
    const answer = decideConsent({ was: 'none', wants, source: 'import', optIn, isOverride: confirmed })
    if (answer.kind !== 'becomes' || answer.standing === 'none') return []
    const { standing, isOverride } = answer
    return [{ contactId: row.contactId, address: row.address, listId, standing, isOverride, wording, ip }]
  })
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
    given.map(({ standing, ...one }) => ({
      ...one,
      id: newId<Id<'consent_event'>>(now.getTime()),
      was: 'none' as const,
      became: standing,
      at: now,
      source: 'import' as const,
      sourceId: id,
      actor,
    })),
  )
  return given.length
}

/**
 * Who gets no newsletter at all: whoever left, could not be reached or was blocked elsewhere, where a tool has one word for the whole person; and where no
 * list is named at all, whoever the file says left.
 */
async function barFromNewsletters(
  tx: Tx,
  { workspaceId, id, actor, shape }: ImportBatch,
  { lists }: ImportSettings,
  rows: readonly PlannedRow[],
  now: Date,
): Promise<void> {
  const source = shape?.source ?? null
  const barred = rows.flatMap((row) => {
    const { address, person } = row
    const leaves = source === null && lists.length === 0 && person.wants === 'unsubscribed'
    const reason = barOf(row, source) ?? (leaves ? ('unsubscribed' as const) : null)
    const note = source === null ? '' : `“${person.status}” in ${SOURCE_NAMES[source]}`
    return reason === null ? [] : [{ n: row.n, address, reason, note }]
  })
  if (barred.length === 0) return
  const terms = { stream: 'bulk' as const, source: 'import' as const, deliveryId: null }
  const added = await suppress(
    tx,
    workspaceId,
    barred.map(({ address, reason, note }) => ({ ...terms, address, reason, note })),
    actor,
    now,
  )
  const isMade = new Set(added)
  await markBarred(
    tx,
    workspaceId,
    id,
    barred.map(({ n, address }) => ({ n, isMade: isMade.has(address.toLowerCase()) })),
    now,
  )
}
