/** What becomes of consent when people are joined or parted, and when their addresses change. */
import type { Tx } from '../../db/database.ts'
import { suppress } from '../../delivery/suppression/suppress.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import { write } from './change-consent.ts'
import { joinedStanding, scopeOfList } from './consent.ts'
import { lockMembers, selectOptIns } from './queries.ts'

/** Per list the lower word of the two goes to the one that stays. What the joined one had stays with them, for parting. */
export async function carryConsent(
  tx: Tx,
  workspaceId: WorkspaceId,
  { from, into }: { readonly from: ContactId; readonly into: ContactId },
  actor: string | null,
  now: Date,
): Promise<void> {
  const members = await lockMembers(tx, workspaceId, [from, into], null)
  const of = (contactId: ContactId) => new Map(members.filter((m) => m.contactId === contactId).map((m) => [m.listId, m]))
  const theirs = of(from)
  const own = of(into)
  const changes = [...theirs].flatMap(([listId, member]) => {
    const was = own.get(listId) ?? null
    const joined = joinedStanding(was, member)
    if (!joined || joined.status === was?.status) return []
    return { wish: { contactId: into, listId }, was: was?.status ?? ('none' as const), became: joined.status, isOverride: false }
  })
  if (changes.length > 0) await write(tx, workspaceId, changes, { source: 'merge', sourceId: from, actor }, now)
}

/**
 * The address mail went to is another one now. Whoever was on a list with double opt-in has not confirmed it with the new one; whoever left a list has left
 * it at every address.
 */
export async function resetConsent(
  tx: Tx,
  workspaceId: WorkspaceId,
  change: { readonly contactId: ContactId; readonly before: readonly string[]; readonly after: readonly string[] },
  actor: string | null,
  now: Date,
): Promise<void> {
  const { contactId, before, after } = change
  const added = after.filter((address) => !before.includes(address))
  const [first] = before
  if (added.length === 0 && after[0] === first) return
  const members = await lockMembers(tx, workspaceId, [contactId], null)
  if (first !== undefined && after[0] !== undefined && !before.includes(after[0])) {
    const optIns = await selectOptIns(tx, workspaceId, [...new Set(members.map(({ listId }) => listId))])
    const proven = members.filter(({ status, listId }) => status === 'subscribed' && optIns.get(listId) === 'double')
    const changes = proven.map(({ listId }) => ({
      wish: { contactId, listId },
      was: 'subscribed' as const,
      became: 'pending' as const,
      isOverride: false,
    }))
    if (changes.length > 0)
      await write(tx, workspaceId, changes, { source: 'address', sourceId: first.slice(0, 320), actor }, now)
  }
  const left = members.filter(({ status }) => status === 'unsubscribed')
  await suppress(
    tx,
    workspaceId,
    left.flatMap(({ listId }) =>
      added.map((address) => ({
        address,
        stream: scopeOfList(listId),
        reason: 'unsubscribed' as const,
        source: 'recipient' as const,
        deliveryId: null,
        note: '',
      })),
    ),
    actor,
    now,
  )
}
