import type { Tx } from '../db/database.ts'
import { endOfMerges, findConversation } from '../helpdesk/conversations.ts'
import { findInbox } from '../helpdesk/inboxes.ts'
import type { Place } from '../helpdesk/receive-message.ts'
import type { InboxId, UserId } from '../lib/ids.ts'
import type { PlaceWish } from './inbound-mail.ts'
import type { ClaimedMail } from './queries.ts'

export type WishedPlace =
  | { readonly ok: true; readonly inboxId: InboxId; readonly place: Place }
  | { readonly ok: false; readonly detail: string }

/** Where somebody wants a mail, as it is now: what they chose may have gone since. */
export async function wishedPlace(
  tx: Tx,
  { workspaceId }: Pick<ClaimedMail, 'workspaceId'>,
  wish: PlaceWish,
  number: () => Promise<number>,
): Promise<WishedPlace> {
  const by = (/^user:(.*)$/.exec(wish.by)?.[1] ?? null) as UserId | null
  if (wish.act === 'attach') {
    const found = await findConversation(tx, workspaceId, wish.conversationId)
    const conversation = found && (await endOfMerges(tx, found))
    if (!conversation) return { ok: false, detail: `The conversation that ${wish.name} chose is gone.` }
    const because = `${wish.name} put it here; it had been put aside.`
    return { ok: true, inboxId: conversation.inboxId, place: { kind: 'conversation', id: conversation.id, because, by } }
  }
  const inbox = await findInbox(tx, workspaceId, wish.inboxId)
  if (!inbox) return { ok: false, detail: `The inbox that ${wish.name} chose is gone.` }
  const isSpam = wish.act === 'spam'
  const because = isSpam ? `${wish.name} took it for spam.` : `${wish.name} made it a conversation; it had been put aside.`
  return { ok: true, inboxId: inbox.id, place: { kind: 'start', inbox, number: await number(), because, by, isSpam } }
}
