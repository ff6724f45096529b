/** Somebody leaves by a mail that they got: its lists, or everything; and takes that back. */
import type { Tx } from '../../db/database.ts'
import { suppress, suppressionsOf, unsuppress } from '../../delivery/suppression/suppress.ts'
import { Refusal } from '../../errors.ts'
import { DAY } from '../../lib/clock.ts'
import type { ContactId, DeliveryId, WorkspaceId } from '../../lib/ids.ts'
import { changeConsent } from './change-consent.ts'
import { scopeOfList } from './consent.ts'
import { type ListId, type ListStanding, selectAllAddresses, selectStandings } from './queries.ts'

export { type ListStanding, selectStandings as standingsWith } from './queries.ts'

/** For so long the same mail leads back: whoever finds an old one must not put somebody on lists again. */
export const TAKE_BACK_MS = DAY

/** Who leaves, by which mail. */
export interface Leaver {
  readonly workspaceId: WorkspaceId
  /** Null: nobody has this address any more. It is left alone all the same. */
  readonly contactId: ContactId | null
  /** Where the mail went to. */
  readonly address: string
  /** Null: by no mail of a campaign. */
  readonly deliveryId: DeliveryId | null
  /** What the proof names: the delivery, or the form's submission. */
  readonly sourceId: string
}

export interface Leave {
  readonly lists: readonly ListId[]
  /** All lists, and everything that is sent to many. */
  readonly everything: boolean
  /** In what words they said so, with their reason. */
  readonly wording: string
  readonly told: Readonly<Record<string, unknown>>
}

/** At once, also for what is queued: the claim looks at what is written here. Answers which lists were left by it, and whether anything changed. */
export async function leave(
  tx: Tx,
  leaver: Leaver,
  { lists, everything, wording, told }: Leave,
  now: Date,
): Promise<{ lists: ListId[]; isNew: boolean }> {
  const { workspaceId, contactId, address, deliveryId, sourceId } = leaver
  const standings = await standingsOf(tx, leaver, lists, everything)
  const addresses = everything ? await addressesOf(tx, leaver) : [address]
  const scopes = [...standings.map(({ listId }) => scopeOfList(listId)), ...(everything ? ['bulk' as const] : [])]
  // The address that the mail went to need not be the person's any more: it is named here, whatever becomes of the person.
  const entries = scopes.flatMap((stream) =>
    addresses.map((one) => ({
      address: one,
      stream,
      reason: 'unsubscribed' as const,
      source: 'recipient' as const,
      deliveryId,
      note: '',
    })),
  )
  const added = await suppress(tx, workspaceId, entries, null, now)
  const wishes = contactId === null ? [] : standings.map(({ listId }) => ({ contactId, listId, wants: 'unsubscribed' as const }))
  const by = { source: 'recipient' as const, sourceId, actor: null, wording, told }
  const left = (await changeConsent(tx, workspaceId, wishes, by, now)).filter(({ was, became }) => was !== became)
  return { lists: left.map(({ listId }) => listId), isNew: added.length > 0 || left.length > 0 }
}

/** Makes undone what was done by this mail, within a day: nothing that was said otherwise. Answers whether anything was. */
export async function takeBack(
  tx: Tx,
  leaver: Leaver,
  { lists, wording, told }: Omit<Leave, 'everything'>,
  now: Date,
): Promise<boolean> {
  const { workspaceId, contactId, address, sourceId } = leaver
  let isAny = false
  for (const one of await addressesOf(tx, leaver))
    if (await leftBulkBy(tx, leaver, one, now)) {
      await unsuppress(tx, workspaceId, one, 'bulk', null, now)
      isAny = true
    }
  const standings = (await standingsOf(tx, leaver, lists, true)).filter((one) => mayReturn(one, now))
  const wishes = standings.flatMap(({ listId, left }) =>
    contactId === null || !left || left.was === 'none' ? [] : [{ contactId, listId, wants: left.was }],
  )
  const by = { source: 'recipient' as const, sourceId, actor: null, wording, told }
  const outcomes = await changeConsent(tx, workspaceId, wishes, by, now)
  for (const { listId } of outcomes)
    await unsuppress(tx, workspaceId, address, scopeOfList(listId), null, now).catch(unlessNoneWas)
  return isAny || outcomes.some(({ was, became }) => was !== became)
}

export function mayReturn({ left }: Pick<ListStanding, 'left'>, now: Date): boolean {
  return left !== null && left.was !== 'none' && now.getTime() - left.at.getTime() <= TAKE_BACK_MS
}

/** Whether this mail is by what an address gets nothing of what is sent to many, and since not too long. */
export async function leftBulkBy(
  tx: Tx | Parameters<typeof suppressionsOf>[0],
  { workspaceId, deliveryId }: Leaver,
  address: string,
  now: Date,
): Promise<boolean> {
  return (await suppressionsOf(tx, workspaceId, [address], now)).some(
    (one) =>
      deliveryId !== null &&
      one.stream === 'bulk' &&
      one.deliveryId === deliveryId &&
      now.getTime() - one.createdAt.getTime() <= TAKE_BACK_MS,
  )
}

/** With `everything` those of the mail and all others of the person. Lists that are gone are not among them. */
async function standingsOf(tx: Tx, leaver: Leaver, lists: readonly ListId[], everything: boolean): Promise<ListStanding[]> {
  const { workspaceId, contactId, sourceId } = leaver
  const named = await selectStandings(tx, workspaceId, { contactId, lists, sourceId })
  if (!everything || contactId === null) return named
  const all = await selectStandings(tx, workspaceId, { contactId, lists: null, sourceId })
  return [...named, ...all.filter(({ listId }) => !lists.includes(listId))].slice(0, MOST)
}

const MOST = 1_000

async function addressesOf(tx: Tx, { workspaceId, contactId, address }: Leaver): Promise<string[]> {
  const own = contactId === null ? [] : ((await selectAllAddresses(tx, workspaceId, [contactId])).get(contactId) ?? [])
  return [...new Set([address, ...own])]
}

function unlessNoneWas(error: unknown): void {
  if (!(error instanceof Refusal) || error.code !== 'not_found') throw error
}
