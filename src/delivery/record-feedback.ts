import type { Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import type { DeliveryId, WorkspaceId } from '../lib/ids.ts'
import type { Reason } from './delivery.ts'
import { lockDelivery, markComplained, moveDeliveries } from './queries.ts'
import { suppress } from './suppression/suppress.ts'

/** What is heard of a delivery after the next hop took it. */
export type Feedback =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'bounced'; readonly reason: Reason }
  | { readonly kind: 'complained'; readonly note: string }

/**
 * Later news moves a delivery one way only: sent → delivered, sent or delivered → bounced. An unheard answer is settled by it as well. A
 * complaint is a fact beside the state; its address is not mailed on that stream again. Returns false when the news changes nothing.
 */
export async function recordFeedback(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: DeliveryId,
  feedback: Feedback,
  now: Date,
): Promise<boolean> {
  const delivery = await lockDelivery(tx, workspaceId, id)
  if (!delivery) return false
  const about = { workspaceId, messageId: delivery.messageId, deliveryId: delivery.id }
  if (feedback.kind === 'complained') {
    if (!(await markComplained(tx, workspaceId, id, now))) return false
    await append(tx, { type: 'delivery.complained', ...about, data: { note: feedback.note } }, now)
    await suppress(
      tx,
      workspaceId,
      [{ address: delivery.recipient, stream: delivery.stream, reason: 'complaint', deliveryId: id, note: feedback.note }],
      null,
      now,
    )
    return true
  }
  const from = feedback.kind === 'delivered' ? ['sent', 'unknown'] : ['sent', 'unknown', 'delivered']
  if (!from.includes(delivery.state)) return false
  const move = feedback.kind === 'bounced' ? { id, state: 'bounced', reason: feedback.reason } : { id, state: 'delivered' }
  await moveDeliveries(tx, workspaceId, delivery.state, [move], now)
  await append(tx, { type: `delivery.${feedback.kind}`, ...about, data: { source: 'feedback', route_id: delivery.routeId } }, now)
  return true
}
