import { findOrMakeContacts, keyOfAddress } from '../contacts/save-contact.ts'
import type { Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import type { NewEvent } from '../events/event.ts'
import {
  type ContactId,
  type ConversationId,
  type InboxId,
  type ItemId,
  newId,
  type UserId,
  type WorkspaceId,
} from '../lib/ids.ts'
import type { Correspondent } from '../mail/received-head.ts'
import { afterCustomerMessage, bareSubject, type Conversation } from './conversation.ts'
import {
  insertConversations,
  insertItems,
  lockConversations,
  type NewItemRow,
  newItem,
  type Participant,
  previewOf,
  updateConversations,
  upsertParticipants,
} from './conversations.ts'
import type { Inbox } from './inbox.ts'
import type { Incoming } from './incoming.ts'
import type { Item } from './item.ts'
import type { Cause } from './notify/cause.ts'
import { type NotifyDeps, notifyAll } from './notify/notify.ts'
import type { Numbers } from './numbers.ts'

export interface ReceiveDeps extends NotifyDeps {
  readonly numbers: Numbers
}

/** Where it goes: a conversation that is there, or a new one in this inbox. */
export type Place = {
  readonly because: string
  /** Who put it there, where somebody did: they are not told of it. */
  readonly by?: UserId | null
} & (
  | { readonly kind: 'conversation'; readonly id: ConversationId }
  | {
      readonly kind: 'start'
      readonly inbox: Inbox
      readonly number: number
      /** Nobody is told of it, and nobody waits. */
      readonly isSpam?: boolean
    }
)

export interface Received {
  readonly conversation: Conversation
  readonly itemId: ItemId
  readonly isNew: boolean
}

/** A mail, where it goes, and which addresses of it are our own. */
export interface Arriving {
  readonly incoming: Incoming
  readonly place: Place
  readonly own: ReadonlyMap<string, InboxId>
}

/** Null: the conversation is gone since it was looked for. */
export async function receiveMessage(
  tx: Tx,
  deps: ReceiveDeps,
  incoming: Incoming,
  place: Place,
  own: ReadonlyMap<string, InboxId>,
  now: Date,
): Promise<Received | null> {
  const [received = null] = await receiveMessages(tx, deps, [{ incoming, place, own }], now)
  return received
}

/**
 * Writes customers' mails of one workspace into their conversations, in the transaction that settles them: contacts, conversations, items, files, ids,
 * participants, events and notifications exist together or not at all. The number of statements depends neither on how many mails there are nor on how
 * many people are told. In the order in which they are given; null for those whose conversation is gone since it was looked for.
 */
export async function receiveMessages(
  tx: Tx,
  deps: ReceiveDeps,
  arriving: readonly Arriving[],
  now: Date,
): Promise<(Received | null)[]> {
  const workspaceId = arriving[0]?.incoming.workspaceId
  if (!workspaceId) return []
  const writers = new Map(arriving.map((each) => [each, writerOf(each.incoming, each.own)]))
  const { contacts, made } = await findOrMakeContacts(tx, workspaceId, [...writers.values()], null, now)
  const there = await lockWhereTheyAre(
    tx,
    workspaceId,
    arriving.flatMap(({ place }) => (place.kind === 'conversation' ? [place.id] : [])),
  )
  const written: Written[] = []
  const answers = arriving.map((each) => {
    const writer = writers.get(each) ?? each.incoming.from
    const contactId = contacts.get(keyOfAddress(writer.address) ?? '') ?? null
    const one = write(each, writer, contactId, there, now)
    if (one) written.push(one)
    return one
  })
  await insertConversations(
    tx,
    written.flatMap(({ conversation, isNew }) => (isNew ? [conversation] : [])),
  )
  // Several mails may have gone into one: it is written as the last of them left it.
  const grown = new Set(written.flatMap(({ conversation, isNew }) => (isNew ? [] : [conversation.id])))
  await updateConversations(
    tx,
    [...grown].flatMap((id) => there.get(id) ?? []),
  )
  await insertItems(tx, written)
  await upsertParticipants(
    tx,
    written.flatMap(({ arriving: { incoming, own }, conversation }) => participantsOf(incoming, conversation, own, contacts)),
    now,
  )
  await append(tx, [...made, ...written.map(eventOf)], now)
  await notifyAll(
    tx,
    deps,
    written.flatMap((one) => causeOf(one) ?? []),
    now,
  )
  return answers.map((one) => one && { conversation: one.conversation, itemId: one.item.id, isNew: one.isNew })
}

/** What one mail is written as, and its conversation as it is after it. */
interface Written extends NewItemRow {
  readonly arriving: Arriving
  readonly conversation: Conversation
  readonly isNew: boolean
}

/** `there` holds every conversation as the mails before left it. */
function write(
  arriving: Arriving,
  writer: Correspondent,
  contactId: ContactId | null,
  there: Map<ConversationId, Conversation>,
  now: Date,
): Written | null {
  const { incoming, place } = arriving
  const before = place.kind === 'conversation' ? endOf(there, place.id) : null
  if (place.kind === 'conversation' && !before) return null
  const start = before ?? blank(incoming, place as Extract<Place, { kind: 'start' }>, writer, contactId, now)
  const conversation = withMessage(start, incoming, now)
  there.set(conversation.id, conversation)
  const item = itemOf(incoming, place, conversation, contactId, now)
  const references = incoming.rfcMessageId === null ? [] : [{ rfcId: incoming.rfcMessageId, source: 'inbound' as const }]
  return { arriving, conversation, item, files: incoming.files, references, isNew: !before }
}

function itemOf(
  incoming: Incoming,
  { because }: Place,
  conversation: Conversation,
  contactId: ContactId | null,
  now: Date,
): Item {
  return newItem(
    {
      workspaceId: incoming.workspaceId,
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
      matchedBy: because,
      authentication: incoming.authentication,
    },
    now,
  )
}

function eventOf({ conversation, item, isNew }: Written): NewEvent {
  const { workspaceId, id: subjectId, number, inboxId } = conversation
  const data = { number, inbox_id: inboxId, item_id: item.id, ...(item.contactId && { contact_id: item.contactId }) }
  return isNew
    ? { type: 'conversation.started', workspaceId, subjectId, data: { ...data, channel: 'email' } }
    : { type: 'conversation.message_received', workspaceId, subjectId, data }
}

/** Nobody is told of spam. */
function causeOf({ arriving: { place }, conversation, item, isNew }: Written): Cause | null {
  if (conversation.status === 'spam') return null
  const event = isNew ? 'conversation_started' : 'customer_replied'
  return { event, conversation, itemId: item.id, actor: place.by ?? null, isFirst: true }
}

const MERGES_MAX = 20

/** Locked; one that was merged since it was looked for leads on. */
async function lockWhereTheyAre(
  tx: Tx,
  workspaceId: WorkspaceId,
  ids: readonly ConversationId[],
): Promise<Map<ConversationId, Conversation>> {
  const there = new Map<ConversationId, Conversation>()
  let next = [...new Set(ids)]
  for (let steps = 0; next.length > 0 && steps <= MERGES_MAX; steps += 1) {
    const found = await lockConversations(tx, workspaceId, next)
    for (const conversation of found) there.set(conversation.id, conversation)
    next = found.flatMap(({ mergedInto }) => (mergedInto && !there.has(mergedInto) ? [mergedInto] : []))
  }
  return there
}

function endOf(there: ReadonlyMap<ConversationId, Conversation>, id: ConversationId): Conversation | null {
  let found = there.get(id) ?? null
  for (let steps = 0; found?.mergedInto && steps < MERGES_MAX; steps += 1) found = there.get(found.mergedInto) ?? null
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
  { inbox, number, isSpam = false }: Extract<Place, { kind: 'start' }>,
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
    status: isSpam ? 'spam' : 'open',
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
  { workspaceId, id: conversationId, requester }: Conversation,
  own: ReadonlyMap<string, InboxId>,
  contacts: ReadonlyMap<string, ContactId>,
): Participant[] {
  const people = new Map<string, string>()
  for (const { address, name } of [from, ...to, ...cc]) {
    const key = keyOfAddress(address)
    if (key === null || own.has(key) || key === requester.toLowerCase() || people.has(key)) continue
    people.set(key, name.slice(0, 200))
    if (people.size === MAX_PARTICIPANTS) break
  }
  return [...people].map(([address, name]) => ({
    workspaceId,
    conversationId,
    address,
    name,
    contactId: contacts.get(address) ?? null,
  }))
}
