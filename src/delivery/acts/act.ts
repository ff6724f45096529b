import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { append } from '../../events/append.ts'
import type { EventType } from '../../events/event.ts'
import { unreachable } from '../../lib/assert.ts'
import type { DeliveryId, MessageId, WorkspaceId } from '../../lib/ids.ts'
import { type Action, actionsOf, type DeliveryState, type Reason } from '../delivery.ts'
import { type LockedDelivery, lockDeliveries, lockDeliveriesOf, lockDelivery, type Move, moveDeliveries } from '../queries.ts'

/** What a person or a key may do with deliveries that exist. `resend` here is for an unheard answer; a settled one goes again by send-again.ts. */
export type Act = Action

/** One delivery. Refused when its state does not allow it; the state is checked under its lock. */
export async function actOnDelivery(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: DeliveryId,
  act: Act,
  actor: string | null,
  now: Date,
): Promise<void> {
  const delivery = await lockDelivery(tx, workspaceId, id)
  if (!delivery) throw new Refusal('not_found', { what: 'delivery' })
  if (!allows(delivery, act)) throw new Refusal('wrong_state', { what: 'delivery', state: delivery.state, action: PAST[act] })
  await move(tx, workspaceId, [delivery], act, actor, now)
}

/** Every delivery of a message to which it applies. Refused when there is none. Returns how many it was. */
export async function actOnMessage(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: MessageId,
  act: Act,
  actor: string | null,
  now: Date,
): Promise<number> {
  const deliveries = await lockDeliveriesOf(tx, workspaceId, id)
  if (deliveries.length === 0) throw new Refusal('not_found', { what: 'message' })
  const able = deliveries.filter((delivery) => allows(delivery, act))
  if (able.length === 0) throw new Refusal('nothing_to_do', { action: PAST[act] })
  await move(tx, workspaceId, able, act, actor, now)
  return able.length
}

/** These, of which some may have moved on meanwhile. Returns to how many it was done. */
export async function actOnLocked(
  tx: Tx,
  workspaceId: WorkspaceId,
  ids: readonly DeliveryId[],
  act: Act,
  actor: string | null,
  now: Date,
): Promise<number> {
  const able = (await lockDeliveries(tx, workspaceId, ids)).filter((delivery) => allows(delivery, act))
  await move(tx, workspaceId, able, act, actor, now)
  return able.length
}

const PAST: Readonly<Record<Act, string>> = {
  retry: 'tried now',
  hold: 'held',
  release: 'released',
  cancel: 'cancelled',
  resend: 'sent once more',
  leave: 'left as it is',
}

function allows(delivery: LockedDelivery, act: Act): boolean {
  // A settled delivery is sent again as a new message; only one whose answer was not heard goes once more as itself.
  if (act === 'resend' && delivery.state !== 'unknown') return false
  return actionsOf({ state: delivery.state as DeliveryState }).includes(act)
}

async function move(
  tx: Tx,
  workspaceId: WorkspaceId,
  deliveries: readonly LockedDelivery[],
  act: Act,
  actor: string | null,
  now: Date,
): Promise<void> {
  for (const [from, group] of Map.groupBy(deliveries, (delivery) => delivery.state)) {
    const moved = await moveDeliveries(
      tx,
      workspaceId,
      from,
      group.map((delivery) => moveOf(delivery, act, now)),
      now,
    )
    await append(
      tx,
      group
        .filter((delivery) => moved.has(delivery.id))
        .map((delivery) => ({ type: EVENT[act], workspaceId, messageId: delivery.messageId, deliveryId: delivery.id, actor })),
      now,
    )
  }
}

const EVENT: Readonly<Record<Act, EventType>> = {
  retry: 'delivery.retried',
  hold: 'delivery.held',
  release: 'delivery.released',
  cancel: 'delivery.cancelled',
  resend: 'delivery.resent',
  leave: 'delivery.sent',
}

function moveOf(delivery: LockedDelivery, act: Act, now: Date): Move {
  switch (act) {
    case 'retry':
      return { id: delivery.id, state: 'queued', dueAt: now, reason: delivery.reason }
    case 'release':
      return { id: delivery.id, state: 'queued', dueAt: now, reason: null }
    case 'resend':
      return { id: delivery.id, state: 'queued', dueAt: now, resends: delivery.resends + 1, reason: delivery.reason }
    case 'hold':
      return { id: delivery.id, state: 'held', reason: heldReason(now) }
    case 'cancel':
      return { id: delivery.id, state: 'cancelled', reason: delivery.reason }
    case 'leave':
      return { id: delivery.id, state: 'sent' }
    default:
      return unreachable(act)
  }
}

function heldReason(now: Date): Reason {
  return {
    code: 'held_by_person',
    sentence: 'Somebody holds this message back.',
    hint: 'Release it to send it, or cancel it. Held mail is not sent, and it expires like any other.',
    failure: null,
    at: now,
  }
}
