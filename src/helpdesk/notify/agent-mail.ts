/** Agents answer from their own mail program: what the rules (agent-mail-rules.ts) take for an agent's answer is written here as one. */
import { can } from '../../accounts/actor.ts'
import type { Member } from '../../accounts/member.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { ConversationId, ItemId, WorkspaceId } from '../../lib/ids.ts'
import { formatMailbox, type Mailbox, parseAddress } from '../../mail/address.ts'
import { mayReach, reachOf } from '../access/reach.ts'
import { agentAddresses } from '../agents/agents.ts'
import { type AnswerDeps, groundOf, prepareAnswer } from '../answering/answer.ts'
import { htmlOfText } from '../answering/letter.ts'
import { answerRecipients } from '../answering/recipients.ts'
import { sendAnswer } from '../answering/send-answer.ts'
import type { Conversation } from '../conversation.ts'
import { addItem, findConversation, updateConversation } from '../conversations.ts'
import { BLANK_DRAFT } from '../drafts/draft.ts'
import { findInbox } from '../inboxes.ts'
import type { Incoming } from '../incoming.ts'
import { readReplyToken, replyKey } from '../outgoing/reply-token.ts'
import { lockLive, workersOf } from '../triage/act.ts'
import { changeConversations } from '../triage/change.ts'
import type { Change } from '../triage/triage.ts'
import { markItem, selectNotification, selectRemoved } from './agent-mail-queries.ts'
import { type Asked, judge, meantBy, readCommands, writtenAbove } from './agent-mail-rules.ts'
import { NOTIFICATION_LIFETIME_MS } from './maintenance.ts'
import { type NotifyDeps, notify } from './notify.ts'
import type { Person } from './person.ts'
import { type MayAnswer, sayNotTaken } from './say-not-taken.ts'

export interface AgentMail {
  readonly incoming: Incoming
  /** Who says that the sender is who it seems: a DMARC pass that is aligned with the From domain, in words. Null: nobody. */
  readonly provenBy: string | null
}

export type AgentMailOutcome =
  | {
      readonly kind: 'reply_added' | 'note_added'
      readonly conversationId: ConversationId
      readonly itemId: ItemId
      readonly matchedBy: string
    }
  | { readonly kind: 'ignored'; readonly reason: 'answer_to_notification'; readonly detail: string }
  | { readonly kind: 'quarantined'; readonly stage: 'match'; readonly reason: 'agent_not_proven'; readonly detail: string }

/**
 * Null: it answers no notification of ours. Else it ends here, as an answer or note of the agent who was told, as what a machine answered, or put aside;
 * never as what a customer said. Files of the mail are blobs already. `mayAnswer` asks the budget of automatic mail.
 */
export async function agentMailOf(
  tx: Tx,
  deps: NotifyDeps,
  mail: AgentMail,
  mayAnswer: MayAnswer,
  now: Date,
): Promise<AgentMailOutcome | null> {
  const { incoming } = mail
  const token = tokenOf(deps, incoming)
  if (token === null) return null
  const told = await whoWasTold(tx, incoming.workspaceId, token.id)
  const judgement = judge({ ...claimOf(mail, told), automatic: incoming.automatic }, NOTIFICATION_LIFETIME_MS, now)
  switch (judgement.is) {
    case 'machines':
      return {
        kind: 'ignored',
        reason: 'answer_to_notification',
        detail: `A machine answered a notification (${judgement.why}).`,
      }
    case 'not_proven': {
      if (judgement.tell && told.person)
        await sayNotTaken(tx, deps, told.person, told.conversation, judgement.why, mayAnswer, now)
      const detail = `It answers a notification, but ${judgement.why}.`
      return { kind: 'quarantined', stage: 'match', reason: 'agent_not_proven', detail }
    }
    case 'agents':
      return await writeForAgent(tx, deps, mail, told as ToldAgent, token.text, now)
  }
}

function tokenOf({ secrets }: NotifyDeps, { keys }: Incoming): { id: string; text: string } | null {
  const known = [replyKey(secrets)]
  for (const text of keys.tokens) {
    const read = readReplyToken(text, known)
    if (read?.purpose === 'notification') return { id: read.id, text }
  }
  return null
}

interface WasTold {
  readonly createdAt: Date | null
  readonly person: Member | null
  readonly addresses: readonly string[]
  readonly conversation: Conversation | null
  readonly isReachable: boolean
  readonly people: readonly Member[]
}
type ToldAgent = WasTold & { readonly person: Member; readonly conversation: Conversation }

const MERGED_INTO_MAX = 10

/** As it is now, not as it was when they were told: who left, or lost an inbox, answers nothing. */
async function whoWasTold(tx: Tx, workspaceId: WorkspaceId, id: string): Promise<WasTold> {
  const notification = await selectNotification(tx, workspaceId, id)
  const people = await rosterOf(tx, workspaceId)
  const person = people.find((one) => one.id === notification?.userId) ?? null
  const others = person ? (await agentAddresses(tx, workspaceId)).filter(({ userId }) => userId === person.id) : []
  let conversation = notification ? await findConversation(tx, workspaceId, notification.conversationId) : null
  for (let i = 0; i < MERGED_INTO_MAX && conversation?.mergedInto; i += 1)
    conversation = await findConversation(tx, workspaceId, conversation.mergedInto)
  return {
    createdAt: notification?.createdAt ?? null,
    person,
    addresses: person ? [person.email, ...others.map(({ address }) => address)] : [],
    conversation,
    isReachable:
      person !== null &&
      conversation !== null &&
      conversation.deletedAt === null &&
      conversation.mergedInto === null &&
      mayReach(await reachOf(tx, actorOf(person, workspaceId)), conversation),
    people,
  }
}

function actorOf({ id, name, role }: Member, workspaceId: WorkspaceId): Person {
  return { kind: 'user', id, name, workspaceId, role }
}

function claimOf({ incoming, provenBy }: AgentMail, { createdAt, person, addresses, isReachable }: WasTold) {
  const { workspaceId, from } = incoming
  return {
    notification: createdAt && { createdAt },
    person: person && { name: person.name, addresses, mayAnswer: can(actorOf(person, workspaceId), 'conversations.write') },
    sender: from.address,
    provenBy,
    isReachable,
  }
}

async function writeForAgent(
  tx: Tx,
  given: NotifyDeps,
  { incoming, provenBy }: AgentMail,
  { person, conversation, people }: ToldAgent,
  token: string,
  now: Date,
): Promise<AgentMailOutcome> {
  const deps: AnswerDeps = { ...given, db: tx }
  const { workspaceId } = conversation
  const actor = actorOf(person, workspaceId)
  const written = writtenAbove(incoming.body.text, [token, `${given.url}/conversations/${conversation.number}`])
  const asked = readCommands(written.text)
  const matchedBy = `It answers what ${person.name} was told of it; ${provenBy}.`
  // What only asks for something is kept as a note: it says who asked.
  const isOnlyCommands = asked.text === '' && asked.hasCommands && incoming.files.length === 0
  const recipients = await recipientsOf(tx, deps, actor, conversation)
  // What holds the notification, or has nobody to go to, is kept here, and its writer is told that it did not leave.
  const isKept = !asked.isNote && !isOnlyCommands && (!written.isClean || recipients.to.length === 0)
  const isNote = asked.isNote || isOnlyCommands || isKept
  const text = isOnlyCommands ? written.text : asked.text
  const itemId = isNote
    ? await addMailNote(tx, deps, actor, conversation, incoming, text, now)
    : await reply(tx, deps, actor, conversation, incoming, recipients, htmlOf(incoming, asked, written.wasCut), now)
  await markItem(tx, workspaceId, itemId, { inboundId: incoming.inboundId, matchedBy, authentication: incoming.authentication })
  if (isKept) await notify(tx, given, { event: 'send_failed', conversation, itemId, actor: null, author: person.id }, now)
  await carryOut(tx, deps, actor, conversation, asked, isNote, people, now)
  return { kind: isNote ? 'note_added' : 'reply_added', conversationId: conversation.id, itemId, matchedBy }
}

/** With its formatting, where nothing was cut from it and nothing in it is a picture of the mail. */
function htmlOf({ body }: Incoming, { text, hasCommands }: Asked, wasCut: boolean): string {
  const html = body.html?.visible
  const isWhole = !wasCut && !hasCommands && html !== undefined && !/cid:/i.test(html)
  return isWhole ? html : htmlOfText(text)
}

interface Recipients {
  readonly to: readonly string[]
  readonly cc: readonly string[]
}

/** What the conversation says, not the mail: whoever answers a notification sees only us in it. */
async function recipientsOf(tx: Tx, deps: AnswerDeps, actor: Person, conversation: Conversation): Promise<Recipients> {
  const { inbox, items } = await groundOf(deps, actor, conversation.id)
  const wrote = items.findLast(({ from }) => from.address.toLowerCase() === conversation.requester.toLowerCase())
  const { to, cc } = answerRecipients(items, {
    requester: { name: wrote?.from.name ?? '', address: conversation.requester },
    ours: [inbox.address, ...inbox.addresses.map(({ address }) => address)].map((address) => address.toLowerCase()),
    removed: await selectRemoved(tx, conversation.workspaceId, conversation.id),
  })
  return { to: to.flatMap(asText), cc: cc.flatMap(asText) }
}

/** As if it was written on the page, with the files of the mail. */
async function reply(
  tx: Tx,
  deps: AnswerDeps,
  actor: Person,
  conversation: Conversation,
  { files }: Incoming,
  { to, cc }: Recipients,
  html: string,
  now: Date,
): Promise<ItemId> {
  const ground = await groundOf(deps, actor, conversation.id)
  const content = { ...BLANK_DRAFT, to, cc, html: html === '' ? '<p></p>' : html }
  // The conversation is changed in a step of its own, where an obstacle costs the answer nothing.
  const request = { content, status: conversation.status, assigneeId: conversation.assigneeId, seen: null, attached: files }
  const prepared = await prepareAnswer(deps, actor, 'reply', ground, request, now)
  return (await sendAnswer(tx, deps, prepared, actor, now)).id
}

function asText({ name, address }: { name: string; address: string }): string[] {
  const parsed = parseAddress(address)
  return parsed ? [formatMailbox({ name: name.replace(/[\x00-\x1f\x7f]/g, ' '), address: parsed } satisfies Mailbox)] : []
}

async function addMailNote(
  tx: Tx,
  deps: AnswerDeps,
  actor: Person,
  { id }: Conversation,
  { files }: Incoming,
  text: string,
  now: Date,
): Promise<ItemId> {
  const before = await lockLive(tx, id, actor)
  const { workspaceId, number, inboxId } = before
  const item = await addItem(
    tx,
    { workspaceId, conversationId: id, kind: 'note', userId: actor.id, bodyText: text, bodyHtml: htmlOfText(text) },
    now,
    { files },
  )
  const after = { ...before, items: before.items + 1, hasFiles: before.hasFiles || files.length > 0, lastAt: now, updatedAt: now }
  await updateConversation(tx, after)
  const data = { number, inbox_id: inboxId, item_id: item.id }
  await append(tx, { type: 'conversation.noted', workspaceId, subjectId: id, actor: `user:${actor.id}`, data }, now)
  await notify(tx, deps, { event: 'note_added', conversation: after, itemId: item.id, actor: actor.id }, now)
  return item.id
}

/** What the first lines ask for, and what the inbox does after an answer. What cannot be done is said to whoever asked. */
async function carryOut(
  tx: Tx,
  deps: AnswerDeps,
  actor: Person,
  { id, workspaceId, inboxId }: Conversation,
  asked: Asked,
  isNote: boolean,
  people: readonly Member[],
  now: Date,
): Promise<void> {
  const conversation = await findConversation(tx, workspaceId, id)
  const inbox = await findInbox(tx, workspaceId, inboxId)
  if (!conversation || !inbox) return
  const { mayWork } = await workersOf(tx, workspaceId, [inboxId])
  const named = asked.assign === null ? null : meantBy(people, asked.assign)
  const assignee = named && mayWork(named.id, inboxId) ? named.id : null
  const takesOver =
    !isNote && (inbox.assignOnReply === 'always' || (inbox.assignOnReply === 'if_unassigned' && conversation.assigneeId === null))
  const wantedAssignee = assignee ?? (takesOver && mayWork(actor.id, inboxId) ? actor.id : conversation.assigneeId)
  const usual = isNote || inbox.statusAfterReply === 'keep' ? conversation.status : inbox.statusAfterReply
  const status = asked.status ?? usual
  const change: Change = {
    ...(status !== conversation.status && { status }),
    ...(wantedAssignee !== conversation.assigneeId && { assigneeId: wantedAssignee }),
  }
  const refused = Object.keys(change).length === 0 ? [] : (await changeConversations(tx, deps, [id], change, actor, now)).refused
  const undone = [
    ...(asked.assign !== null && assignee === null ? [`@assign ${asked.assign}: nobody who works here is meant by it.`] : []),
    ...(refused.length > 0 && asked.status !== null ? [`@${asked.status}: the conversation cannot be so now.`] : []),
  ]
  if (undone.length === 0) return
  const text = undone.join('\n')
  const item = await addItem(
    tx,
    { workspaceId, conversationId: id, kind: 'note', bodyText: text, bodyHtml: htmlOfText(text) },
    now,
  )
  const after = (await findConversation(tx, workspaceId, id)) ?? conversation
  await updateConversation(tx, { ...after, items: after.items + 1, lastAt: now, updatedAt: now })
  await notify(tx, deps, { event: 'note_added', conversation: after, itemId: item.id, actor: null, mentioned: [actor.id] }, now)
}
