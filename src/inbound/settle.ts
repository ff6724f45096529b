/** How mails end: their rows, the log, and who has to know. */
import type { Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import type { NewEvent } from '../events/event.ts'
import { clearWhenEmpty, raisePutAside } from './arrivals/incident.ts'
import type { Outcome } from './inbound-mail.ts'
import { type ClaimedMail, type Facts, settleInbound } from './queries.ts'

/** A mail and what it came to. */
export interface Settled {
  readonly claimed: ClaimedMail
  readonly outcome: Outcome
  readonly facts: Facts
}

/** Mails of one workspace. What is put aside is told of one by one; all else is two statements. */
export async function settleAll(tx: Tx, ended: readonly Settled[], now: Date): Promise<void> {
  if (ended.length === 0) return
  await settleInbound(
    tx,
    ended.map((one) => ({ ...one, by: one.claimed.wish?.by ?? null })),
    now,
  )
  await append(tx, ended.map(eventOf), now)
  for (const { claimed, outcome, facts } of ended) {
    if (outcome.kind === 'quarantined') await tellQuarantined(tx, claimed, outcome, facts, now)
    if (claimed.wish) await clearWhenEmpty(tx, claimed.workspaceId, [claimed.wish.was], now)
  }
}

function eventOf({ claimed, outcome, facts }: Settled): NewEvent {
  const { workspaceId, id: subjectId, wish } = claimed
  const about = { workspaceId, subjectId, actor: wish?.by ?? null }
  const data = { from: facts.from.address, inbox_id: facts.inboxId }
  if (outcome.kind === 'quarantined') {
    const { stage, reason } = outcome
    return { type: 'inbound.quarantined', ...about, data: { ...data, stage, reason } }
  }
  const conversation = 'conversationId' in outcome ? { conversation_id: outcome.conversationId } : {}
  return { type: 'inbound.settled', ...about, data: { ...data, outcome: outcome.kind, ...conversation } }
}

/** One open incident an inbox, however many are put aside: it tells the latest, and counts them. */
async function tellQuarantined(
  tx: Tx,
  { workspaceId, id }: ClaimedMail,
  { stage, reason, detail }: Extract<Outcome, { kind: 'quarantined' }>,
  { inboxId, from, subject }: Facts,
  now: Date,
): Promise<void> {
  const who = from.address === '' ? 'A mail' : `A mail from ${from.address.slice(0, 200)}`
  const sentence = `${who} could not be taken in. ${detail}`
  const evidence = { inbound_id: id, stage, reason, from: from.address, subject }
  await raisePutAside(tx, workspaceId, { inboxId, sentence, evidence }, now)
}
