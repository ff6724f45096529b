/** What conditions, texts and expressions see of a person, by the names of definition/fields.ts. */
import { findContact } from '../../contacts/contacts.ts'
import { membershipsOf } from '../../contacts/timeline.ts'
import type { Tx } from '../../db/database.ts'
import type { ContactId, WorkspaceId } from '../../lib/ids.ts'
import type { Values } from '../interpret/state.ts'

/** Null: they are gone. Who was merged is who they became. */
export async function contactFacts(tx: Tx, workspaceId: WorkspaceId, id: string): Promise<Values | null> {
  const found = await findContact(tx, workspaceId, id as ContactId)
  const contact = found?.mergedInto ? await findContact(tx, workspaceId, found.mergedInto) : found
  if (!contact) return null
  const lists = (await membershipsOf(tx, workspaceId, contact.id)).filter(({ status }) => status === 'subscribed')
  return {
    id: contact.id,
    name: contact.name,
    first_name: contact.firstName,
    last_name: contact.lastName,
    email: contact.addresses[0] ?? null,
    addresses: contact.addresses,
    company: contact.company,
    job_title: contact.jobTitle,
    language: contact.language,
    time_zone: contact.timeZone,
    external_id: contact.externalId,
    tags: contact.tags,
    lists: lists.map(({ listId }) => listId),
    data: contact.data as Values,
    created_at: contact.createdAt.toISOString(),
  }
}
