/**
 * A notification as a mail: what happened, what was written, a little of what was said before, and a link. Only words: pictures and mark-up of a
 * stranger's mail are for the page, which shows them in a frame of its own. Its answer goes to the customer, so it says so on its first line.
 */
import type { ConversationId } from '../../lib/ids.ts'
import { isName, type Mailbox } from '../../mail/address.ts'
import type { Conversation } from '../conversation.ts'
import type { Inbox } from '../inbox.ts'
import type { HelpdeskMail } from '../outgoing/send-mail.ts'
import type { NotificationId, SaidItem } from './queries.ts'

/** Whatever stands below it is not the agent's answer. */
export const ANSWER_ABOVE = 'Write your answer to the customer above this line; for a note, begin it with @note'

/** What all mails of one cause have in common. */
export interface NotificationText {
  readonly conversation: Conversation
  readonly inbox: Inbox
  /** What it tells of; null where nothing was written. */
  readonly item: SaidItem | null
  /** Before that, the newest first. */
  readonly history: readonly SaidItem[]
  readonly nameOf: (item: SaidItem) => string
  readonly url: string
}

interface Bodies {
  readonly text: string
  readonly html: string
}

const WRITTEN_CHARACTERS = 20_000
const EARLIER_CHARACTERS = 2_000
const SUBJECT_CHARACTERS = 250

/** Made once for a cause: only the headline is each person's own. */
export function bodiesOf({ conversation, item, history, nameOf, url }: NotificationText): (headline: string) => Bodies {
  const link = `${url}/conversations/${conversation.number}`
  const written = item ? shortened(item.text, WRITTEN_CHARACTERS) : ''
  const earlier = history.map((each) => ({
    head: `${nameOf(each)}, ${each.createdAt.toISOString().slice(0, 16).replace('T', ' ')} UTC${each.kind === 'note' ? ' (note)' : ''}`,
    text: shortened(each.text, EARLIER_CHARACTERS),
  }))
  const textBelow = [
    ...(written === '' ? [] : [written]),
    `Open it: ${link}`,
    ...earlier.map(({ head, text }) => `${head}:\n${text.replace(/^/gm, '> ')}`),
  ].join('\n\n')
  const htmlBelow = [
    ...(written === '' ? [] : [`<div style="margin:16px 0;white-space:pre-wrap">${escaped(written)}</div>`]),
    `<p style="margin:16px 0"><a href="${escaped(link)}">Open conversation #${conversation.number}</a></p>`,
    ...earlier.map(
      ({ head, text }) =>
        `<p style="margin:16px 0 4px;color:#666">${escaped(head)}</p><blockquote style="margin:0;padding-left:12px;border-left:2px solid #ddd;white-space:pre-wrap">${escaped(text)}</blockquote>`,
    ),
  ].join('')
  return (headline) => ({
    text: `- ${ANSWER_ABOVE} -\n\n${headline}\n\n${textBelow}`,
    html: `<p style="color:#888;font-size:12px">- ${ANSWER_ABOVE} -</p><p style="margin:16px 0"><strong>${escaped(headline)}</strong></p>${htmlBelow}`,
  })
}

export interface Recipient {
  readonly id: NotificationId
  readonly to: Mailbox
  readonly headline: string
  /** Whose name stands before the inbox's. */
  readonly who: string | null
}

/** One mail to one agent. Its token says to whom it went; ids of the conversation thread it and mean nothing else. */
export function notificationMail(
  { inbox, conversation, item }: NotificationText,
  from: Mailbox,
  bodies: (headline: string) => Bodies,
  { id, to, headline, who }: Recipient,
): HelpdeskMail {
  const name = who === null ? inbox.name : `${who} (${inbox.name})`
  const thread = threadIdOf(conversation.id, from)
  return {
    inbox,
    purpose: 'notification',
    conversationId: conversation.id,
    itemId: item?.id ?? null,
    from: { name: isName(name) ? name : inbox.name, address: from.address },
    to: [to],
    cc: [],
    bcc: [],
    replyTo: [],
    subject: `[#${conversation.number}] ${oneLine(conversation.subject, SUBJECT_CHARACTERS) || '(no subject)'}`,
    ...bodies(headline),
    files: [],
    inReplyTo: thread,
    references: [thread],
    token: { purpose: 'notification', id },
    headers: [
      ['Auto-Submitted', 'auto-generated'],
      ['X-Auto-Response-Suppress', 'All'],
    ],
    stream: 'transactional',
    actor: null,
    scheduledAt: null,
  }
}

/** No mail has this id: it only lets mail programs put all notifications of one conversation together. */
function threadIdOf(id: ConversationId, { address }: Mailbox): string {
  return `<conversation.${id}@${address.domain}>`
}

/** What may stand in a header. */
export function oneLine(text: string, max: number): string {
  return text
    .replace(/[\x00-\x1f\x7f\u2028\u2029]+/g, ' ')
    .trim()
    .slice(0, max)
}

function shortened(text: string, max: number): string {
  const whole = text.replaceAll('\0', '').trimEnd()
  return whole.length <= max ? whole : `${whole.slice(0, max)}\n[…]`
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
