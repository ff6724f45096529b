import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Database, Tx } from '../../db/database.ts'
import { actOnMessage } from '../../delivery/acts/act.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { HOUR } from '../../lib/clock.ts'
import { type ItemId, type MessageId, newId } from '../../lib/ids.ts'
import type { Conversation } from '../conversation.ts'
import { findItem, lockConversation, updateConversation } from '../conversations.ts'
import type { Draft, DraftId } from '../drafts/draft.ts'
import { restoreDraft } from '../drafts/drafts.ts'
import type { Recipients } from '../item.ts'
import { withdrawNotifications } from '../notify/withdraw.ts'
import { reachConversation, reachItem } from '../reading/read.ts'
import { deleteConversation, deleteItem, deleteOldUndos, type Standing, selectUndo } from './queries.ts'

/**
 * Takes back what has not left. Its deliveries are cancelled, all of them or none; then the item is gone, and what was written is a draft again, as it
 * was. What others did to the conversation since stays.
 */
export async function undoSend(tx: Tx, actor: Actor, id: string, itemId: ItemId, now: Date): Promise<Draft> {
  const reached = await reachItem(tx, actor, id, itemId)
  const conversation = await lockConversation(tx, actor.workspaceId, reached.conversation.id)
  const item = await findItem(tx, actor.workspaceId, itemId)
  if (!conversation || !item) throw new Refusal('not_found', { what: 'message' })
  const undo = await selectUndo(tx, actor.workspaceId, itemId)
  if (!undo || undo.until <= now || item.messageId === null) throw new Refusal('undo_too_late')
  if (undo.userId === null || actor.kind !== 'user' || undo.userId !== actor.id)
    throw new Refusal('not_found', { what: 'message of yours' })

  // Somebody went on with what was to begin: it cannot be unmade under them.
  const isNew = undo.mode === 'new'
  if (isNew && conversation.items > 1) throw new Refusal('undo_too_late')

  const isMoved = (await reachConversation(tx, actor, id)).id !== conversation.id
  await cancelAll(tx, actor, item.messageId, item.recipients, now)
  await withdrawNotifications(tx, actor.workspaceId, [itemId, ...undo.activities], actorReference(actor), now)
  await deleteItem(tx, actor.workspaceId, conversation.id, undo)
  if (isNew) await deleteConversation(tx, actor.workspaceId, conversation.id)
  else
    await updateConversation(tx, {
      // What it was joined with since stands as it is.
      ...(isMoved ? conversation : takenBack(conversation, undo.before, undo.after)),
      items: conversation.items - 1,
      updatedAt: now,
    })
  const place =
    undo.mode === 'new' ? ({ mode: 'new', id: newId<DraftId>(now.getTime()) } as const) : { mode: undo.mode, conversation }
  const draft = await restoreDraft(tx, actor.workspaceId, { ...place, userId: actor.id }, undo.content, now)
  const data = { number: conversation.number, inbox_id: conversation.inboxId, item_id: itemId }
  const event = { type: 'conversation.send_undone', workspaceId: actor.workspaceId, subjectId: conversation.id } as const
  await append(tx, { ...event, actor: actorReference(actor), data }, now)
  return draft
}

async function cancelAll(tx: Tx, actor: Actor, messageId: MessageId, { to, cc, bcc }: Recipients, now: Date): Promise<void> {
  const recipients = new Set([...to, ...cc, ...bcc].map(({ address }) => address)).size
  const cancelled = await actOnMessage(tx, actor.workspaceId, messageId, 'cancel', actorReference(actor), now).catch(
    (error: unknown) => {
      if (error instanceof Refusal && error.code === 'nothing_to_do') return 0
      throw error
    },
  )
  if (cancelled < recipients) throw new Refusal('undo_too_late')
}

/** Each part of it goes back as far as nobody touched it since. Pure. */
export function takenBack(now: Conversation, before: Standing, after: Standing): Conversation {
  const same = (keys: readonly (keyof Standing)[]) => keys.every((key) => JSON.stringify(now[key]) === JSON.stringify(after[key]))
  const back = { ...now }
  const restore = (...keys: (keyof Standing)[]) => {
    if (same(keys)) Object.assign(back, Object.fromEntries(keys.map((key) => [key, before[key]])))
  }
  restore('status', 'labelId', 'closedAt', 'snoozedUntil')
  restore('assigneeId')
  restore('lastAgentAt')
  restore('lastAt', 'preview')
  restore('hasFiles')
  // A customer who wrote since waits from then, but waited before.
  const waitingSince = back.status === 'closed' ? null : (before.waitingSince ?? now.waitingSince)
  return { ...back, waitingSince }
}

const CHUNK = 1_000

export function undoJobs(database: Database): PeriodicJob[] {
  const forget = (now: Date) => inChunks(database, CHUNK, (tx) => deleteOldUndos(tx, new Date(now.getTime() - HOUR), CHUNK))
  return [{ name: 'helpdesk.forget_undo', everyMs: HOUR, run: forget }]
}
