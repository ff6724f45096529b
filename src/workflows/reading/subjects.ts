/** What runs are about, by name. */
import { contactNames } from '../../contacts/contact-names.ts'
import { samePeople } from '../../contacts/same-person.ts'
import type { Db, Tx } from '../../db/database.ts'
import { placesOfConversations } from '../../helpdesk/places.ts'
import { placesOf } from '../../helpdesk/reading/places.ts'
import type { ContactId, ConversationId, WorkspaceId } from '../../lib/ids.ts'

export interface Subject {
  readonly kind: 'conversation' | 'contact'
  readonly id: string
}

/** Whoever is gone has no name. */
export async function nameSubjects(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  subjects: readonly Subject[],
): Promise<(subject: Subject) => string | null> {
  const idsOf = (kind: Subject['kind']) => [...new Set(subjects.filter((one) => one.kind === kind).map(({ id }) => id))]
  const conversations = await placesOf(db, workspaceId, idsOf('conversation') as ConversationId[], { all: true })
  const contacts = await contactNames(db, workspaceId, idsOf('contact') as ContactId[])
  return ({ kind, id }) => {
    if (kind === 'conversation') {
      const place = conversations.get(id as ConversationId)
      return place ? `#${place.number} ${place.subject}` : null
    }
    const contact = contacts.get(id as ContactId)
    return contact ? contact.name || contact.address || null : null
  }
}

/** A conversation or a contact, and what was joined with it: runs about those go on about it. */
export async function sameSubjects(tx: Tx, workspaceId: WorkspaceId, id: string): Promise<string[]> {
  const key = [{ workspaceId, id }]
  const conversation = (await placesOfConversations(tx, key)).get(id)
  const joined = conversation?.joined ?? (await samePeople(tx, key)).get(id)?.joined ?? []
  return [...new Set([id, ...joined.map((one) => one.id)])]
}
