import { type BatchReceipt, prepareBatch, sendBatch as send } from '../../gateway/batch.ts'
import type { DeliveryId, MessageId } from '../../lib/ids.ts'
import type { ServerDeps } from '../deps.ts'
import { type BatchAccepted, type BatchBody, sendBatch } from '../endpoints/batch.ts'
import { preparedRoute, type Route } from '../route.ts'
import { senderOf, textOf } from './messages.ts'

export function batchRoutes(deps: ServerDeps): Route[] {
  return [
    preparedRoute(
      sendBatch,
      ({ body, actor, now }) => prepareBatch({ blobs: deps.blobs, tracking: deps }, fromBatchBody(body), senderOf(actor), now),
      async ({ tx, prepared, idempotencyKey, now, reply }) => {
        const { receipt, replayed } = await send(tx, deps.blobs, prepared, idempotencyKey, now)
        if (replayed) reply.header('idempotency-replayed', 'true')
        return toBatchAccepted(receipt)
      },
    ),
  ]
}

function fromBatchBody(body: BatchBody) {
  return {
    ...textOf({ ...body, stream: body.stream ?? 'bulk' }),
    recipients: body.recipients.map(({ to, values = {}, metadata = {} }) => ({
      to,
      metadata,
      values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])),
    })),
  }
}

function toBatchAccepted({ createdAt, stream, items }: BatchReceipt): BatchAccepted {
  const refused = items.filter((item) => 'problem' in item).length
  return {
    created_at: new Date(createdAt),
    stream: stream as BatchAccepted['stream'],
    accepted: items.length - refused,
    refused,
    items: items.map((item) => {
      if ('problem' in item) return { to: item.to, id: null, delivery: null, problem: item.problem }
      const { id, recipient, dueAt } = item.delivery
      const delivery = { id: id as DeliveryId, recipient, state: 'queued' as const, reason: null, due_at: new Date(dueAt) }
      return { to: item.to, id: item.id as MessageId, delivery, problem: null }
    }),
  }
}
