import type { Tx } from '../db/database.ts'
import { parseAddress } from '../mail/address.ts'
import type { Correspondent } from '../mail/received-head.ts'
import type { Conversation } from './conversation.ts'
import type { Inbox, StandingText } from './inbox.ts'
import type { NotifyDeps } from './notify/notify.ts'
import { composeMail, sendMail } from './outgoing/send-mail.ts'
import { fillVariables, valuesOf } from './variables.ts'

export interface StandingAnswer {
  readonly inbox: Inbox
  readonly text: StandingText
  readonly purpose: 'auto_reply' | 'no_match_answer'
  readonly to: Correspondent
  /** The Message-ID of what is answered, with angle brackets. */
  readonly inReplyTo: string | null
  /** Of an answer to what began one. */
  readonly conversation: Conversation | null
}

/**
 * Sends what an inbox says by itself, in the transaction of what it answers. Whether it may is asked before. What is written says that a machine
 * wrote it (RFC 3834 §3.1.7), so that no machine answers.
 */
export async function sendStandingAnswer(tx: Tx, deps: NotifyDeps, answer: StandingAnswer, now: Date): Promise<void> {
  const { inbox, text, purpose, to, inReplyTo, conversation } = answer
  const [from, address] = [parseAddress(inbox.address), parseAddress(to.address)]
  if (!from || !address) return
  const values = valuesOf({ contact: { name: to.name, email: to.address }, agent: null, inbox, conversation })
  const subject = fillVariables(text.subject, values, 'text')
    .replace(/[\x00-\x1f\x7f]+/g, ' ')
    .trim()
    .slice(0, 500)
  const mail = {
    inbox,
    purpose,
    conversationId: conversation?.id ?? null,
    itemId: null,
    from: { name: printable(inbox.name), address: from },
    to: [{ name: '', address }],
    ...{ cc: [], bcc: [], replyTo: [], files: [], token: null },
    inReplyTo,
    references: inReplyTo === null ? [] : [inReplyTo],
    subject,
    html: fillVariables(text.html, values, 'html'),
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

function printable(name: string): string {
  return /[\x00-\x1f\x7f]/.test(name) ? '' : name
}
