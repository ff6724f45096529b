import { answerRecipients } from '../../helpdesk/answering/recipients.ts'
import { type Author, senderName, sendersOf, signatureFor } from '../../helpdesk/answering/sender.ts'
import { bareSubject } from '../../helpdesk/conversation.ts'
import type { ItemFile } from '../../helpdesk/item.ts'
import { stateOfDelivery, stateOfMail } from '../../helpdesk/reading/delivery-state.ts'
import type { ShownConversation, ShownItem } from '../../helpdesk/reading/read.ts'
import { isSimple, shownContentIds } from '../../helpdesk/reading/simple-html.ts'
import type { UserId } from '../../lib/ids.ts'
import type { Correspondent } from '../../mail/received-head.ts'
import type * as endpoints from '../endpoints/conversations.ts'

export interface Reader {
  readonly userId: UserId | null
  /** Null: a program asks, which has no name to sign with. */
  readonly author: Author | null
}

export function toConversation(shown: ShownConversation, reader: Reader, now: Date): endpoints.ConversationView {
  const { conversation: c, inbox, names } = shown
  const person = (id: UserId) => ({ id, name: names.get(id) ?? 'A former member' })
  return {
    id: c.id,
    number: c.number,
    inbox: { id: inbox.id, name: inbox.name, slug: inbox.slug, address: inbox.address },
    subject: c.subject,
    channel: c.channel,
    status: c.status,
    label: shown.label,
    priority: c.priority,
    assignee: c.assigneeId && person(c.assigneeId),
    team: shown.team,
    contact_id: c.contactId,
    requester: requesterOf(shown),
    writer: shown.writer && { ...shown.writer },
    tags: [...c.tags],
    fields: { ...c.fields },
    snoozed_until: c.snoozedUntil,
    due_at: c.dueAt,
    waiting_since: c.waitingSince,
    last_customer_at: c.lastCustomerAt,
    last_agent_at: c.lastAgentAt,
    last_at: c.lastAt,
    closed_at: c.closedAt,
    deleted_at: c.deletedAt,
    merged_into: shown.mergedInto,
    auto_reply_off: c.autoReplyOff,
    created_at: c.createdAt,
    updated_at: c.updatedAt,
    is_starred: shown.isStarred,
    is_followed: reader.userId !== null && shown.followers.includes(reader.userId),
    participants: shown.participants.map(({ address, name, contactId, isRemoved }) => ({
      address,
      name,
      contact_id: contactId,
      is_removed: isRemoved,
    })),
    followers: shown.followers.map(person),
    links: shown.links.map(({ number, subject, status, kind }) => ({ number, subject, status, kind })),
    items: shown.items.map((item) => toItem(item, shown, now)),
    older: shown.olderThan,
    last_said: shown.lastSaid,
    drafts: shown.drafts.map(({ userId, mode, updatedAt }) => ({
      user: person(userId),
      mode: mode as 'reply' | 'note' | 'forward',
      updated_at: updatedAt,
    })),
    answering: answeringOf(shown, reader),
    may_write: shown.mayWrite,
  }
}

/** By the name they gave last. */
export function requesterOf({ conversation: { requester }, items, participants }: ShownConversation): Correspondent {
  const key = requester.toLowerCase()
  const wrote = items.findLast(({ kind, from }) => kind === 'customer' && from.address.toLowerCase() === key && from.name !== '')
  const name = wrote?.from.name ?? participants.find(({ address }) => address === key)?.name ?? ''
  return { name, address: requester }
}

function answeringOf(shown: ShownConversation, { author }: Reader): endpoints.ConversationView['answering'] {
  const { conversation, inbox, items, participants } = shown
  const requester = requesterOf(shown)
  const ours = [inbox.address, ...inbox.addresses.map(({ address }) => address)]
  const removed = participants.filter(({ isRemoved }) => isRemoved).map(({ address }) => address)
  const { to, cc } = answerRecipients(items, { requester, ours, removed })
  const name = senderName(inbox, author)
  const { statusAfterReply } = inbox
  return {
    senders: sendersOf(inbox).map((address) => ({ name, address })),
    to: [...to],
    cc: [...cc],
    subject: `Re: ${bareSubject(conversation.subject)}`,
    undo_seconds: inbox.undoSeconds,
    signature: signatureFor(inbox, {
      contact: { name: requester.name, email: requester.address },
      agent: author,
      inbox,
      conversation,
    }),
    status_after: statusAfterReply === 'keep' ? conversation.status : statusAfterReply,
    auto_bcc: [...inbox.autoBcc],
  }
}

function toItem(item: ShownItem, { conversation, names }: ShownConversation, now: Date): endpoints.ConversationItem {
  const simple = item.bodyHtml === null || isSimple(item.bodyHtml)
  const shownIds = shownContentIds(`${item.bodyHtml ?? ''}${item.quotedHtml ?? ''}`)
  const base = `/v1/conversations/${conversation.id}/items/${item.id}/files/`
  return {
    id: item.id,
    kind: item.kind,
    channel: item.channel,
    created_at: item.createdAt,
    author: authorOf(item, names),
    to: people(item.recipients.to),
    cc: people(item.recipients.cc),
    bcc: people(item.recipients.bcc),
    reply_to: [...item.replyTo],
    subject: item.subject,
    text: item.bodyText,
    html: simple && item.bodyHtml !== null ? withPictures(item.bodyHtml, item.files, base) : null,
    is_rich: !simple,
    has_remote_images: !simple && /<img[^<>]*\ssrc="https?:/i.test(item.bodyHtml ?? ''),
    quoted_text: item.quotedText,
    has_quoted: item.quotedText !== null || item.quotedHtml !== null,
    files: item.files.map((file) => ({
      ordinal: file.ordinal,
      filename: file.filename,
      content_type: file.contentType,
      size_bytes: file.sizeBytes,
      is_picture: isPicture(file),
      is_shown: file.contentId !== null && shownIds.has(file.contentId) && isPicture(file),
    })),
    activity: item.activity && {
      what: item.activity.what,
      from: item.activity.from ?? null,
      to: item.activity.to ?? null,
      name: item.activity.name ?? null,
      by: item.activity.by ?? null,
    },
    is_automatic: item.isAutomatic,
    matched_by: item.matchedBy,
    has_original: item.inboundId !== null || item.messageId !== null,
    sent: item.messageId && {
      message_id: item.messageId,
      ...stateOfMail(item.deliveries, item.undoUntil, now),
      deliveries: item.deliveries.map((delivery) => ({ recipient: delivery.recipient, ...stateOfDelivery(delivery) })),
    },
    undo_until: item.undoUntil !== null && item.undoUntil > now ? item.undoUntil : null,
    sent_copy: item.sentCopy && { state: item.sentCopy.state, folder: item.sentCopy.folder, problem: item.sentCopy.problem },
    edited_at: item.editedAt,
    edited_by: item.editedBy && (names.get(item.editedBy) ?? null),
    hidden_at: item.hiddenAt,
  }
}

function authorOf(item: ShownItem, names: ReadonlyMap<UserId, string>): endpoints.ConversationItem['author'] {
  const { name, address } = item.from
  if (item.kind === 'customer') return { kind: 'customer', id: item.contactId, name, address }
  if (item.userId !== null) return { kind: 'agent', id: item.userId, name: names.get(item.userId) ?? 'A former member', address }
  return { kind: 'system', id: null, name: name || 'Waybill', address }
}

function people(list: readonly Correspondent[] | undefined): Correspondent[] {
  return (list ?? []).map(({ name, address }) => ({ name, address }))
}

/** Not SVG: that is a document, which can carry scripts and references. */
export const PICTURE_TYPE = /^image\/(?:png|jpeg|gif|webp)$/i

function isPicture({ contentType }: ItemFile): boolean {
  return PICTURE_TYPE.test(contentType)
}

/** `cid:` becomes an address of ours; a picture that is not there, or is none, keeps its words. */
function withPictures(html: string, files: readonly ItemFile[], base: string): string {
  return html.replace(/\ssrc="cid:([^"]{1,400})"/g, (_, id: string) => {
    const file = files.find((each) => each.contentId !== null && [id, decoded(id)].includes(each.contentId) && isPicture(each))
    return file ? ` src="${base}${file.ordinal}?inline=1"` : ''
  })
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id.replaceAll('&amp;', '&'))
  } catch {
    return id
  }
}
