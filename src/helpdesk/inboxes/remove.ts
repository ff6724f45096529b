/** Removing an inbox: at once when it is empty, else after its conversations have gone to another, some at a time. */
import { type Actor, actorReference } from '../../accounts/actor.ts'
import { type Database, ENGINE, type Tx } from '../../db/database.ts'
import { takeTurn } from '../../db/turns.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import { type InboxId, type ItemId, newId } from '../../lib/ids.ts'
import type { Inbox } from '../inbox.ts'
import { findInbox } from '../inboxes.ts'
import {
  countedConversations,
  deleteInbox,
  hasConversations,
  insertMoves,
  moveSome,
  replaceAddresses,
  upsertInbox,
} from './inbox-queries.ts'
import { MAX_ADDRESSES, withOwnAddress } from './own-addresses.ts'

export interface Removal {
  /** Where its conversations go, and its addresses with them; null: it must be empty. */
  readonly moveTo: InboxId | null
}

export interface RemovalProgress {
  readonly removed: boolean
  readonly moved: number
}

/** A transaction's worth: long ones hold every reader of the log up. */
const AT_A_TIME = 1_000
/** One request moves at most so many; whoever asks goes on until it is removed. Doing so again is safe at every point. */
const TRANSACTIONS_A_REQUEST = 10

export async function removeInbox(
  database: Pick<Database, 'transaction'>,
  id: InboxId,
  { moveTo }: Removal,
  actor: Actor,
  now: Date,
): Promise<RemovalProgress> {
  const scope = { as: 'api', workspaceId: actor.workspaceId } as const
  if (moveTo !== null) await database.transaction(scope, (tx) => closeFor(tx, id, moveTo, actor, now))
  let moved = 0
  for (let i = 0; i < TRANSACTIONS_A_REQUEST; i += 1) {
    const some = moveTo === null ? 0 : await database.transaction(scope, (tx) => moveNext(tx, id, moveTo, actor, now))
    moved += some
    if (some > 0) continue
    // The row goes as the engine: what else refers to it (sources, arrivals) is told to forget it by its foreign keys.
    await database.transaction(ENGINE, (tx) => removeEmpty(tx, id, moveTo, actor, now))
    return { removed: true, moved }
  }
  return { removed: false, moved }
}

/** First of all no new conversation begins in it; otherwise it would never be empty. */
async function closeFor(tx: Tx, id: InboxId, moveTo: InboxId, actor: Actor, now: Date): Promise<void> {
  await takeTurn(tx, 'inboxes', actor.workspaceId)
  const { inbox, target } = await bothOf(tx, id, moveTo, actor)
  if (target.closedAt !== null)
    throw new Refusal('wrong_state', { what: 'inbox', state: 'closed', action: 'given conversations', pointer: '/move_to' })
  if (inbox.closedAt === null) await upsertInbox(tx, { ...inbox, closedAt: now, updatedAt: now })
}

async function bothOf(tx: Tx, id: InboxId, moveTo: InboxId, actor: Actor): Promise<{ inbox: Inbox; target: Inbox }> {
  const inbox = await findInbox(tx, actor.workspaceId, id)
  if (!inbox) throw new Refusal('not_found', { what: 'inbox' })
  const target = moveTo === id ? null : await findInbox(tx, actor.workspaceId, moveTo)
  if (!target)
    throw new Refusal('invalid_request', { why: 'Choose another inbox that conversations go to.', pointer: '/move_to' })
  return { inbox, target }
}

async function moveNext(tx: Tx, id: InboxId, moveTo: InboxId, actor: Actor, now: Date): Promise<number> {
  const { inbox, target } = await bothOf(tx, id, moveTo, actor)
  const from = { workspaceId: actor.workspaceId, from: id, to: moveTo, limit: AT_A_TIME }
  const living = await moveSome(tx, { ...from, isDeleted: false }, now)
  const moved = living.length > 0 ? living : await moveSome(tx, { ...from, isDeleted: true }, now)
  if (moved.length === 0) return 0
  const activity = { what: 'moved', from: inbox.name, to: target.name }
  const moves = moved.map((conversation) => ({ conversationId: conversation.id, itemId: newId<ItemId>(now.getTime()) }))
  await insertMoves(tx, actor.workspaceId, moves, { userId: actor.kind === 'user' ? actor.id : null, activity }, now)
  const events = moved.map(({ id: subjectId, number }) => ({
    type: 'conversation.changed' as const,
    workspaceId: actor.workspaceId,
    subjectId,
    actor: actorReference(actor),
    data: { number, inbox_id: moveTo, changes: { inbox: [inbox.name, target.name] } },
  }))
  await append(tx, events, now)
  return moved.length
}

async function removeEmpty(tx: Tx, id: InboxId, moveTo: InboxId | null, actor: Actor, now: Date): Promise<void> {
  const { workspaceId } = actor
  await takeTurn(tx, 'inboxes', workspaceId)
  const inbox = await findInbox(tx, workspaceId, id)
  if (!inbox) throw new Refusal('not_found', { what: 'inbox' })
  if (await hasConversations(tx, workspaceId, id)) {
    const conversations = Math.max(1, await countedConversations(tx, workspaceId, id))
    throw new Refusal('inbox_in_use', { conversations })
  }
  await deleteInbox(tx, workspaceId, id)
  if (moveTo !== null) await inherit(tx, inbox, moveTo, actor, now)
  const data = { name: inbox.name, address: inbox.address }
  await append(tx, { type: 'inbox.removed', workspaceId, subjectId: id, actor: actorReference(actor), data }, now)
}

/** Mail to the addresses of the one comes to the other from now on; it does not write from them. */
async function inherit(tx: Tx, inbox: Inbox, moveTo: InboxId, actor: Actor, now: Date): Promise<void> {
  const target = await findInbox(tx, actor.workspaceId, moveTo)
  if (!target) return
  const aliases = inbox.addresses.map(({ address }) => ({ address, maySend: false }))
  const room = MAX_ADDRESSES - target.addresses.length
  const addresses = withOwnAddress(target.address, [...target.addresses, ...aliases.slice(0, room)])
  await replaceAddresses(tx, { ...target, addresses, updatedAt: now })
  const data = { name: target.name, changes: ['addresses'] }
  await append(
    tx,
    { type: 'inbox.changed', workspaceId: actor.workspaceId, subjectId: moveTo, actor: actorReference(actor), data },
    now,
  )
}
