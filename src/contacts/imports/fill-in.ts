import type { Contact } from '../contact.ts'
import type { Policy } from './import.ts'
import type { Person } from './understand.ts'

const TEXTS = ['name', 'firstName', 'lastName', 'language', 'timeZone', 'company', 'jobTitle', 'note'] as const

export interface FilledIn {
  readonly contact: Contact
  /** What changed: what it was, and what it is now. Keys of data begin with `data.`. */
  readonly fields: Readonly<Record<string, readonly [unknown, unknown]>>
}

/** What a row says of somebody who is known, as far as the policy lets it. Pure. */
export function fillIn(contact: Contact, person: Person, policy: Policy): FilledIn {
  if (policy === 'keep') return { contact, fields: {} }
  const fields: Record<string, readonly [unknown, unknown]> = {}
  const changed: { -readonly [K in keyof Contact]: Contact[K] } = { ...contact }
  for (const key of TEXTS) {
    const said = person[key]
    if (said === undefined || said === contact[key] || (policy === 'fill' && contact[key] !== '')) continue
    fields[key] = [contact[key], said]
    changed[key] = said
  }
  if (
    person.externalId !== undefined &&
    person.externalId !== contact.externalId &&
    (policy === 'overwrite' || contact.externalId === null)
  ) {
    fields.externalId = [contact.externalId, person.externalId]
    changed.externalId = person.externalId
  }
  if (
    person.phones &&
    JSON.stringify(person.phones) !== JSON.stringify(contact.phones) &&
    (policy === 'overwrite' || contact.phones.length === 0)
  ) {
    fields.phones = [contact.phones, person.phones]
    changed.phones = person.phones.slice(0, 20)
  }
  const data = { ...contact.data }
  for (const [key, said] of Object.entries(person.data ?? {})) {
    const before = contact.data[key]
    if (JSON.stringify(before) === JSON.stringify(said) || (policy === 'fill' && before !== undefined)) continue
    fields[`data.${key}`] = [before ?? null, said]
    data[key] = said
  }
  return { contact: { ...changed, data }, fields }
}

/** What an import changed is as it was before, wherever nobody changed it since. Answers what stayed. */
export function takeBack(
  contact: Contact,
  fields: FilledIn['fields'],
): { readonly contact: Contact; readonly stayed: readonly string[] } {
  const changed: Record<string, unknown> = { ...contact }
  const data: Record<string, unknown> = { ...contact.data }
  const stayed: string[] = []
  for (const [key, [before, after]] of Object.entries(fields)) {
    const [holder, name] = key.startsWith('data.') ? [data, key.slice(5)] : [changed, key]
    if (JSON.stringify(holder[name]) !== JSON.stringify(after)) stayed.push(key)
    else if (holder === data && before === null) delete data[name]
    else holder[name] = before
  }
  return { contact: { ...(changed as unknown as Contact), data: data as Contact['data'] }, stayed }
}
