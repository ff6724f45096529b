import type { Tx } from '../db/database.ts'
import { type ConversationPlace, selectPlaces, selectPlacesOfMessages, selectWaysOfMerges } from './place-queries.ts'

export { type ConversationPlace, selectNewest as newestConversations } from './place-queries.ts'

interface Key {
  readonly workspaceId: string
  readonly id: string
}

/** Conversations by id, for many at once; those that are gone are missing. */
export async function placesOfConversations(tx: Tx, keys: readonly Key[]): Promise<ReadonlyMap<string, ConversationPlace>> {
  const distinct = distinctOf(keys)
  return new Map(distinct.length === 0 ? [] : (await selectPlaces(tx, distinct)).map((place) => [place.conversationId, place]))
}

/** The conversations that messages of ours stand in, by message; what stands in none is missing. */
export async function placesOfMessages(tx: Tx, keys: readonly Key[]): Promise<ReadonlyMap<string, ConversationPlace>> {
  const distinct = distinctOf(keys)
  return new Map(
    distinct.length === 0 ? [] : (await selectPlacesOfMessages(tx, distinct)).map((place) => [place.messageId, place]),
  )
}

/** Of those of these conversations that were joined with others: with which, straight or by way of others. */
export async function waysOfMerges(tx: Tx, keys: readonly Key[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const distinct = distinctOf(keys)
  const ways = distinct.length === 0 ? [] : await selectWaysOfMerges(tx, distinct)
  return new Map([...Map.groupBy(ways, ({ id }) => id)].map(([id, own]) => [id, own.map(({ into }) => into)]))
}

function distinctOf(keys: readonly Key[]): Key[] {
  return [...new Map(keys.map((key) => [key.id, key])).values()]
}
