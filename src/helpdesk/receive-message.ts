import { keyOfAddress, saveContacts } from '../contacts/save-contact.ts'
import type { Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import { type ContactId, type ConversationId, type InboxId, type ItemId, newId, type WorkspaceId } from '../lib/ids.ts'
import type { Correspondent } from '../mail/received-head.ts'
import { afterCustomerMessage, bareSubject, type Conversation } from './conversation.ts'
import { addItem, addParticipants, insertConversation, lockConversation, previewOf, updateConversation } from './conversations.ts'
import type { Inbox } from './inbox.ts'
import type { Incoming } from './incoming.ts'
import { type NotifyDeps, notify } from './notify/notify.ts'
import type { Numbers } from './numbers.ts'

export interface ReceiveDeps extends NotifyDeps {
  readonly numbers: Numbers
}

/** Where it goes: a conversation that is there, or a new one in this inbox. */
export type Place =
  | { readonly kind: 'conversation'; readonly id: ConversationId; readonly because: string }
  | { readonly kind: 'start'; readonly inbox: Inbox; readonly number: number; readonly because: string }

export interface Received {
  readonly conversation: Conversation
  readonly itemId: ItemId
  readonly isNew: boolean
}

/**
 * Writes a customer's mail into its conversation, in the transaction that settles the mail: contact, conversation, item, files, ids, participants,
 * event and notifications exist together or not at all. Null: the conversation is gone since it was looked for.
 */
export async function receiveMessage(
  tx: Tx,
  deps: ReceiveDeps,
  incoming: Incoming,
  place: Place,
  own: ReadonlyMap<string, InboxId>,
  now: Date,
): Promise<Received | null> {
  const { workspaceId } = incoming
  const writer = writerOf(incoming, own)
  const contacts = await saveContacts(tx, workspaceId, [writer], now)
  const contactId = contacts.get(keyOfAddress(writer.address) ?? '') ?? null
  const before = place.kind === 'conversation' ? await lockWhereItIs(tx, workspaceId, place.id) : null
  if (place.kind === 'conversation' && !before) return null
  const conversation = withMessage(
    before ?? blank(incoming, place as Extract<Place, { kind: 'start' }>, writer, contactId, now),
    incoming,
    now,
  )
  await (before ? updateConversation(tx, conversation) : insertConversation(tx, conversation))
  const item = await addItem(
    tx,
    {
      workspaceId,
      conversationId: conversation.id,
      kind: 'customer',
      contactId,
      from: incoming.from,
      replyTo: incoming.replyTo.map(({ address }) => address),
      recipients: { to: incoming.to, cc: incoming.cc, bcc: [] },
      subject: bareSubject(incoming.subject) === bareSubject(conversation.subject) ? null : incoming.subject,
      bodyText: incoming.body.text,
      bodyHtml: incoming.body.html?.visible ?? null,
      quotedText: incoming.body.quoted,
      quotedHtml: incoming.body.html?.quoted ?? null,
      rfcMessageId: incoming.rfcMessageId,
      inboundId: incoming.inboundId,
      isAutomatic: incoming.automatic !== null,
      matchedBy: place.because,
      authentication: incoming.authentication,
    },
    now,
    {
      files: incoming.files,
      references: incoming.rfcMessageId === null ? [] : [{ rfcId: incoming.rfcMessageId, source: 'inbound' }],
    },
  )
  await addParticipants(tx, conversation, participantsOf(incoming, conversation, own, contacts), now)
  const { id: conversationId, number, inboxId } = conversation
  const data = { number, inbox_id: inboxId, item_id: item.id }
  const type = before ? 'conversation.message_received' : 'conversation.started'
  await append(tx, { type, workspaceId, subjectId: conversationId, data: before ? data : { ...data, channel: 'email' } }, now)
  await notify(
    tx,
    deps,
    { event: before ? 'customer_replied' : 'conversation_started', conversation, itemId: item.id, actor: null },
    now,
  )
  return { conversation, itemId: item.id, isNew: !before }
}

const MERGES_MAX = 20

/** One that was merged since it was looked for leads on. */
async function lockWhereItIs(tx: Tx, workspaceId: WorkspaceId, id: ConversationId): Promise<Conversation | null> {
  let found = await lockConversation(tx, workspaceId, id)
  for (let steps = 0; found?.mergedInto && steps < MERGES_MAX; steps += 1)
    found = await lockConversation(tx, workspaceId, found.mergedInto)
  return found
}

/**
 * Who wrote: the From line. Only where that is an address of ours, as contact forms write, is it who answers go to. A Reply-To says where answers
 * go, and is never shown as who wrote.
 */
function writerOf({ from, replyTo }: Incoming, own: ReadonlyMap<string, InboxId>): Correspondent {
  const isOurs = own.has(keyOfAddress(from.address) ?? '')
  const other = replyTo.find(({ address }) => keyOfAddress(address) !== null && !own.has(keyOfAddress(address) ?? ''))
  return isOurs && other ? other : from
}

function blank(
  { workspaceId, subject, replyTo }: Incoming,
  { inbox, number }: Extract<Place, { kind: 'start' }>,
  writer: Correspondent,
  contactId: ContactId | null,
  now: Date,
): Conversation {
  const answersTo = replyTo.find(({ address }) => keyOfAddress(address) !== null) ?? writer
  return {
    workspaceId,
    id: newId<ConversationId>(now.getTime()),
    number,
    inboxId: inbox.id,
    subject: subject.slice(0, 1_000),
    preview: '',
    channel: 'email',
    status: 'open',
    labelId: null,
    priority: 'normal',
    assigneeId: inbox.defaultAssignee,
    teamId: inbox.defaultTeam,
    contactId,
    requester: answersTo.address.slice(0, 320),
    tags: [],
    fields: {},
    items: 0,
    hasFiles: false,
    snoozedUntil: null,
    dueAt: null,
    waitingSince: null,
    lastCustomerAt: null,
    lastAgentAt: null,
    lastAt: now,
    closedAt: null,
    mergedInto: null,
    deletedAt: null,
    autoReplyOff: false,
    createdAt: now,
    updatedAt: now,
  }
}

/** An answer that a machine gave is shown, but wakes nobody: nobody waits behind it. */
function withMessage(before: Conversation, { automatic, body, files }: Incoming, now: Date): Conversation {
  const isAnswerOfMachine = automatic?.kind === 'auto_reply' && before.items > 0
  const after = isAnswerOfMachine ? before : afterCustomerMessage(before, now)
  return {
    ...after,
    preview: isAnswerOfMachine ? before.preview : previewOf(body.text),
    items: before.items + 1,
    hasFiles: before.hasFiles || files.some(({ isInline }) => !isInline),
    lastCustomerAt: isAnswerOfMachine ? before.lastCustomerAt : now,
    lastAt: now,
    updatedAt: now,
  }
}

const MAX_PARTICIPANTS = 200

/** Everybody it was addressed to and who wrote, apart from who asks and from us. */
function participantsOf(
  { from, to, cc }: Incoming,
  { requester }: Conversation,
  own: ReadonlyMap<string, InboxId>,
  contacts: ReadonlyMap<string, ContactId>,
): (Correspondent & { contactId: ContactId | null })[] {
  const people = new Map<string, string>()
  for (const { address, name } of [from, ...to, ...cc]) {
    const key = keyOfAddress(address)
    if (key === null || own.has(key) || key === requester.toLowerCase() || people.has(key)) continue
    people.set(key, name.slice(0, 200))
    if (people.size === MAX_PARTICIPANTS) break
  }
  return [...people].map(([address, name]) => ({ address, name, contactId: contacts.get(address) ?? null }))
}
