/** What a few mails come to, and never more than one in a transaction: news of what was sent, what agents send, and what is answered by itself. */
import { keyOfAddress } from '../contacts/save-contact.ts'
import type { Tx } from '../db/database.ts'
import { recordReport } from '../delivery/feedback/record-report.ts'
import { suppress } from '../delivery/suppression/suppress.ts'
import { agentForwardOf, forwardIn } from '../helpdesk/notify/agent-forward.ts'
import { agentMailOf } from '../helpdesk/notify/agent-mail.ts'
import { proofOf } from '../helpdesk/notify/proof.ts'
import { sayNoMatch } from './answer-by-itself.ts'
import type { Outcome } from './inbound-mail.ts'
import { mayAnswer } from './queries.ts'
import { type Decided, incomingOf, performTogether, putFiles, type WriteDeps } from './together.ts'

/** Whether it is written with nothing else in its transaction. */
export function goesAlone({ claimed, read, looked, decision }: Decided): boolean {
  if (claimed.wish !== null) return true
  switch (decision.do) {
    case 'record_report':
    case 'unsubscribe':
    case 'ask_agent':
      return true
    case 'duplicate':
      return false
    case 'ignore':
    case 'quarantine':
      return decision.answer !== undefined
    case 'add':
    case 'start': {
      const { inbox, own } = looked.addressed
      return (
        inbox !== null &&
        forwardIn({ incoming: incomingOf(claimed, read), provenBy: proofOf(read.authentication) }, inbox, own) !== null
      )
    }
  }
}

/** `later`: what it tells of is being handed over at this moment. */
export async function performAlone(tx: Tx, deps: WriteDeps, mail: Decided, now: Date): Promise<Outcome | 'later'> {
  const { decision, claimed } = mail
  // Whoever wrote it was answered when it came, and it was counted then.
  if ('answer' in decision && decision.answer && claimed.wish === null) await sayNoMatch(tx, deps, mail, now)
  switch (decision.do) {
    case 'record_report':
      return await report(tx, deps, mail, now)
    case 'unsubscribe':
      return await unsubscribe(tx, mail, now)
    case 'ask_agent':
      return await answerOfAgent(tx, deps, mail, now)
    default: {
      const [outcome] = await performTogether(tx, deps, [mail], passedOn, now)
      return outcome as Outcome
    }
  }
}

/** An agent passed it on from their own mailbox: it becomes the conversation of whoever wrote it first. */
async function passedOn(tx: Tx, deps: WriteDeps, { claimed, read, looked }: Decided, now: Date): Promise<Outcome | null> {
  const { inbox, own } = looked.addressed
  const mail = { incoming: incomingOf(claimed, read), provenBy: proofOf(read.authentication) }
  if (!inbox || !forwardIn(mail, inbox, own)) return null
  await putFiles(tx, deps, [read], now)
  return await agentForwardOf(tx, deps, mail, inbox, own, () => deps.numbers.take(claimed.workspaceId), now)
}

/** Somebody who was told of something answers by mail: by the token, and by who is proven to have sent it, never by the address alone. */
async function answerOfAgent(tx: Tx, deps: WriteDeps, { claimed, read }: Decided, now: Date): Promise<Outcome> {
  await putFiles(tx, deps, [read], now)
  const mail = { incoming: incomingOf(claimed, read), provenBy: proofOf(read.authentication) }
  const outcome = await agentMailOf(tx, deps, mail, (inner, address) => mayAnswer(inner, claimed.workspaceId, address, now), now)
  const detail = 'It answers a notification of an agent, and who sent it is not proven.'
  return outcome ?? { kind: 'quarantined', stage: 'match', reason: 'agent_not_proven', detail }
}

async function report(tx: Tx, { secrets }: WriteDeps, { claimed, read }: Decided, now: Date): Promise<Outcome | 'later'> {
  const { workspaceId, envelopeRecipients } = claimed
  const { mail, reading } = read
  const recipient = envelopeRecipients[0] ?? mail.to[0]?.address ?? ''
  const { recorded, early, messageId, nothing } = await recordReport(tx, secrets, { workspaceId, reading, mail, recipient }, now)
  if (early) return 'later'
  if (nothing !== null) return { kind: 'ignored', reason: 'report_without_news', detail: nothing }
  if (recorded === 0)
    return { kind: 'ignored', reason: 'report_without_news', detail: 'It speaks of mail that did not leave from here.' }
  const detail =
    reading.kind === 'delay'
      ? 'The mail was not delivered yet.'
      : `News of ${recorded} ${recorded === 1 ? 'recipient' : 'recipients'}.`
  return { kind: reading.kind === 'complaint' ? 'complaint_recorded' : 'bounce_recorded', messageId, detail }
}

async function unsubscribe(tx: Tx, { claimed: { workspaceId }, read: { mail } }: Decided, now: Date): Promise<Outcome> {
  const address = keyOfAddress(mail.from?.address ?? '') ?? ''
  const note = 'They wrote to us to be left alone.'
  await suppress(
    tx,
    workspaceId,
    [{ address, stream: 'bulk', reason: 'unsubscribed', deliveryId: null, note, reply: mail.subject }],
    null,
    now,
  )
  return { kind: 'unsubscribed', detail: `${address} gets no bulk mail any more.` }
}
