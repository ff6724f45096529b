/** What a person says of themself, on a form or on their page of preferences, once it is proven that it is them. */
import type { Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import { assert } from '../lib/assert.ts'
import type { ContactId, WorkspaceId } from '../lib/ids.ts'
import { type Contact, nameOf, withName } from './contact.ts'
import { selectContact, updateContact } from './contact-queries.ts'
import { changedData } from './custom-data.ts'
import { selectFields } from './fields-queries.ts'
import { contactIdsOf, findOrMakeContacts } from './save-contact.ts'

export interface OwnWords {
  readonly firstName?: string
  readonly lastName?: string
  readonly name?: string
  readonly language?: string
  /** What does not fit its field any more is left out: the field was changed since. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** The contact of this address; whoever is not known is made. */
export async function contactAt(
  tx: Tx,
  workspaceId: WorkspaceId,
  address: string,
  told: Readonly<Record<string, unknown>>,
  now: Date,
): Promise<{ id: ContactId; isNew: boolean }> {
  const known = (await contactIdsOf(tx, workspaceId, [address])).get(address)
  if (known !== undefined) return { id: known, isNew: false }
  const { contacts, made } = await findOrMakeContacts(tx, workspaceId, [{ address, name: '' }], null, now)
  const id = contacts.get(address)
  assert(id !== undefined, 'what was read as an address is one')
  await append(
    tx,
    made.map((event) => ({ ...event, data: { ...event.data, ...told } })),
    now,
  )
  return { id, isNew: made.length > 0 }
}

/** Answers what was changed. `told` says in the log by what. */
export async function sayOwnWords(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: ContactId,
  words: OwnWords,
  told: Readonly<Record<string, unknown>>,
  now: Date,
): Promise<readonly string[]> {
  const contact = await selectContact(tx, workspaceId, id, { lock: true })
  if (!contact || contact.mergedInto) return []
  const { data, ...plain } = words
  const changed = withName(contact, { ...contact, ...plain, data: await fitting(tx, contact, data), updatedAt: now }, words.name)
  const names = (Object.keys(changed) as (keyof Contact)[]).filter(
    (name) => name !== 'updatedAt' && JSON.stringify(contact[name]) !== JSON.stringify(changed[name]),
  )
  if (names.length === 0) return []
  await updateContact(tx, changed)
  const event = {
    type: 'contact.changed' as const,
    workspaceId,
    subjectId: id,
    data: { name: nameOf(changed), changes: names, ...told },
  }
  await append(tx, event, now)
  return names
}

async function fitting(tx: Tx, contact: Contact, data: OwnWords['data']) {
  if (!data || Object.keys(data).length === 0) return contact.data
  const fields = await selectFields(tx, contact.workspaceId)
  let known = contact.data
  for (const [key, value] of Object.entries(data)) {
    const checked = changedData(fields, known, { [key]: value })
    if (checked.ok) known = checked.data
  }
  return known
}
