/**
 * What somebody wants to get, as they see and change it themself. Whoever has the link got a mail at that address: what they say here is their own word,
 * so lists with double opt-in need no second mail. Private lists are not named; they can be left together.
 */
import type { Db, Tx } from '../../db/database.ts'
import { suppressionsOf, unsuppress } from '../../delivery/suppression/suppress.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { ContactId } from '../../lib/ids.ts'
import { changeConsent, type ListId } from '../consent/change-consent.ts'
import { scopeOfList } from '../consent/consent.ts'
import { type Leaver, leave } from '../consent/leaving.ts'
import { selectMemberships } from '../consent/queries.ts'
import { findContact } from '../contacts.ts'
import { selectLists } from '../lists-queries.ts'
import { contactAt, type OwnWords, sayOwnWords } from '../own-words.ts'

/** Whose page it is, and by which mail they came to it. */
export interface Preferring extends Leaver {
  /** Who writes to them, by name. */
  readonly from: string
  /** What the log says beside it: the campaign, or the form. */
  readonly told: Readonly<Record<string, unknown>>
  /** In words, for the proof. */
  readonly by: string
}

export interface PreferencesView {
  readonly address: string
  readonly from: string
  /** Null: nobody has this address any more. */
  readonly person: { readonly firstName: string; readonly lastName: string; readonly language: string } | null
  readonly lists: readonly { readonly id: ListId; readonly name: string; readonly description: string; readonly isOn: boolean }[]
  /** Lists that are not public and that they are on. */
  readonly others: number
  /** Nothing that is sent to many comes any more. */
  readonly hasLeftAll: boolean
}

export async function viewPreferences(db: Db | Tx, who: Preferring, now: Date): Promise<PreferencesView> {
  const { workspaceId, contactId, address, from } = who
  const contact = contactId && (await findContact(db, workspaceId, contactId))
  const { open, on } = await listsOf(db, who)
  const suppressions = await suppressionsOf(db, workspaceId, [address], now)
  return {
    address,
    from,
    person: contact && { firstName: contact.firstName, lastName: contact.lastName, language: contact.language },
    lists: open.map(({ id, name, description }) => ({ id, name, description, isOn: on.has(id) })),
    others: [...on].filter((id) => !open.some((list) => list.id === id)).length,
    hasLeftAll: suppressions.some(({ stream, reason }) => (stream === 'all' || stream === 'bulk') && reason !== 'mailbox_full'),
  }
}

async function listsOf(db: Db | Tx, { workspaceId, contactId }: Preferring) {
  const open = (await selectLists(db, workspaceId)).filter(
    ({ visibility, archivedAt }) => visibility === 'public' && archivedAt === null,
  )
  const members = contactId ? await selectMemberships(db, workspaceId, contactId) : []
  const on = new Set(members.filter(({ status }) => status === 'subscribed').map(({ listId }) => listId))
  const asked = new Set(members.filter(({ status }) => status === 'pending').map(({ listId }) => listId))
  return { open, on, asked }
}

export interface PreferencesWish {
  /** Public lists that are ticked; what is no public list of the workspace is passed over. */
  readonly lists: readonly string[]
  /** False: they leave the lists that are not named to them, too. */
  readonly keepsOthers: boolean
  readonly words: Pick<OwnWords, 'firstName' | 'lastName' | 'language'>
  readonly why: string | null
}

/** Answers whether anything was changed. */
export async function changePreferences(tx: Tx, who: Preferring, wish: PreferencesWish, now: Date): Promise<boolean> {
  const { open, on, asked } = await listsOf(tx, who)
  const wanted = new Set(wish.lists)
  const joins = open.filter(({ id }) => wanted.has(id) && !on.has(id)).map(({ id }) => id)
  const left = open.filter(({ id }) => !wanted.has(id) && (on.has(id) || asked.has(id))).map(({ id }) => id)
  const others = wish.keepsOthers ? [] : [...on].filter((id) => !open.some((list) => list.id === id))
  const leaves = [...left, ...others]
  const contactId =
    who.contactId ?? (joins.length > 0 ? (await contactAt(tx, who.workspaceId, who.address, who.told, now)).id : null)
  const said = contactId === null ? [] : await sayOwnWords(tx, who.workspaceId, contactId, wish.words, who.told, now)
  if (contactId !== null && joins.length > 0) await join(tx, who, contactId, joins, now)
  if (leaves.length > 0) await leaveSome(tx, { ...who, contactId }, { lists: leaves, everything: false, why: wish.why }, now)
  return said.length > 0 || joins.length > 0 || leaves.length > 0
}

async function join(tx: Tx, who: Preferring, contactId: ContactId, lists: readonly ListId[], now: Date): Promise<void> {
  const { workspaceId, address, told } = who
  const wishes = lists.map((listId) => ({ contactId, listId, wants: 'subscribed' as const }))
  const by = {
    source: 'recipient' as const,
    sourceId: who.sourceId,
    actor: null,
    wording: `Ticked on the page of preferences; ${who.by}`,
    told,
  }
  const outcomes = await changeConsent(tx, workspaceId, wishes, by, now)
  const bulk = (await suppressionsOf(tx, workspaceId, [address], now)).filter(
    (one) => one.stream === 'bulk' && one.reason === 'unsubscribed',
  )
  for (const stream of [...bulk.map((one) => one.stream), ...lists.map(scopeOfList)])
    await unsuppress(tx, workspaceId, address, stream, null, now).catch(unlessNoneWas)
  const joined = outcomes.filter(({ was, became }) => was !== became && became === 'subscribed').map(({ listId }) => listId)
  if (joined.length === 0) return
  const data = { ...told, lists: joined, confirmed: true, by: 'preferences' }
  await append(tx, { type: 'contact.subscribed', workspaceId, subjectId: contactId, data }, now)
}

/** All lists, and everything that is sent to many. */
export async function leaveEverything(tx: Tx, who: Preferring, why: string | null, now: Date): Promise<void> {
  await leaveSome(tx, who, { lists: [], everything: true, why }, now)
}

async function leaveSome(
  tx: Tx,
  who: Preferring,
  { lists, everything, why }: { readonly lists: readonly ListId[]; readonly everything: boolean; readonly why: string | null },
  now: Date,
): Promise<void> {
  const { workspaceId, contactId, deliveryId, told } = who
  const said = everything ? 'Leave everything, on the page of preferences' : 'Not ticked any more on the page of preferences'
  const wording = [said, who.by, ...(why === null ? [] : [`reason: ${why}`])].join('; ')
  const left = await leave(tx, who, { lists, everything, wording, told }, now)
  if (!left.isNew) return
  await append(
    tx,
    {
      type: 'contact.unsubscribed',
      workspaceId,
      ...(deliveryId !== null && { deliveryId }),
      ...(contactId !== null && { subjectId: contactId }),
      data: { ...told, lists: left.lists, everything, by: 'preferences', why },
    },
    now,
  )
}

function unlessNoneWas(error: unknown): void {
  if (!(error instanceof Refusal) || error.code !== 'not_found') throw error
}
