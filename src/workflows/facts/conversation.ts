/** What conditions, texts and expressions see of a conversation, by the names of definition/fields.ts. */
import { rosterOf } from '../../accounts/roster.ts'
import type { Tx } from '../../db/database.ts'
import type { Conversation } from '../../helpdesk/conversation.ts'
import { endOfMerges, filesOf, findConversation, findItem, findItems } from '../../helpdesk/conversations.ts'
import { findInbox } from '../../helpdesk/inboxes.ts'
import type { Item } from '../../helpdesk/item.ts'
import { type ConversationId, type ItemId, isId, type WorkspaceId } from '../../lib/ids.ts'
import type { Json } from '../definition/graph.ts'
import type { Values } from '../interpret/state.ts'

/** The letters of a mail that conditions look at. */
const MAX_TEXT = 20_000
/** How far back the last message of a customer is looked for. */
const ITEMS_LOOKED_AT = 50

/** Where the conversation is now: what was merged is where it went. Null: it is gone for good. */
export async function liveConversation(tx: Tx, workspaceId: WorkspaceId, id: string): Promise<Conversation | null> {
  const found = await findConversation(tx, workspaceId, id as ConversationId)
  return found && (await endOfMerges(tx, found))
}

export async function conversationFacts(tx: Tx, conversation: Conversation): Promise<Values> {
  const inbox = await findInbox(tx, conversation.workspaceId, conversation.inboxId)
  const assignee =
    conversation.assigneeId && (await rosterOf(tx, conversation.workspaceId)).find(({ id }) => id === conversation.assigneeId)
  return {
    id: conversation.id,
    number: conversation.number,
    subject: conversation.subject,
    inbox_id: conversation.inboxId,
    inbox: inbox?.name ?? null,
    channel: conversation.channel,
    status: conversation.status,
    label_id: conversation.labelId,
    priority: conversation.priority,
    assignee_id: conversation.assigneeId,
    assignee: assignee ? assignee.name : null,
    team_id: conversation.teamId,
    requester: conversation.requester,
    tags: conversation.tags,
    fields: conversation.fields as Values,
    items: conversation.items,
    has_files: conversation.hasFiles,
    created_at: textOf(conversation.createdAt),
    waiting_since: textOf(conversation.waitingSince),
    last_customer_at: textOf(conversation.lastCustomerAt),
    last_agent_at: textOf(conversation.lastAgentAt),
    closed_at: textOf(conversation.closedAt),
    due_at: textOf(conversation.dueAt),
    snoozed_until: textOf(conversation.snoozedUntil),
  }
}

export type HeadersOf = (tx: Tx, item: Item) => Promise<Values>

/** The message that the happening is about, or the newest that a person wrote. Null: there is none. */
export async function messageFacts(
  tx: Tx,
  conversation: Conversation,
  itemId: Json | undefined,
  headersOf: HeadersOf,
): Promise<Values | null> {
  const { workspaceId } = conversation
  const named = typeof itemId === 'string' && isId(itemId) ? await findItem(tx, workspaceId, itemId as ItemId) : null
  const item = named ?? (await newestMessage(tx, conversation))
  if (!item) return null
  const files = await filesOf(tx, workspaceId, [item.id])
  const addresses = (people: Item['recipients']['to']) => people.map(({ address }) => address)
  return {
    id: item.id,
    kind: item.kind,
    from: item.from.address,
    from_name: item.from.name,
    to: addresses(item.recipients.to),
    cc: addresses(item.recipients.cc),
    subject: item.subject,
    text: item.bodyText.slice(0, MAX_TEXT),
    has_files: files.some(({ isInline }) => !isInline),
    files: files.filter(({ isInline }) => !isInline).map(({ filename }) => filename),
    is_automatic: item.isAutomatic,
    is_first: conversation.items <= 1,
    at: textOf(item.createdAt),
    headers: await headersOf(tx, item),
  }
}

async function newestMessage(tx: Tx, { workspaceId, id }: Conversation): Promise<Item | null> {
  const items = await findItems(tx, workspaceId, id, { before: null, limit: ITEMS_LOOKED_AT })
  return items.find(({ kind }) => kind === 'customer') ?? items.find(({ kind }) => kind !== 'activity') ?? null
}

function textOf(at: Date | null): string | null {
  return at?.toISOString() ?? null
}
