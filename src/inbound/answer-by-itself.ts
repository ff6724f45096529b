/** What inboxes say by themselves to who wrote. */
import { keyOfAddress } from '../contacts/save-contact.ts'
import type { Tx } from '../db/database.ts'
import { type StandingAnswer, sendStandingAnswer } from '../helpdesk/standing-answer.ts'
import { mayAnswer as mayBeAnswered } from '../mail/automatic.ts'
import { tellNoMatch } from './no-match.ts'
import { mayAnswer } from './queries.ts'
import type { Looked, WriteDeps } from './together.ts'

/** To nobody who asks for none, to no machine, to none of our own inboxes, and within the budget of its address. */
export async function answerByItself(
  tx: Tx,
  deps: WriteDeps,
  { claimed, read, looked }: Looked,
  standing: Pick<StandingAnswer, 'inbox' | 'text' | 'purpose' | 'conversation'>,
  now: Date,
): Promise<void> {
  const { mail, automatic } = read
  const to = mail.replyTo[0] ?? mail.from
  const address = keyOfAddress(to?.address ?? '')
  if (!to || address === null || looked.addressed.own.has(address) || !mayBeAnswered(automatic, mail)) return
  if (await mayAnswer(tx, claimed.workspaceId, address, now))
    await sendStandingAnswer(tx, deps, { ...standing, to, inReplyTo: mail.messageId }, now)
}

/** It belongs to nothing, in an inbox that starts nothing: told to who wrote it where the inbox wishes so, and to people where it is much. */
export async function sayNoMatch(tx: Tx, deps: WriteDeps, mail: Looked, now: Date): Promise<void> {
  const { inbox } = mail.looked.addressed
  if (!inbox) return
  await tellNoMatch(tx, inbox, now)
  const text = inbox.noMatchAnswer
  if (text) await answerByItself(tx, deps, mail, { inbox, text, purpose: 'no_match_answer', conversation: null }, now)
}
