/** Reading and writing conversations and what stands in them: what every act of the helpdesk is made of. */
import type { Db, Tx } from '../db/database.ts'
import { type ContactId, type ConversationId, type ItemId, newId, type UserId, type WorkspaceId } from '../lib/ids.ts'
import type { Correspondent } from '../mail/received-head.ts'
import type { Conversation } from './conversation.ts'
import type { Activity, Item, ItemFile } from './item.ts'
import {
  insertConversations,
  insertItems,
  type ReferenceRow,
  selectConversation,
  updateConversations,
  upsertParticipants,
} from './queries.ts'

export {
  insertConversations,
  insertItems,
  lockConversations,
  type NewItemRow,
  type Participant,
  type ReferenceRow,
  selectConversationByNumber as findByNumber,
  selectFiles as filesOf,
  selectItem as findItem,
  selectItems as findItems,
  updateConversations,
  upsertParticipants,
} from './queries.ts'

export function insertConversation(tx: Tx, conversation: Conversation): Promise<void> {
  return insertConversations(tx, [conversation])
}

/** Everything of it but its number, channel and beginning. */
export function updateConversation(tx: Tx, conversation: Conversation): Promise<void> {
  return updateConversations(tx, [conversation])
}

/** Everybody who was addressed, apart from who asks. Whom an agent took out stays out. */
export function addParticipants(
  tx: Tx,
  { workspaceId, id: conversationId }: Pick<Conversation, 'workspaceId' | 'id'>,
  people: readonly (Correspondent & { readonly contactId: ContactId | null })[],
  now: Date,
): Promise<void> {
  const participants = people.map((person) => ({ ...person, workspaceId, conversationId }))
  return upsertParticipants(tx, participants, now)
}

export function findConversation(db: Db | Tx, workspaceId: WorkspaceId, id: ConversationId): Promise<Conversation | null> {
  return selectConversation(db, workspaceId, id)
}

const MERGES_MAX = 50

/** Where it leads: itself, or what it was merged into, and that in turn. */
export async function endOfMerges(db: Db | Tx, conversation: Conversation): Promise<Conversation> {
  let end = conversation
  for (let i = 0; i < MERGES_MAX && end.mergedInto !== null; i += 1)
    end = (await selectConversation(db, end.workspaceId, end.mergedInto)) ?? { ...end, mergedInto: null }
  return end
}

/** Held until the transaction ends: whoever changes a conversation locks it first. */
export function lockConversation(tx: Tx, workspaceId: WorkspaceId, id: ConversationId): Promise<Conversation | null> {
  return selectConversation(tx, workspaceId, id, { lock: true })
}

/** What an item is when nothing else is said. */
export const BLANK_ITEM = {
  channel: 'email',
  contactId: null,
  userId: null,
  from: { name: '', address: '' },
  replyTo: [],
  recipients: { to: [], cc: [], bcc: [] },
  subject: null,
  bodyText: '',
  bodyHtml: null,
  quotedText: null,
  quotedHtml: null,
  activity: null,
  rfcMessageId: null,
  inboundId: null,
  messageId: null,
  isAutomatic: false,
  matchedBy: null,
  authentication: null,
  undoUntil: null,
  editedAt: null,
  editedBy: null,
  hiddenAt: null,
} as const satisfies Partial<Item>

export type NewItem = Pick<Item, 'workspaceId' | 'conversationId' | 'kind'> & Partial<Omit<Item, 'createdAt'>>

export function newItem(given: NewItem, now: Date): Item {
  return { ...BLANK_ITEM, id: newId<ItemId>(now.getTime()), ...given, createdAt: now }
}

/** Adds what was said. Files are blobs already; `references`: the ids that answers to it may name. */
export async function addItem(
  tx: Tx,
  given: NewItem,
  now: Date,
  { files = [], references = [] }: { readonly files?: readonly ItemFile[]; readonly references?: readonly ReferenceRow[] } = {},
): Promise<Item> {
  const item = newItem(given, now)
  await insertItems(tx, [{ item, files, references }])
  return item
}

/** One line for what was done; `userId` null: by Waybill itself. */
export function addActivity(
  tx: Tx,
  { workspaceId, id }: Pick<Conversation, 'workspaceId' | 'id'>,
  userId: UserId | null,
  activity: Activity,
  now: Date,
): Promise<Item> {
  return addItem(tx, { workspaceId, conversationId: id, kind: 'activity', userId, activity }, now)
}

/** The beginning of what was said, for lists; what turns the direction round (UAX 9) would reach the words beside it there. */
export function previewOf(text: string): string {
  return text
    .slice(0, 2_000)
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 255)
}

export type { ItemFile }
