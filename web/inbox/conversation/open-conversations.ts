import type { ConversationView } from '../../../src/api/endpoints/conversations.ts'

/** What pages show, by what events name: ids of conversations and of the mails in them. Pages are asked for by number. */
const numbers = new Map<string, string>()
const KEPT = 2_000

export function remember({ id, number, items }: ConversationView): void {
  for (const each of [id, ...items.flatMap(({ sent }) => (sent ? [sent.message_id] : []))]) {
    numbers.delete(each)
    numbers.set(each, String(number))
  }
  for (const oldest of numbers.keys()) {
    if (numbers.size <= KEPT) return
    numbers.delete(oldest)
  }
}

/** The number of the conversation that this is, or that this mail stands in; null: no page shows it. */
export function shownNumberOf(id: string | null): string | null {
  return id === null ? null : (numbers.get(id) ?? null)
}
