import { type Actor, actorReference } from '../../accounts/actor.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { EventType } from '../../events/event.ts'
import type { ItemId } from '../../lib/ids.ts'
import type { Conversation } from '../conversation.ts'
import { filesOf } from '../conversations.ts'
import type { Item, ItemFile } from '../item.ts'
import { plainTextOf } from '../outgoing/plain-text.ts'
import { reachItem } from '../reading/read.ts'
import { lockLive, userOf } from '../triage/act.ts'
import { refuseTooMuch } from './answer.ts'
import { cleanHtml } from './letter.ts'
import { replaceBody, setHidden } from './queries.ts'

/**
 * Corrects what stands here. What was sent is not sent again: only the copy in the conversation changes, and says so. What a customer wrote by mail is
 * theirs; what an agent wrote down for them on the telephone is not.
 */
export async function editItem(tx: Tx, actor: Actor, id: string, itemId: ItemId, html: string, now: Date): Promise<void> {
  refuseTooMuch({ html, files: [] })
  const { conversation, item } = await lockedItem(tx, actor, id, itemId)
  if (item.kind === 'activity' || (item.kind === 'customer' && item.channel !== 'phone'))
    throw new Refusal('wrong_state', {
      what: 'message',
      state: item.kind === 'activity' ? 'a line of what was done' : "a customer's own",
      action: 'edited',
    })
  const clean = cleanHtml(withOwnPictures(html, await filesOf(tx, actor.workspaceId, [itemId])))
  const text = plainTextOf(clean)
  if (text.trim() === '' && !clean.includes('<img')) throw new Refusal('nothing_written')
  if (clean === item.bodyHtml) return
  await replaceBody(tx, actor.workspaceId, itemId, { text, html: clean }, userOf(actor), now)
  await tell(tx, conversation, itemId, actor, 'conversation.item_edited', now)
}

const OWN_PICTURE = /\/v1\/conversations\/[0-9a-f-]{1,36}\/items\/[0-9a-f-]{36}\/files\/(\d{1,4})\?inline=1/g

/** The editor shows the message's pictures by their addresses; here they are known by their Content-IDs. */
function withOwnPictures(html: string, files: readonly ItemFile[]): string {
  return html.replace(OWN_PICTURE, (address, ordinal: string) => {
    const contentId = files.find((file) => file.ordinal === Number(ordinal))?.contentId
    return contentId ? `cid:${encodeURIComponent(contentId)}` : address
  })
}

/** Folds a message away, for everybody, or shows it again. It is still there. */
export async function hideItem(tx: Tx, actor: Actor, id: string, itemId: ItemId, isHidden: boolean, now: Date): Promise<void> {
  const { conversation, item } = await lockedItem(tx, actor, id, itemId)
  if ((item.hiddenAt !== null) === isHidden) return
  await setHidden(tx, actor.workspaceId, itemId, isHidden ? now : null)
  await tell(tx, conversation, itemId, actor, 'conversation.changed', now, { hidden: isHidden })
}

async function lockedItem(tx: Tx, actor: Actor, id: string, itemId: ItemId): Promise<{ conversation: Conversation; item: Item }> {
  const { conversation } = await reachItem(tx, actor, id, itemId)
  await lockLive(tx, conversation.id, actor)
  return await reachItem(tx, actor, id, itemId)
}

async function tell(
  tx: Tx,
  { workspaceId, id, number, inboxId }: Conversation,
  itemId: ItemId,
  actor: Actor,
  type: EventType,
  now: Date,
  changes?: Readonly<Record<string, unknown>>,
): Promise<void> {
  const data = { number, inbox_id: inboxId, item_id: itemId, ...(changes && { changes }) }
  await append(tx, { type, workspaceId, subjectId: id, actor: actorReference(actor), data }, now)
}
