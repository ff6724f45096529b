import { isName, type Mailbox } from '../../mail/address.ts'
import type { HelpdeskMail } from '../outgoing/send-mail.ts'
import type { Cause } from './cause.ts'
import { escaped, type NotificationText, oneLine, type Recipient } from './notification-mail.ts'

/** So many are named; whoever got more opens their list. */
const NAMED = 50
const SUBJECT_CHARACTERS = 120

/** One act on many conversations, as one mail that lists them. It says nothing of answering: nobody could know which one is meant. */
export function mailOfMany(
  { conversation, inbox, url }: NotificationText,
  from: Mailbox,
  causes: readonly Cause[],
  { id, to, headline, who }: Recipient,
): HelpdeskMail {
  const lines = causes.slice(0, NAMED).map(({ conversation: { number, subject, requester } }) => ({
    link: `${url}/conversations/${number}`,
    name: `#${number} ${oneLine(subject, SUBJECT_CHARACTERS) || '(no subject)'}`,
    requester: oneLine(requester, SUBJECT_CHARACTERS),
  }))
  const more = causes.length - lines.length
  const rest = more > 0 ? `And ${more} more. ` : ''
  const listLink = `${url}/inbox`
  const name = who === null ? inbox.name : `${who} (${inbox.name})`
  return {
    inbox,
    purpose: 'notification',
    conversationId: conversation.id,
    itemId: null,
    from: { name: isName(name) ? name : inbox.name, address: from.address },
    ...{ to: [to], cc: [], bcc: [], replyTo: [], files: [], inReplyTo: null, references: [] },
    subject: oneLine(headline, 250),
    text: `${headline}\n\n${lines.map(({ link, name: of, requester }) => `${of}\n${requester}\n${link}`).join('\n\n')}\n\n${rest}All of them: ${listLink}`,
    html: `<p style="margin:0 0 16px"><strong>${escaped(headline)}</strong></p><ul style="margin:0;padding-left:18px">${lines
      .map(
        ({ link, name: of, requester }) =>
          `<li style="margin:0 0 8px"><a href="${escaped(link)}">${escaped(of)}</a><br><span style="color:#666">${escaped(requester)}</span></li>`,
      )
      .join('')}</ul><p style="margin:16px 0">${rest}<a href="${escaped(listLink)}">Open the inbox</a></p>`,
    // By its token an answer to it is known as one, and put aside instead of becoming a conversation.
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
