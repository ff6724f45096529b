import type { Contact as ContactNoun } from '../../contacts/contact.ts'
import type { ContactChange } from '../../contacts/contacts.ts'
import type * as endpoints from '../endpoints/contacts.ts'

export function toContact(contact: ContactNoun): endpoints.Contact {
  const { id, name, company, jobTitle, phones, note, addresses, mergedInto, createdAt, updatedAt } = contact
  return {
    id,
    name,
    company,
    job_title: jobTitle,
    phones: [...phones],
    note,
    addresses: [...addresses],
    merged_into: mergedInto,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}

export function toShortContact({ id, name, company, addresses }: ContactNoun) {
  return { id, name, company, address: addresses[0] ?? null }
}

export function fromContactBody(body: endpoints.ContactBody): ContactChange {
  const { job_title: jobTitle, take_addresses: takeAddresses, ...rest } = body
  return Object.fromEntries(
    Object.entries({ ...rest, jobTitle, takeAddresses }).filter(([, value]) => value !== undefined),
  ) as ContactChange
}
