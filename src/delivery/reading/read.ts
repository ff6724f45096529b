import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { storyOf } from '../../events/story.ts'
import type { DeliveryId, MessageId, WorkspaceId } from '../../lib/ids.ts'
import { actionsOf } from '../delivery.ts'
import { countOf, type DeliveryFilter, type Page, selectAttempts, selectDeliveries, selectMessage } from './queries.ts'
import type { DeliverySummary, MessageStory } from './story.ts'

export {
  type DeliveryFilter,
  type Page,
  type StreamQueue,
  selectMessages as listMessages,
  selectQueues as listQueues,
  selectWaiting as countWaiting,
} from './queries.ts'

/** What a page shows of one message: more recipients or lines than this are reached through the lists. */
const MAX_DELIVERIES = 1_000
const MAX_ATTEMPTS = 5_000
const MAX_EVENTS = 5_000

/** Deliveries that a filter leaves, newest first. */
export async function listDeliveries(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  filter: DeliveryFilter,
  page: Page,
): Promise<DeliverySummary[]> {
  if ((filter.states || filter.stream) && (await countOf(db, workspaceId, filter)) === 0) return []
  return selectDeliveries(db, workspaceId, filter, page)
}

/** The waybill: a message, each of its deliveries, every attempt and every event. */
export async function readMessage(db: Db | Tx, workspaceId: WorkspaceId, id: MessageId): Promise<MessageStory> {
  const message = await selectMessage(db, workspaceId, id)
  if (!message) throw new Refusal('not_found', { what: 'message' })
  const summaries = await selectDeliveries(db, workspaceId, { messageId: id }, { after: null, limit: MAX_DELIVERIES })
  const attempts = await selectAttempts(
    db,
    workspaceId,
    summaries.map((summary) => summary.id),
    MAX_ATTEMPTS,
  )
  const events = await storyOf(db, workspaceId, id, MAX_EVENTS)
  return {
    ...message,
    deliveries: summaries.reverse().map((summary) => ({
      ...summary,
      attempts: attempts.filter((attempt) => attempt.deliveryId === summary.id),
      events: events.filter((event) => event.deliveryId === summary.id),
      actions: actionsOf(summary),
    })),
    events: events.filter((event) => event.deliveryId === null),
  }
}

export async function readDelivery(db: Db | Tx, workspaceId: WorkspaceId, id: DeliveryId): Promise<DeliverySummary> {
  const [delivery] = await selectDeliveries(db, workspaceId, { id }, { after: null, limit: 1 })
  if (!delivery) throw new Refusal('not_found', { what: 'delivery' })
  return delivery
}
