import type { ContactField as FieldNoun } from '../../contacts/custom-data.ts'
import type { CountedList, ListChange } from '../../contacts/lists.ts'
import type * as endpoints from '../endpoints/lists.ts'

export function toList({ optIn, archivedAt, createdAt, updatedAt, ...list }: CountedList): endpoints.List {
  return { ...list, opt_in: optIn, is_archived: archivedAt !== null, created_at: createdAt, updated_at: updatedAt }
}

interface ListBody {
  readonly name?: string | undefined
  readonly slug?: string | undefined
  readonly description?: string | undefined
  readonly visibility?: 'public' | 'private' | undefined
  readonly opt_in?: 'single' | 'double' | undefined
  readonly is_archived?: boolean | undefined
}

export function fromListBody({ opt_in: optIn, is_archived: isArchived, ...rest }: ListBody): ListChange {
  return Object.fromEntries(Object.entries({ ...rest, optIn, isArchived }).filter(([, value]) => value !== undefined))
}

export function toField({ key, label, type, options, isRequired, position }: FieldNoun): endpoints.ContactField {
  return { key, label, type, options: [...options], is_required: isRequired, position }
}
