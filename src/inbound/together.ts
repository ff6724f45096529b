/** What most mails come to, for a group of them in as many statements as for one: they start conversations, add to them, or come to nothing. */
import type { BlobStore } from '../blobs/blob-store.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Incoming } from '../helpdesk/incoming.ts'
import { selectSameMail } from '../helpdesk/matching-queries.ts'
import { type Place, type ReceiveDeps, type Received, receiveMessages } from '../helpdesk/receive-message.ts'
import type { Clock } from '../lib/clock.ts'
import type { InboundMailId, WorkspaceId } from '../lib/ids.ts'
import { answerByItself } from './answer-by-itself.ts'
import type { Decision } from './decide.ts'
import type { Outcome } from './inbound-mail.ts'
import type { LookedAround } from './look-around.ts'
import { type ClaimedMail, selectSameContent } from './queries.ts'
import type { ReadMail } from './read-mail.ts'

export interface WriteDeps extends ReceiveDeps {
  readonly database: Database
  readonly blobs: BlobStore
  readonly clock: Clock
}

/** Claimed and read. */
export interface Ready {
  readonly claimed: ClaimedMail
  readonly read: ReadMail
}
export interface Looked extends Ready {
  readonly looked: LookedAround
}
export interface Decided extends Looked {
  readonly decision: Decision
}

type Instead = (tx: Tx, deps: WriteDeps, mail: Decided, now: Date) => Promise<Outcome | null>

/** The outcomes of mails that start conversations, add to them, or come to nothing. `instead`: what one that is alone may be before that. */
export async function performTogether(
  tx: Tx,
  deps: WriteDeps,
  mails: readonly Decided[],
  instead: Instead | null,
  now: Date,
): Promise<Outcome[]> {
  const same = await sameMails(tx, mails)
  const conversing: { mail: Decided; place: Place }[] = []
  const outcomes = new Map<Decided, Outcome>()
  for (const mail of mails) {
    const of = same.get(mail)
    const outcome = of ? ({ kind: 'duplicate', of } as const) : withoutConversation(mail.decision)
    if (outcome) outcomes.set(mail, outcome)
    else {
      const other = instead && (await instead(tx, deps, mail, now))
      if (other) outcomes.set(mail, other)
      else conversing.push({ mail, place: await placeOf(deps, mail) })
    }
  }
  for (const [mail, outcome] of await converse(tx, deps, conversing, now)) outcomes.set(mail, outcome)
  return mails.map((mail) => outcomes.get(mail) as Outcome)
}

function withoutConversation(decision: Decision): Outcome | null {
  switch (decision.do) {
    case 'duplicate':
      return { kind: 'duplicate', of: decision.of }
    case 'ignore':
      return { kind: 'ignored', reason: decision.reason, detail: decision.detail }
    case 'quarantine':
      return { kind: 'quarantined', stage: 'match', reason: decision.reason, detail: decision.detail }
    case 'add':
    case 'start':
      return null
    case 'record_report':
    case 'unsubscribe':
    case 'ask_agent':
      throw new TypeError(`${decision.do} is done alone`)
  }
}

/** A number is taken outside the transaction: whoever waits for a number holds nothing of it. */
async function placeOf({ numbers }: WriteDeps, { claimed, looked, decision }: Decided): Promise<Place> {
  if (decision.do === 'add') return { kind: 'conversation', id: decision.match.conversationId, because: decision.match.because }
  const { inbox } = looked.addressed
  if (decision.do !== 'start' || !inbox) throw new TypeError('a conversation is started in an inbox')
  return { kind: 'start', inbox, number: await numbers.take(claimed.workspaceId), because: decision.because }
}

/** Those that are in their conversation already: sent once to several inboxes, and answered in one. */
async function sameMails(tx: Tx, mails: readonly Decided[]): Promise<Map<Decided, InboundMailId>> {
  const added = mails.flatMap((mail) => {
    const { decision, read } = mail
    const rfcMessageId = read.mail.messageId
    return decision.do === 'add' && rfcMessageId !== null
      ? [{ mail, rfcMessageId, conversationId: decision.match.conversationId }]
      : []
  })
  const [first] = added
  if (!first) return new Map()
  const found = await sameMailsIn(
    tx,
    first.mail.claimed.workspaceId,
    added.map(({ mail, ...asked }) => ({ ...asked, read: mail.read })),
  )
  return new Map(added.flatMap(({ mail }, i) => (found[i] ? [[mail, found[i]] as const] : [])))
}

type AskedSame = Parameters<typeof selectSameMail>[2][number] & { readonly read: ReadMail }

export async function sameMailsIn(
  tx: Tx,
  workspaceId: WorkspaceId,
  asked: readonly AskedSame[],
): Promise<(InboundMailId | null)[]> {
  const ids = await selectSameMail(tx, workspaceId, asked)
  return await selectSameContent(
    tx,
    workspaceId,
    asked.map(({ read }, i) => ({ ids: ids[i] ?? [], contentHash: read.contentHash })),
  )
}

async function converse(
  tx: Tx,
  deps: WriteDeps,
  conversing: readonly { readonly mail: Decided; readonly place: Place }[],
  now: Date,
): Promise<[Decided, Outcome][]> {
  await putFiles(
    tx,
    deps,
    conversing.map(({ mail }) => mail.read),
    now,
  )
  const received = await receiveMessages(
    tx,
    deps,
    conversing.map(({ mail, place }) => ({
      incoming: incomingOf(mail.claimed, mail.read),
      place,
      own: mail.looked.addressed.own,
    })),
    now,
  )
  const outcomes: [Decided, Outcome][] = []
  for (const [i, { mail, place }] of conversing.entries()) {
    const one = thereStill(received[i])
    const { inbox } = mail.looked.addressed
    if (one.isNew && inbox?.autoReply)
      await answerByItself(
        tx,
        deps,
        mail,
        { inbox, text: inbox.autoReply, purpose: 'auto_reply', conversation: one.conversation },
        now,
      )
    outcomes.push([mail, outcomeOf(one, place)])
  }
  return outcomes
}

export function thereStill(received: Received | null | undefined): Received {
  if (!received) throw new Error('The conversation went away while its mail was read.')
  return received
}

export function outcomeOf({ conversation, itemId, isNew }: Received, { because }: Place): Outcome {
  const kind = isNew ? 'conversation_started' : 'reply_added'
  return { kind, conversationId: conversation.id, itemId, matchedBy: because }
}

/** In the order of their hashes, so that two groups with the same files never wait for one another in a circle. */
export async function putFiles(tx: Tx, { blobs }: WriteDeps, mails: readonly ReadMail[], now: Date): Promise<void> {
  const files = mails.flatMap((read) => read.blobs)
  if (files.length > 0)
    await blobs.put(
      tx,
      files.toSorted((a, b) => a.hash.compare(b.hash)),
      now,
    )
}

export function incomingOf({ workspaceId, id }: ClaimedMail, read: ReadMail): Incoming {
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
