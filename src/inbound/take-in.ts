import { keyOfAddress } from '../contacts/save-contact.ts'
import { type Database, ENGINE, isRefusedForItsContent, type Tx } from '../db/database.ts'
import { recordReport } from '../delivery/feedback/record-report.ts'
import { suppress } from '../delivery/suppression/suppress.ts'
import { append } from '../events/append.ts'
import type { Inbox } from '../helpdesk/inbox.ts'
import type { Incoming } from '../helpdesk/incoming.ts'
import { type Addressed, selectSameMail } from '../helpdesk/matching-queries.ts'
import { agentForwardOf } from '../helpdesk/notify/agent-forward.ts'
import { agentMailOf } from '../helpdesk/notify/agent-mail.ts'
import { proofOf } from '../helpdesk/notify/proof.ts'
import { type Place, type ReceiveDeps, receiveMessage } from '../helpdesk/receive-message.ts'
import { type StandingAnswer, sendStandingAnswer } from '../helpdesk/standing-answer.ts'
import { raiseIncident } from '../incidents/incidents.ts'
import type { Clock } from '../lib/clock.ts'
import { SECOND } from '../lib/clock.ts'
import type { ItemId } from '../lib/ids.ts'
import { mayAnswer as mayBeAnswered } from '../mail/automatic.ts'
import { clearWhenEmpty, raisePutAside } from './arrivals/incident.ts'
import { type Decision, decide } from './decide.ts'
import { isPlaced, MAX_TRIES, type Outcome, type PlaceWish } from './inbound-mail.ts'
import { type LookedAround, lookAround } from './look-around.ts'
import {
  type ClaimedMail,
  countNoMatch,
  countTurnedAway,
  type Facts,
  lockClaimed,
  mayAnswer,
  putOff,
  selectSameContent,
  settleInbound,
} from './queries.ts'
import { bytesOf, type MailRead, type ReadDeps, type ReadMail, readClaimed } from './read-mail.ts'
import { type HeadFacts, headFactsOf, unreadMail } from './unread.ts'
import { wishedPlace } from './wished-place.ts'

export interface TakeInDeps extends ReceiveDeps, ReadDeps {
  readonly database: Database
  readonly clock: Clock
}

/** News of a mail that is being handed over at this moment is looked at again soon after. */
const AFTER_EARLY_MS = 5 * SECOND

/**
 * One claimed mail to its end: read, decide, write. Everything it comes to is one transaction with its outcome; whatever is wrong with it is an outcome
 * too, so that no mail stops another.
 */
export async function takeIn(deps: TakeInDeps, claimed: ClaimedMail): Promise<void> {
  const { wish, attempts } = claimed
  if (isPlaced(wish) && (wish.unread || attempts >= MAX_TRIES)) return await takeInUnread(deps, claimed)
  if (attempts >= MAX_TRIES) {
    const detail = `Taking it in was begun ${attempts - 1} times and never ended. What ended it is in the log.`
    const outcome = { kind: 'quarantined', stage: 'crash', reason: 'fails_again_and_again', detail } as const
    return await settleAlone(deps, claimed, outcome, NO_FACTS)
  }
  const result = await readClaimed(deps, claimed)
  if (!result.ok) return await takeInUnreadable(deps, claimed, result)
  const { read } = result
  try {
    await write(deps, claimed, read)
  } catch (error) {
    if (!isRefusedForItsContent(error) || isTakenAtOnce(error)) throw error
    const detail = `It holds something that cannot be stored: ${(error as Error).message.slice(0, 300)}.`
    if (isPlaced(wish)) return await takeInUnread(deps, claimed)
    const facts = factsOf(read, claimed.inboxId)
    await settleAlone(deps, claimed, { kind: 'quarantined', stage: 'write', reason: 'cannot_be_stored', detail }, facts)
  }
}

/** The same mail was taken in at the same moment, by another connection: at the next try it is seen to be there. */
function isTakenAtOnce(error: unknown): boolean {
  return (error as { constraint?: unknown }).constraint === 'inbound_mail_is_no_repeat'
}

/** Put aside with what its head says; where somebody wants it all the same, it becomes a file of a conversation. */
async function takeInUnreadable(
  deps: TakeInDeps,
  claimed: ClaimedMail,
  { reason, detail, bytes }: Extract<MailRead, { ok: false }>,
): Promise<void> {
  const head = bytes && headFactsOf(bytes)
  if (bytes && isPlaced(claimed.wish)) {
    const because = `${detail.charAt(0).toLowerCase()}${detail.slice(1, -1)}`
    return await write(deps, claimed, unreadMail(claimed, bytes, head, because))
  }
  const stage = reason === 'too_large' ? 'take' : 'read'
  const facts = { ...NO_FACTS, inboxId: claimed.inboxId, ...(head && factsOfHead(head)) }
  await settleAlone(deps, claimed, { kind: 'quarantined', stage, reason, detail }, facts)
}

/** Nothing of it is looked at but, at the first tries, its head: reading it is what went wrong before. */
async function takeInUnread(deps: TakeInDeps, claimed: ClaimedMail): Promise<void> {
  const bytes = await bytesOf(deps, claimed)
  if (bytes === null) {
    const detail = 'Its bytes are not there any more, or not as they were written.'
    return await settleAlone(deps, claimed, { kind: 'quarantined', stage: 'read', reason: 'bytes_missing', detail }, NO_FACTS)
  }
  const head = claimed.attempts < MAX_TRIES ? headFactsOf(bytes) : null
  await write(deps, claimed, unreadMail(claimed, bytes, head, 'reading it failed again and again'))
}

async function write(deps: TakeInDeps, claimed: ClaimedMail, read: ReadMail): Promise<void> {
  const now = deps.clock.now()
  // A number is taken outside: whoever waits for a number holds nothing.
  const number = async () => await deps.numbers.take(claimed.workspaceId)
  await deps.database.transaction(ENGINE, async (tx) => {
    if (!(await lockClaimed(tx, claimed))) return
    if (isPlaced(claimed.wish)) return await writeWhereWished(tx, deps, claimed, read, claimed.wish, number, now)
    const looked = await lookAround(tx, deps, claimed, read)
    const decision = decide(looked.known)
    const outcome = await perform(tx, deps, claimed, read, looked, decision, number, now)
    if (outcome === 'later') return await putOff(tx, claimed, new Date(now.getTime() + AFTER_EARLY_MS), true)
    const isByRule = decision.do === 'ignore' && decision.reason === 'ignore_rule'
    const ruleId = isByRule ? (looked.rule?.id ?? null) : null
    if (ruleId !== null) await countTurnedAway(tx, claimed.workspaceId, ruleId, now)
    await settle(tx, claimed, outcome, { ...factsOf(read, looked.addressed.inbox?.id ?? null), ruleId }, now)
  })
}

/** Where a person wants it, whatever the decision would be; and put aside again where that is not possible any more. */
async function writeWhereWished(
  tx: Tx,
  deps: TakeInDeps,
  claimed: ClaimedMail,
  read: ReadMail,
  wish: PlaceWish,
  number: () => Promise<number>,
  now: Date,
): Promise<void> {
  const place = await wishedPlace(tx, claimed, wish, number)
  if (!place.ok) {
    const { detail } = place
    const outcome = { kind: 'quarantined', stage: 'write', reason: 'wish_not_possible', detail } as const
    return await settle(tx, claimed, outcome, factsOf(read, wish.was), now)
  }
  const looked = await lookAround(tx, deps, { ...claimed, inboxId: place.inboxId }, read)
  const { repeats } = looked.known
  const same = wish.act === 'attach' ? await sameMail(tx, claimed, read, wish.conversationId) : null
  const of = repeats ?? same
  const outcome: Outcome = of
    ? { kind: 'duplicate', of }
    : await putInto(tx, deps, claimed, read, place.place, looked.addressed.own, now)
  await settle(tx, claimed, outcome, factsOf(read, place.inboxId), now)
}

async function putInto(
  tx: Tx,
  deps: TakeInDeps,
  claimed: ClaimedMail,
  read: ReadMail,
  place: Place,
  own: Addressed['own'],
  now: Date,
): Promise<Outcome> {
  await putFiles(tx, deps, read, now)
  const received = await receiveMessage(tx, deps, incomingOf(claimed, read), place, own, now)
  if (!received) throw new Error('The conversation went away while its mail was read.')
  const { conversation, itemId, isNew } = received
  const kind = isNew ? 'conversation_started' : 'reply_added'
  return { kind, conversationId: conversation.id, itemId, matchedBy: place.because }
}

/** A mail whose taking in failed again, and not for want of the database: people decide. */
export async function giveUp(deps: TakeInDeps, claimed: ClaimedMail, error: unknown): Promise<void> {
  const detail = `Taking it in failed ${claimed.attempts} times: ${String(error).slice(0, 300)}.`
  await settleAlone(deps, claimed, { kind: 'quarantined', stage: 'write', reason: 'fails_again_and_again', detail }, NO_FACTS)
}

async function perform(
  tx: Tx,
  deps: TakeInDeps,
  claimed: ClaimedMail,
  read: ReadMail,
  looked: LookedAround,
  decision: Decision,
  number: () => Promise<number>,
  now: Date,
): Promise<Outcome | 'later'> {
  const { inbox: addressee } = looked.addressed
  // Whoever wrote it was answered when it came, and it was counted then.
  const isNews = claimed.wish === null
  if (isNews && 'answer' in decision && decision.answer && addressee) await tellNoMatch(tx, addressee, now)
  if (isNews && 'answer' in decision && decision.answer && addressee?.noMatchAnswer) {
    const text = addressee.noMatchAnswer
    await answer(tx, deps, claimed, read, looked, { inbox: addressee, text, purpose: 'no_match_answer', conversation: null }, now)
  }
  switch (decision.do) {
    case 'record_report':
      return await report(tx, deps, claimed, read, now)
    case 'unsubscribe':
      return await unsubscribe(tx, claimed, read, now)
    case 'duplicate':
      return { kind: 'duplicate', of: decision.of }
    case 'ignore':
      return { kind: 'ignored', reason: decision.reason, detail: decision.detail }
    case 'quarantine':
      return { kind: 'quarantined', stage: 'match', reason: decision.reason, detail: decision.detail }
    case 'ask_agent':
      return await answerOfAgent(tx, deps, claimed, read, now)
    case 'add': {
      const same = await sameMail(tx, claimed, read, decision.match.conversationId)
      if (same) return { kind: 'duplicate', of: same }
      return await converse(
        tx,
        deps,
        claimed,
        read,
        looked,
        { kind: 'conversation', id: decision.match.conversationId, because: decision.match.because },
        number,
        now,
      )
    }
    case 'start': {
      const { inbox } = looked.addressed
      if (!inbox) throw new TypeError('a conversation is started in an inbox')
      return await converse(
        tx,
        deps,
        claimed,
        read,
        looked,
        { kind: 'start', inbox, number: await number(), because: decision.because },
        number,
        now,
      )
    }
  }
}

/** Sent once to several inboxes, it is in that conversation already. */
async function sameMail(
  tx: Tx,
  { workspaceId }: ClaimedMail,
  { mail, contentHash }: ReadMail,
  id: Parameters<typeof selectSameMail>[2],
) {
  if (mail.messageId === null) return null
  return await selectSameContent(tx, workspaceId, await selectSameMail(tx, workspaceId, id, mail.messageId), contentHash)
}

/** What an inbox says by itself goes to nobody who asks for none, to no machine, to none of our own inboxes, and within the budget of its address. */
async function answer(
  tx: Tx,
  deps: TakeInDeps,
  { workspaceId }: ClaimedMail,
  { mail, automatic }: ReadMail,
  { addressed }: LookedAround,
  standing: Pick<StandingAnswer, 'inbox' | 'text' | 'purpose' | 'conversation'>,
  now: Date,
): Promise<void> {
  const to = mail.replyTo[0] ?? mail.from
  const address = keyOfAddress(to?.address ?? '')
  if (!to || address === null || addressed.own.has(address) || !mayBeAnswered(automatic, mail)) return
  if (await mayAnswer(tx, workspaceId, address, now))
    await sendStandingAnswer(tx, deps, { ...standing, to, inReplyTo: mail.messageId }, now)
}

/** Somebody who was told of something answers by mail: by the token, and by who is proven to have sent it, never by the address alone. */
async function answerOfAgent(tx: Tx, deps: TakeInDeps, claimed: ClaimedMail, read: ReadMail, now: Date): Promise<Outcome> {
  await putFiles(tx, deps, read, now)
  const mail = { incoming: incomingOf(claimed, read), provenBy: proofOf(read.authentication) }
  const outcome = await agentMailOf(tx, deps, mail, (inner, address) => mayAnswer(inner, claimed.workspaceId, address, now), now)
  const detail = 'It answers a notification of an agent, and who sent it is not proven.'
  return outcome ?? { kind: 'quarantined', stage: 'match', reason: 'agent_not_proven', detail }
}

async function putFiles(tx: Tx, { blobs }: TakeInDeps, read: ReadMail, now: Date): Promise<void> {
  if (read.blobs.length > 0) await blobs.put(tx, read.blobs, now)
}

function incomingOf({ workspaceId, id }: ClaimedMail, read: ReadMail): Incoming {
  const { mail, body, files, keys, automatic, authentication } = read
  return {
    workspaceId,
    inboundId: id,
    rfcMessageId: mail.messageId,
    from: mail.from ?? { name: '', address: '' },
    replyTo: mail.replyTo,
    to: mail.to,
    cc: mail.cc,
    subject: mail.subject,
    body,
    files,
    keys,
    automatic,
    authentication,
  }
}

async function converse(
  tx: Tx,
  deps: TakeInDeps,
  claimed: ClaimedMail,
  read: ReadMail,
  looked: LookedAround,
  place: Place,
  number: () => Promise<number>,
  now: Date,
): Promise<Outcome> {
  await putFiles(tx, deps, read, now)
  const incoming = incomingOf(claimed, read)
  const mail = { incoming, provenBy: proofOf(read.authentication) }
  const { inbox, own } = looked.addressed
  const forwarded = inbox && (await agentForwardOf(tx, deps, mail, inbox, own, number, now))
  if (forwarded) return forwarded
  const received = await receiveMessage(tx, deps, incoming, place, own, now)
  if (!received) throw new Error('The conversation went away while its mail was read.')
  const { conversation, itemId, isNew } = received
  if (isNew && inbox?.autoReply)
    await answer(tx, deps, claimed, read, looked, { inbox, text: inbox.autoReply, purpose: 'auto_reply', conversation }, now)
  const kind = isNew ? 'conversation_started' : 'reply_added'
  return { kind, conversationId: conversation.id, itemId: itemId as ItemId, matchedBy: place.because }
}

async function report(
  tx: Tx,
  { secrets }: TakeInDeps,
  { workspaceId, envelopeRecipients }: ClaimedMail,
  { mail, reading }: ReadMail,
  now: Date,
): Promise<Outcome | 'later'> {
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

async function unsubscribe(tx: Tx, { workspaceId }: ClaimedMail, { mail }: ReadMail, now: Date): Promise<Outcome> {
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

const NO_FACTS: Facts = {
  inboxId: null,
  from: { name: '', address: '' },
  subject: '',
  rfcMessageId: null,
  contentHash: null,
  automatic: null,
  authentication: null,
  to: [],
  ruleId: null,
}

function factsOfHead({ from, to, subject, messageId }: HeadFacts): Partial<Facts> {
  return { from: from ?? NO_FACTS.from, to: to.map(({ address }) => address), subject, rfcMessageId: messageId }
}

function factsOf({ mail, contentHash, automatic, authentication }: ReadMail, inboxId: Facts['inboxId']): Facts {
  return {
    inboxId,
    from: mail.from ?? { name: '', address: '' },
    subject: mail.subject,
    rfcMessageId: mail.messageId,
    contentHash,
    automatic: automatic && `${automatic.kind}: ${automatic.why}`,
    authentication,
    to: mail.to.map(({ address }) => address.slice(0, 320)),
    ruleId: null,
  }
}

async function settleAlone({ database, clock }: TakeInDeps, claimed: ClaimedMail, outcome: Outcome, facts: Facts): Promise<void> {
  const now = clock.now()
  await database.transaction(ENGINE, async (tx) => {
    if (await lockClaimed(tx, claimed))
      await settle(tx, claimed, outcome, { ...facts, inboxId: facts.inboxId ?? claimed.inboxId }, now)
  })
}

async function settle(tx: Tx, claimed: ClaimedMail, outcome: Outcome, facts: Facts, now: Date): Promise<void> {
  const { workspaceId, id, wish } = claimed
  await settleInbound(tx, claimed, outcome, facts, wish?.by ?? null, now)
  const actor = wish?.by ?? null
  const data = { from: facts.from.address, inbox_id: facts.inboxId }
  if (outcome.kind === 'quarantined') {
    const { stage, reason } = outcome
    await append(tx, { type: 'inbound.quarantined', workspaceId, subjectId: id, actor, data: { ...data, stage, reason } }, now)
    await tellQuarantined(tx, claimed, outcome, facts, now)
  } else {
    const conversation = 'conversationId' in outcome ? { conversation_id: outcome.conversationId } : {}
    await append(
      tx,
      { type: 'inbound.settled', workspaceId, subjectId: id, actor, data: { ...data, outcome: outcome.kind, ...conversation } },
      now,
    )
  }
  if (wish) await clearWhenEmpty(tx, workspaceId, [wish.was], now)
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

/** From the number on that its inbox names, mail that belongs to nothing is a trouble: perhaps a form writes to the wrong address. */
async function tellNoMatch(tx: Tx, { workspaceId, id, name, noMatchAlert }: Inbox, now: Date): Promise<void> {
  if (noMatchAlert === null) return
  const today = (await countNoMatch(tx, workspaceId, id, now)) + 1
  if (today < noMatchAlert) return
  await raiseIncident(
    tx,
    {
      workspaceId,
      key: `inbound.no_match:${id}`,
      kind: 'inbound.no_match',
      severity: 'warning',
      title: `Much of the mail to ${name} belongs to no conversation`,
      sentence: `${today} mails today (UTC) belong to no conversation, and this inbox starts none by mail.`,
      hint: 'See who writes to it. Let the inbox start conversations by mail, or ask those who write to answer to a mail of yours.',
      subject: { kind: 'inbox', id },
      evidence: { today, alert_at: noMatchAlert },
    },
    now,
  )
}
