import type { ContactId } from '../../lib/ids.ts'

/** By which the trouble is known that somebody asks to be erased: it ends when they are. */
export function erasureKey(contactId: ContactId): string {
  return `contact.asks_erasure:${contactId}`
}
