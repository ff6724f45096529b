import type { Member } from '../../accounts/member.ts'
import type { Tx } from '../../db/database.ts'
import type { MessageId } from '../../lib/ids.ts'
import { isName, parseAddress } from '../../mail/address.ts'
import type { Conversation } from '../conversation.ts'
import { findInbox } from '../inboxes.ts'
import { composeMail, sendMail } from '../outgoing/send-mail.ts'
import { escaped, oneLine } from './notification-mail.ts'
import type { NotifyDeps } from './notify.ts'

export interface PeopleMail {
  readonly subject: string
  /** Words only; a link to the conversation stands below them. */
  readonly text: string
  /** Who sends it, beside the inbox's name. */
  readonly by: string
  /** As the log has it. */
  readonly actor: string
}

const SUBJECT_MAX = 250

/**
 * A mail about a conversation to each of these people, with its own waybill: submitted in this transaction, due at once, waiting for nobody. Whose address it
 * is besides (a customer's, the inbox's own) makes no difference. Who has no address that mail can go to is left out of what is returned.
 */
export async function mailPeople(
  tx: Tx,
  deps: NotifyDeps,
  conversation: Conversation,
  people: readonly Pick<Member, 'id' | 'name' | 'email'>[],
  { subject, text, by, actor }: PeopleMail,
  now: Date,
): Promise<ReadonlyMap<Member['id'], MessageId>> {
  const inbox = await findInbox(tx, conversation.workspaceId, conversation.inboxId)
  const from = inbox && parseAddress(inbox.address)
  const sent = new Map<Member['id'], MessageId>()
  if (!inbox || !from) return sent
  const link = `${deps.url}/conversations/${conversation.number}`
  const name = `${oneLine(by, 100)} (${inbox.name})`
  for (const person of people) {
    const address = parseAddress(person.email)
    if (!address) continue
    const mail = {
      inbox,
      purpose: 'notification' as const,
      conversationId: conversation.id,
      itemId: null,
      from: { name: isName(name) ? name : '', address: from },
      to: [{ name: isName(person.name) ? person.name : '', address }],
      ...{ cc: [], bcc: [], replyTo: [], files: [], inReplyTo: null, references: [], token: null },
      subject: oneLine(subject, SUBJECT_MAX) || `Conversation #${conversation.number}`,
      text: `${text}\n\nOpen it: ${link}`,
      html: `<div style="margin:16px 0;white-space:pre-wrap">${escaped(text)}</div><p style="margin:16px 0"><a href="${escaped(link)}">Open conversation #${conversation.number}</a></p>`,
      headers: [
        ['Auto-Submitted', 'auto-generated'],
        ['X-Auto-Response-Suppress', 'All'],
      ] as const,
      stream: 'transactional' as const,
      actor,
      scheduledAt: null,
    }
    const { messageId } = await sendMail(tx, deps.blobs, await composeMail({ ...deps, db: tx }, mail, now), now)
    sent.set(person.id, messageId)
  }
  return sent
}
