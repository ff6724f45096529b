import type { Tx } from '../db/database.ts'
import { type ConversationPlace, selectPlaces, selectPlacesOfMessages } from './place-queries.ts'

export type { ConversationPlace } from './place-queries.ts'

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

function distinctOf(keys: readonly Key[]): Key[] {
  return [...new Map(keys.map((key) => [key.id, key])).values()]
}
