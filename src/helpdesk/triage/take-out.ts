import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { ConversationId, InboundMailId, ItemId, WorkspaceId } from '../../lib/ids.ts'
import { type Conversation, withStatus } from '../conversation.ts'
import { withdrawNotifications } from '../notify/withdraw.ts'
import { leaveTraces, lockReachable, type TriageDeps } from './act.ts'
import { factsIn } from './merge.ts'
import { withFacts } from './merging.ts'
import { saveConversations, selectFacts } from './queries.ts'
import { removeThese } from './removal-queries.ts'
import { deleteItem, selectComeBy } from './take-out-queries.ts'

/** What a conversation was before a mail was put into it. */
export type Stood = Pick<Conversation, 'status' | 'labelId' | 'snoozedUntil'>

/**
 * Takes a mail out of its conversation, as if it had never been put there: a conversation that it began goes with it, another stands as it did. Only
 * where nothing was said there since, and nobody writes where it would go; false where that is so, or where it is not there for them. The mail itself is kept by whoever handed it in.
 */
export async function takeOut(
  tx: Tx,
  deps: TriageDeps,
  mail: { readonly inboundId: InboundMailId; readonly itemId: ItemId; readonly stood: Stood | null },
  actor: Actor,
  now: Date,
): Promise<boolean> {
  const { workspaceId } = actor
  const { inboundId, itemId } = mail
  const before = await selectComeBy(tx, workspaceId, itemId, inboundId)
  const [conversation] = before ? await lockReachable(tx, [before.conversationId], actor) : []
  if (!conversation || conversation.mergedInto !== null) return false
  // Somebody may have answered while it was not held.
  const item = await selectComeBy(tx, workspaceId, itemId, inboundId)
  if (!item || item.conversationId !== conversation.id || !item.isLast) return false
  if (item.isAlone && item.hasDraft) return false
  // Whoever was to be told of it need not look for what is gone; a mail that left is with them.
  await withdrawNotifications(tx, workspaceId, [itemId], actorReference(actor), now)
  if (item.isAlone) await remove(tx, workspaceId, conversation, now)
  else await putBack(tx, deps, conversation, mail, item.from, actor, now)
  return true
}

async function remove(tx: Tx, workspaceId: WorkspaceId, { id }: Conversation, now: Date): Promise<void> {
  const removed = await removeThese(tx, workspaceId, [id])
  const events = removed.map((gone) => ({
    type: 'conversation.removed' as const,
    workspaceId,
    subjectId: gone.id as ConversationId,
    data: { number: gone.number, inbox_id: gone.inboxId },
  }))
  await append(tx, events, now)
}

async function putBack(
  tx: Tx,
  deps: TriageDeps,
  conversation: Conversation,
  { itemId, stood }: { readonly itemId: ItemId; readonly stood: Stood | null },
  from: string,
  actor: Actor,
  now: Date,
): Promise<void> {
  const { workspaceId, id } = conversation
  await deleteItem(tx, workspaceId, id, itemId)
  const facts = factsIn(await selectFacts(tx, workspaceId, [id]), id)
  const after = withFacts({ ...asItStood(conversation, stood, now), updatedAt: now }, facts)
  await saveConversations(tx, [after])
  const changes = after.status === conversation.status ? {} : { status: [conversation.status, after.status] }
  await leaveTraces(
    tx,
    deps,
    workspaceId,
    [
      {
        conversation: after,
        activities: [{ what: 'taken_out', name: from }],
        changes: { ...changes, taken_out: [itemId, null] },
      },
    ],
    actor,
    now,
  )
}

/** The mail had opened and woken it. What people changed since stays. */
function asItStood(conversation: Conversation, stood: Stood | null, now: Date): Conversation {
  if (stood === null || conversation.status !== 'open' || conversation.labelId !== null) return conversation
  const stated = withStatus({ ...conversation, labelId: stood.labelId }, stood.status, now)
  const sleeps =
    (stood.status === 'open' || stood.status === 'pending') && stood.snoozedUntil !== null && stood.snoozedUntil > now
  return sleeps ? { ...stated, snoozedUntil: stood.snoozedUntil } : stated
}
