/** Conversations that agents begin: a mail to somebody, or what a customer said on the telephone. */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import { keyOfAddress, saveContacts } from '../../contacts/save-contact.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { type ContactId, type ConversationId, type InboxId, newId, type UserId } from '../../lib/ids.ts'
import type { Correspondent } from '../../mail/received-head.ts'
import { mayEnter, reachOf } from '../access/reach.ts'
import type { Channel, Conversation, ConversationStatus } from '../conversation.ts'
import { addItem, findConversation, insertConversation, previewOf } from '../conversations.ts'
import { type DraftId, isBlank } from '../drafts/draft.ts'
import { dropDraft } from '../drafts/drafts.ts'
import { uploadsOf } from '../drafts/uploads.ts'
import type { Inbox } from '../inbox.ts'
import { findInbox } from '../inboxes.ts'
import { notify } from '../notify/notify.ts'
import { takeNumber } from '../numbers.ts'
import { plainTextOf } from '../outgoing/plain-text.ts'
import { userOf, workersOf } from '../triage/act.ts'
import { asBegun } from '../triage/begin.ts'
import type { FieldValues } from '../triage/triage.ts'
import {
  type AnswerDeps,
  type AnswerRequest,
  mailboxes,
  type Prepared,
  prepareAnswer,
  refuseTooMuch,
  toCorrespondent,
} from './answer.ts'
import { cleanHtml, contentIdOf, withContentIds } from './letter.ts'
import { writeAnswer } from './send-answer.ts'

export interface StartRequest extends Pick<AnswerRequest, 'content' | 'assigneeId'> {
  readonly channel: Exclude<Channel, 'api'>
  readonly status: ConversationStatus | null
  readonly tags: readonly string[]
  readonly fields: FieldValues
  /** Of what is not sent: whose words they are. */
  readonly customer: string | null
  /** The draft that it was written as. */
  readonly draftId: DraftId | null
}

export interface PreparedStart {
  readonly request: StartRequest
  readonly conversation: Conversation
  readonly inbox: Inbox
  readonly requester: Correspondent
  /** Null: nothing is sent. */
  readonly answer: Prepared | null
}

export async function prepareStart(deps: AnswerDeps, actor: Actor, request: StartRequest, now: Date): Promise<PreparedStart> {
  const { content, channel } = request
  const inbox = await inboxOf(deps, actor, content.inboxId)
  const subject = content.subject?.trim()
  if (!subject) throw new Refusal('invalid_request', { why: 'A conversation needs a subject.', pointer: '/subject' })
  if (channel !== 'email' && isBlank(content)) throw new Refusal('nothing_written')
  const [asked] =
    channel === 'email'
      ? mailboxes('/to', content.to)
      : mailboxes('/customer', request.customer === null ? [] : [request.customer])
  if (!asked) {
    if (channel === 'email') throw new Refusal('recipient_needed', { pointer: '/to' })
    throw new Refusal('invalid_request', { why: 'Say whose words these are: an address.', pointer: '/customer' })
  }
  const requester = toCorrespondent(asked)
  const conversation: Conversation = {
    ...{
      workspaceId: actor.workspaceId,
      id: newId<ConversationId>(now.getTime()),
      number: await takeNumber(deps.db, actor.workspaceId),
      inboxId: inbox.id,
      subject: subject.slice(0, 900),
    },
    ...{
      preview: '',
      channel,
      status: 'open',
      labelId: null,
      priority: 'normal',
      assigneeId: null,
      teamId: inbox.defaultTeam,
      contactId: null,
    },
    ...{
      requester: requester.address,
      tags: [],
      fields: {},
      items: 0,
      hasFiles: false,
      snoozedUntil: null,
      dueAt: null,
    },
    ...{
      waitingSince: null,
      lastCustomerAt: null,
      lastAgentAt: null,
      lastAt: now,
      closedAt: null,
      mergedInto: null,
      deletedAt: null,
    },
    ...{ autoReplyOff: false, createdAt: now, updatedAt: now },
  }
  if (channel !== 'email') return { request, conversation, inbox, requester, answer: null }
  const ground = { conversation, inbox, items: [] }
  const answer = await prepareAnswer(deps, actor, 'reply', ground, { ...request, seen: null }, now)
  return { request, conversation, inbox, requester, answer }
}

async function inboxOf({ db }: AnswerDeps, actor: Actor, id: InboxId | null): Promise<Inbox> {
  const inbox = id !== null && mayEnter(await reachOf(db, actor), id) ? await findInbox(db, actor.workspaceId, id) : null
  if (!inbox) throw new Refusal('not_found', { what: 'inbox', pointer: '/inbox_id' })
  if (inbox.closedAt) throw new Refusal('wrong_state', { what: 'inbox', state: 'closed', action: 'written from' })
  return inbox
}

export async function startConversation(
  tx: Tx,
  deps: AnswerDeps,
  prepared: PreparedStart,
  actor: Actor,
  now: Date,
): Promise<Conversation> {
  const { request, inbox, requester, answer } = prepared
  const { workspaceId } = actor
  const userId = userOf(actor)
  const contacts = await saveContacts(tx, workspaceId, [requester], actorReference(actor), now)
  const key = keyOfAddress(requester.address)
  const contactId = key === null ? null : (contacts.get(key) ?? null)
  const assigneeId = await assigneeOf(tx, actor, request, inbox)
  const { tags, fields } = request
  const bare = { ...prepared.conversation, contactId, assigneeId }
  const wanted = { tags, fields, ...(!answer && { status: request.status ?? 'open' }) }
  const conversation = await asBegun(tx, answer ? bare : { ...bare, lastCustomerAt: now, waitingSince: now }, wanted, now)
  if (answer) {
    await insertConversation(tx, conversation)
    const kept = { ...answer, request: { ...answer.request, ...(assigneeId !== null && { assigneeId }) } }
    await writeAnswer(tx, deps, kept, conversation, actor, userId, 'conversation.started', now)
  } else await writeDown(tx, deps, prepared, conversation, contactId, actor, userId, now)
  if (request.draftId && userId) await dropDraft(tx, workspaceId, { mode: 'new', id: request.draftId, userId }, now)
  return (await findConversation(tx, workspaceId, conversation.id)) ?? conversation
}

async function assigneeOf(tx: Tx, actor: Actor, { assigneeId }: StartRequest, inbox: Inbox): Promise<UserId | null> {
  const wanted = assigneeId === undefined ? inbox.defaultAssignee : assigneeId
  if (wanted === null) return null
  const { mayWork } = await workersOf(tx, actor.workspaceId, [inbox.id])
  if (mayWork(wanted, inbox.id)) return wanted
  if (assigneeId === undefined) return null
  throw new Refusal('cannot_work', { pointer: '/assignee_id' })
}

/** What a customer said elsewhere, in an agent's words: it stands as the customer's message, and waits to be answered like one. */
async function writeDown(
  tx: Tx,
  deps: AnswerDeps,
  { request, requester }: PreparedStart,
  conversation: Conversation,
  contactId: ContactId | null,
  actor: Actor,
  userId: UserId | null,
  now: Date,
): Promise<void> {
  const { content, channel } = request
  refuseTooMuch(content)
  const { workspaceId, id: conversationId } = conversation
  const { html, shown } = withContentIds(content.html)
  const uploads = await uploadsOf(tx, workspaceId, [...new Set([...content.files, ...shown])])
  const files = uploads.map(({ id, filename, contentType, sizeBytes, hash }, ordinal) => ({
    ...{ ordinal, filename, contentType, sizeBytes, hash },
    contentId: shown.has(id) ? contentIdOf(id) : null,
    isInline: shown.has(id),
  }))
  const clean = cleanHtml(html)
  const text = plainTextOf(clean)
  const hasFiles = files.some(({ isInline }) => !isInline)
  await insertConversation(tx, { ...conversation, items: 1, preview: previewOf(text), hasFiles })
  const item = await addItem(
    tx,
    {
      ...{ workspaceId, conversationId, kind: 'customer', channel, contactId, userId: channel === 'phone' ? userId : null },
      ...{ from: requester, bodyText: text, bodyHtml: clean },
    },
    now,
    { files },
  )
  const after = (await findConversation(tx, workspaceId, conversationId)) ?? conversation
  const data = { number: conversation.number, inbox_id: conversation.inboxId, item_id: item.id }
  await append(
    tx,
    { type: 'conversation.started', workspaceId, subjectId: conversationId, actor: actorReference(actor), data },
    now,
  )
  await notify(tx, deps, { event: 'conversation_started', conversation: after, itemId: item.id, actor: userId }, now)
}
