import { peopleForMail } from '../../contacts/audience/people.ts'
import { findContact } from '../../contacts/contacts.ts'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'

/** Whose eyes a text is read with. */
export interface Reader {
  readonly id: ContactId | null
  readonly name: string
  readonly address: string
  readonly contact: Readonly<Record<string, unknown>>
}

const SAMPLE: Reader = {
  id: null,
  name: 'Ann Smith',
  address: 'ann@example.org',
  contact: {
    first_name: 'Ann',
    last_name: 'Smith',
    name: 'Ann Smith',
    email: 'ann@example.org',
    language: 'en',
    time_zone: 'Europe/London',
    company: 'Example Ltd',
    job_title: 'Editor',
    external_id: '1001',
  },
}

/** A contact, or somebody made up who has what most contacts have. */
export async function readerOf(db: Db | Tx, workspaceId: WorkspaceId, id: ContactId | null): Promise<Reader> {
  if (id === null) return SAMPLE
  const found = await findContact(db, workspaceId, id)
  if (!found) throw new Refusal('not_found', { what: 'contact' })
  const person = (await peopleForMail(db, workspaceId, [found.id])).get(found.id)
  if (!person) throw new Refusal('not_found', { what: 'contact' })
  const address = found.addresses[0] ?? ''
  return { id: found.id, name: found.name, address, contact: { ...person, email: address } }
}
