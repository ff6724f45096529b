/** Finding, or making, the people that a mail names. */
import type { Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import type { NewEvent } from '../events/event.ts'
import { type ContactId, newId, type WorkspaceId } from '../lib/ids.ts'
import type { Correspondent } from '../mail/received-head.ts'
import { deleteWithoutAddress, findOrInsertContacts, selectContactIds } from './saving-queries.ts'

/** As addresses are compared: whole, in lower case; null for what cannot be one. */
export function keyOfAddress(address: string): string | null {
  const key = address.trim().toLowerCase()
  return key.length >= 3 && key.length <= 320 && /^[^\s@<>,;"\x00-\x1f\x7f]+@[^\s@<>,;"\x00-\x1f\x7f]+$/.test(key) ? key : null
}

/**
 * The contacts of these people by their addresses (in lower case); who is not known is made. A name is taken from whoever first says one. Whatever is
 * no address is left out. `by`: who did what makes them known; null for mail that comes in.
 */
export async function saveContacts(
  tx: Tx,
  workspaceId: WorkspaceId,
  people: readonly Correspondent[],
  by: string | null,
  now: Date,
): Promise<Map<string, ContactId>> {
  const { contacts, made } = await findOrMakeContacts(tx, workspaceId, people, by, now)
  if (made.length > 0) await append(tx, made, now)
  return contacts
}

/** The same for whoever appends events anyway: what `made` holds has to go with them. */
export async function findOrMakeContacts(
  tx: Tx,
  workspaceId: WorkspaceId,
  people: readonly Correspondent[],
  by: string | null,
  now: Date,
): Promise<{ readonly contacts: Map<string, ContactId>; readonly made: readonly NewEvent[] }> {
  const wanted = new Map<string, string>()
  for (const { address, name } of people) {
    const key = keyOfAddress(address)
    if (key !== null && !wanted.get(key)) wanted.set(key, name.slice(0, 200))
  }
  if (wanted.size === 0) return { contacts: new Map(), made: [] }
  // In one order, so that two mails that name the same strangers never wait for one another in a circle.
  const rows = [...wanted]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([address, name]) => ({ address, name: name === address ? '' : name, id: newId<ContactId>(now.getTime()) }))
  const found = await findOrInsertContacts(tx, workspaceId, rows, now)
  const made = rows
    .filter(({ address, id }) => found.get(address) === id)
    .map(({ address, name, id }) => ({
      ...{ type: 'contact.created' as const, workspaceId, subjectId: id, actor: by },
      data: { name: name || address },
    }))
  const lost = rows.filter(({ address }) => !found.has(address))
  if (lost.length === 0) return { contacts: found, made }
  // Another mail made them in the same moment: what we made for them has no address, and goes.
  await deleteWithoutAddress(
    tx,
    workspaceId,
    lost.map(({ id }) => id),
  )
  const others = await selectContactIds(
    tx,
    workspaceId,
    lost.map(({ address }) => address),
  )
  return { contacts: new Map([...found, ...others]), made }
}

export { selectContactIds as contactIdsOf } from './saving-queries.ts'
