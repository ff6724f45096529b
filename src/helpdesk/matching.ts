/**
 * To which conversation a mail belongs, and why. The first that holds:
 *
 *   1. a token of ours, which only those have who got the mail that carried it: wherever that conversation is now
 *   2. what it refers to, in the inbox it came to; then what we sent ourselves, for a conversation may have moved since
 *   3. `[queue-123]` in the subject: of this inbox, and only from somebody who takes part. A number can be guessed
 *
 * Nothing here looks beyond one workspace, and an address alone never leads anywhere.
 */
import type { ConversationId, InboxId, ItemId } from '../lib/ids.ts'

export type MatchKey =
  | { readonly via: 'token' }
  | { readonly via: 'reference'; readonly rfcId: string; readonly isOurs: boolean }
  | { readonly via: 'tag'; readonly tag: string; readonly queue: string }

export interface Candidate {
  readonly key: MatchKey
  /** How near to the mail the key stood: 0 is the nearest. */
  readonly rank: number
  /** Where it leads today: merged ones lead on. */
  readonly conversationId: ConversationId
  readonly itemId: ItemId | null
  readonly inboxId: InboxId
  readonly inboxSlug: string
  /** The sender asked, was addressed, or is a person who did or was. */
  readonly senderTakesPart: boolean
}

export interface Match {
  readonly conversationId: ConversationId
  /** For people. */
  readonly because: string
}

/** `inboxId`: where the mail came in; null where that is not known. */
export function matchOf(candidates: readonly Candidate[], inboxId: InboxId | null): Match | null {
  const inOrder = candidates.toSorted((a, b) => a.rank - b.rank)
  for (const holds of RULES) {
    const found = inOrder.find((candidate) => holds(candidate, inboxId))
    if (found) return { conversationId: found.conversationId, because: BECAUSE[found.key.via](found.key as never) }
  }
  return null
}

const RULES: readonly ((candidate: Candidate, inboxId: InboxId | null) => boolean)[] = [
  ({ key }) => key.via === 'token',
  ({ key, inboxId: of }, inboxId) => key.via === 'reference' && (inboxId === null || of === inboxId),
  ({ key }) => key.via === 'reference' && key.isOurs,
  ({ key, inboxId: of, inboxSlug, senderTakesPart }, inboxId) =>
    key.via === 'tag' && key.queue === inboxSlug && senderTakesPart && (inboxId === null || of === inboxId),
]

const BECAUSE = {
  token: () => 'It carries the mark of a mail that we sent.',
  reference: ({ rfcId, isOurs }: Extract<MatchKey, { via: 'reference' }>) =>
    `It answers ${rfcId}, ${isOurs ? 'which we sent' : 'which came in before'}.`,
  tag: ({ tag }: Extract<MatchKey, { via: 'tag' }>) => `Its subject has ${tag}, and its sender takes part.`,
} as const
