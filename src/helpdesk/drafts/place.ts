import type { Actor } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import type { UserId } from '../../lib/ids.ts'
import { mayReach, reachOf } from '../access/reach.ts'
import { endOfMerges } from '../conversations.ts'
import { reachConversation } from '../reading/read.ts'
import type { DraftMode } from './draft.ts'
import type { DraftPlace } from './drafts.ts'

/** Where something that is written in a conversation is kept: what was typed before a window heard of a merging is kept where that leads. */
export async function draftPlace(
  tx: Tx,
  actor: Actor,
  { id, mode, userId }: { readonly id: string; readonly mode: Exclude<DraftMode, 'new'>; readonly userId: UserId },
): Promise<Exclude<DraftPlace, { mode: 'new' }>> {
  const reach = await reachOf(tx, actor)
  const reached = await reachConversation(tx, actor, id, reach)
  const end = await endOfMerges(tx, reached)
  const isElsewhere = end.id !== reached.id && mayReach(reach, end)
  return { mode, conversation: isElsewhere ? end : reached, userId, isElsewhere }
}
