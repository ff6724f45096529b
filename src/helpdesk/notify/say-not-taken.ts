import type { Member } from '../../accounts/member.ts'
import type { Tx } from '../../db/database.ts'
import type { InboundMailId } from '../../lib/ids.ts'
import { isName, parseAddress } from '../../mail/address.ts'
import { escapeHtml } from '../answering/letter.ts'
import type { Conversation } from '../conversation.ts'
import { findInbox } from '../inboxes.ts'
import { composeMail, sendMail } from '../outgoing/send-mail.ts'
import { oneLine } from './notification-mail.ts'
import type { NotifyDeps } from './notify.ts'

/** Whether one more automatic mail may go to this address now; taken from its budget when it may. */
export type MayAnswer = (tx: Tx, address: string) => Promise<boolean>

/** The mail that was put aside, what it seems to answer, and why it was not sent on. */
export interface NotTaken {
  readonly conversation: Conversation | null
  readonly inboundId: InboundMailId
  readonly why: string
}

/**
 * To the agent whose answer it seems to be, at the address of their account and nowhere else: a stranger who made the mail up learns nothing. Marked as a
 * machine's and from nowhere, so that nothing answers it, and within the budget of everything that is sent by itself.
 */
export async function sayNotTaken(
  tx: Tx,
  deps: NotifyDeps,
  { name, email }: Member,
  { conversation, inboundId, why }: NotTaken,
  mayAnswer: MayAnswer,
  now: Date,
): Promise<void> {
  const address = parseAddress(email)
  const inbox = conversation && (await findInbox(tx, conversation.workspaceId, conversation.inboxId))
  const from = inbox && parseAddress(inbox.address)
  if (!address || !inbox || !from || !conversation || !(await mayAnswer(tx, email.toLowerCase()))) return
  const link = `${deps.url}/conversations/${conversation.number}`
  const lines = [
    `A mail that answers what you were told of conversation #${conversation.number} was not sent on: ${why}.`,
    `It is kept in the quarantine, where whoever works in its inbox can look at it: ${deps.url}/quarantine/${inboundId}`,
    `You can answer here: ${link}`,
    'If you have not written this mail, somebody else has, and nothing came of it.',
  ]
  const mail = {
    inbox,
    purpose: 'no_match_answer' as const,
    conversationId: null,
    itemId: null,
    from: { name: isName(inbox.name) ? inbox.name : '', address: from },
    to: [{ name: isName(name) ? name : '', address }],
    ...{ cc: [], bcc: [], replyTo: [], files: [], inReplyTo: null, references: [], token: null },
    subject: oneLine(`Not sent: your answer in #${conversation.number}`, 200),
    html: lines.map((line) => `<p>${escapeHtml(line)}</p>`).join(''),
    text: lines.join('\n\n'),
    headers: [
      ['Auto-Submitted', 'auto-replied'],
      ['X-Auto-Response-Suppress', 'All'],
    ] as const,
    stream: 'transactional' as const,
    actor: null,
    scheduledAt: null,
  }
  await sendMail(tx, deps.blobs, await composeMail({ db: tx, ...deps }, mail, now), now)
}
