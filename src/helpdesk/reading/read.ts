/** Reading a conversation: what a page shows of it. Who may not reach it is told that it is not there. */
import { type Actor, can } from '../../accounts/actor.ts'
import { rosterOf } from '../../accounts/roster.ts'
import type { Db, Tx } from '../../db/database.ts'
import { type DeliveryWithAnswer, deliveriesOfMessages } from '../../delivery/reading/read.ts'
import { Refusal } from '../../errors.ts'
import { type ConversationId, type ItemId, isId, type MessageId, type UserId } from '../../lib/ids.ts'
import type { Correspondent } from '../../mail/received-head.ts'
import { mayReach, type Reach, reachOf } from '../access/reach.ts'
import type { Conversation } from '../conversation.ts'
import { endOfMerges, filesOf, findByNumber, findConversation, findItem, findItems } from '../conversations.ts'
import type { Inbox } from '../inbox.ts'
import { findInbox } from '../inboxes.ts'
import type { Item, ItemFile } from '../item.ts'
import { type Around, type SentCopyState, selectAround, selectLastSaid, selectSentCopies, selectWriterBehind } from './queries.ts'

export { type ItemVersion, selectLastSaid as lastSaid, selectVersions as versionsOf } from './queries.ts'

export interface ShownItem extends Item {
  readonly files: readonly ItemFile[]
  readonly deliveries: readonly DeliveryWithAnswer[]
  readonly sentCopy: SentCopyState | null
}

export interface ShownConversation extends Around {
  readonly conversation: Conversation
  readonly inbox: Inbox
  /** Oldest first. */
  readonly items: readonly ShownItem[]
  /** Null: there is nothing older. */
  readonly olderThan: ItemId | null
  readonly lastSaid: ItemId | null
  /** Who wrote, where their mail wants its answers at the requester's address, which is another. */
  readonly writer: Correspondent | null
  /** Everybody of the workspace by id. */
  readonly names: ReadonlyMap<UserId, string>
  readonly mayWrite: boolean
}

/** The mails that came into it, for whoever knows something else of them. */
export { selectArrivals as arrivalsIn } from './queries.ts'

/** By id, or by the number that people say. */
export async function reachConversation(tx: Db | Tx, actor: Actor, id: string, reach?: Reach): Promise<Conversation> {
  const { workspaceId } = actor
  const found = isId(id)
    ? await findConversation(tx, workspaceId, id as ConversationId)
    : /^\d{1,15}$/.test(id)
      ? await findByNumber(tx, workspaceId, Number(id))
      : null
  if (!found || !mayReach(reach ?? (await reachOf(tx, actor)), found)) throw new Refusal('not_found', { what: 'conversation' })
  return found
}

/** A message that moved when conversations were joined is found by where it was, too: the conversation given is the one it stands in. */
export async function reachItem(
  tx: Db | Tx,
  actor: Actor,
  id: string,
  itemId: ItemId,
): Promise<{ conversation: Conversation; item: Item }> {
  const reached = await reachConversation(tx, actor, id)
  const item = await findItem(tx, actor.workspaceId, itemId)
  const conversation = item?.conversationId === reached.id ? reached : await endOfMerges(tx, reached)
  if (item?.conversationId !== conversation.id) throw new Refusal('not_found', { what: 'message' })
  if (conversation !== reached && !mayReach(await reachOf(tx, actor), conversation))
    throw new Refusal('not_found', { what: 'message' })
  return { conversation, item }
}

export async function readConversation(
  tx: Db | Tx,
  actor: Actor,
  id: string,
  page: { readonly before: ItemId | null; readonly limit: number },
  now: Date,
): Promise<ShownConversation> {
  const reach = await reachOf(tx, actor)
  const conversation = await reachConversation(tx, actor, id, reach)
  const { workspaceId } = conversation
  const inbox = await findInbox(tx, workspaceId, conversation.inboxId)
  if (!inbox) throw new Refusal('not_found', { what: 'conversation' })
  const around = await selectAround(tx, conversation, actor.kind === 'user' ? actor.id : null)
  const found = await findItems(tx, workspaceId, conversation.id, { before: page.before, limit: page.limit + 1 })
  const shown = found.slice(0, page.limit).reverse()
  const people = await rosterOf(tx, workspaceId)
  return {
    ...around,
    links: around.links.filter((link) => mayReach(reach, { inboxId: link.inboxId as Inbox['id'], assigneeId: link.assigneeId })),
    conversation,
    inbox,
    items: await withSurroundings(tx, conversation, shown, now),
    olderThan: found.length > page.limit ? (shown[0]?.id ?? null) : null,
    lastSaid: await selectLastSaid(tx, workspaceId, conversation.id),
    writer: await selectWriterBehind(tx, workspaceId, conversation),
    names: new Map(people.map((person) => [person.id, person.name])),
    mayWrite: can(actor, 'conversations.write'),
  }
}

async function withSurroundings(
  tx: Db | Tx,
  { workspaceId }: Conversation,
  items: readonly Item[],
  now: Date,
): Promise<ShownItem[]> {
  const ids = items.map((item) => item.id)
  const sent = items.map((item) => item.messageId).filter((id): id is MessageId => id !== null)
  const files = Map.groupBy(await filesOf(tx, workspaceId, ids), (file) => file.itemId)
  const deliveries = await deliveriesOfMessages(tx, workspaceId, sent, now)
  const copies = new Map((await selectSentCopies(tx, workspaceId, ids)).map((copy) => [copy.itemId, copy]))
  return items.map((item) => ({
    ...item,
    files: files.get(item.id) ?? [],
    deliveries: (item.messageId && deliveries.get(item.messageId)) || [],
    sentCopy: copies.get(item.id) ?? null,
  }))
}
