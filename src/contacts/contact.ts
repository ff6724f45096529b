/** A person who writes to us or whom we write to, with all the addresses they use. An address belongs to one person of a workspace. */
import type { ContactId, WorkspaceId } from '../lib/ids.ts'

export interface Contact {
  readonly workspaceId: WorkspaceId
  readonly id: ContactId
  /** '' where nobody said one. */
  readonly name: string
  readonly company: string
  readonly jobTitle: string
  readonly phones: readonly string[]
  readonly note: string
  /** As they are compared, the first one is where mail goes to. */
  readonly addresses: readonly string[]
  readonly mergedInto: ContactId | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What a person is called: their name or, without one, their address. */
export function nameOf(contact: Pick<Contact, 'name' | 'addresses'>): string {
  return contact.name || contact.addresses[0] || 'Somebody'
}
