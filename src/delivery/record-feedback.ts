import { createHash } from 'node:crypto'
import type { Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import type { NewEvent } from '../events/event.ts'
import type { DeliveryId, WorkspaceId } from '../lib/ids.ts'
import { cleanText } from '../mail/raw-head.ts'
import type { DeliveryState, Reason } from './delivery.ts'
import { selectReceiver } from './feedback/find-queries.ts'
import { type FeedbackSource, standAfter } from './feedback/news.ts'
import { insertNews } from './feedback/queries.ts'
import { type LockedDelivery, lockDelivery, markComplained, moveDeliveries } from './queries.ts'
import { learnFromVerdicts } from './suppression/learn.ts'
import { suppress } from './suppression/suppress.ts'

/** Who told it, and what they said. Kept with the event. */
export interface Heard {
  readonly source: FeedbackSource | 'sandbox'
  /** The teller's own name of this event: what is told twice has the same. */
  readonly key: string
  readonly happenedAt: Date | null
  readonly status: string | null
  readonly diagnostic: string | null
  /** The row of `feedback` it was read from. */
  readonly feedbackId: string | null
}

/** What is heard of a delivery after the next hop took it. */
export type Feedback = { readonly heard: Heard } & (
  | { readonly kind: 'delivered' | 'relayed' | 'delayed' }
  | { readonly kind: 'bounced'; readonly reason: Reason }
  | { readonly kind: 'complained'; readonly note: string }
)

/** `known`: told before. `early`: the delivery is being handed over at this moment, tell it again later. `missing`: there is no such delivery. */
export type Recorded = 'recorded' | 'known' | 'early' | 'missing'

const MAX_DIAGNOSTIC = 1_000
const MAX_STATUS = 20

/**
 * The only way in for news about mail that was sent. Each piece of news counts once, by its key; the state moves by `standAfter`, so that any
 * order comes to the same; an address is suppressed by the same rule as when its server says it to our face.
 */
export async function recordFeedback(
  tx: Tx,
  workspaceId: WorkspaceId,
  id: DeliveryId,
  feedback: Feedback,
  now: Date,
): Promise<Recorded> {
  const delivery = await lockDelivery(tx, workspaceId, id)
  if (!delivery) return 'missing'
  const to = standAfter(delivery.state as DeliveryState, feedback.kind)
  if (to === 'wait') return 'early'
  const { heard, kind } = feedback
  const key = keyOf(heard)
  const isNew = await insertNews(
    tx,
    { workspaceId, deliveryId: id, key, kind, source: heard.source, feedbackId: heard.feedbackId },
    now,
  )
  if (!isNew) return 'known'
  const reason = feedback.kind === 'bounced' ? feedback.reason : null
  if (to) await moveDeliveries(tx, workspaceId, delivery.state, [{ id, state: to, reason }], now)
  const isFirstComplaint = kind === 'complained' && (await markComplained(tx, workspaceId, id, now))
  const data = { ...evidenceOf(delivery, feedback), receiver: await selectReceiver(tx, workspaceId, id) }
  await append(tx, eventsOf(delivery, feedback, { to, isFirstComplaint }, data), now)
  if (to === 'bounced' && reason?.failure) {
    const { failure } = reason
    const evidence = {
      address: delivery.recipient,
      deliveryId: id,
      note: failure.sentence,
      reply: wordsOf(heard) ?? '',
      late: true,
    }
    await learnFromVerdicts(tx, workspaceId, [{ ...evidence, failure, isFinal: true }], now)
  }
  if (isFirstComplaint && feedback.kind === 'complained') await suppressForComplaint(tx, delivery, feedback.note, now)
  return 'recorded'
}

/** Whoever complains about a newsletter still gets the receipt: the stream it came on is over for the address, the others are not. */
async function suppressForComplaint(tx: Tx, delivery: LockedDelivery, note: string, now: Date): Promise<void> {
  const { recipient: address, stream, id: deliveryId, workspaceId } = delivery
  await suppress(tx, workspaceId, [{ address, stream, reason: 'complaint', deliveryId, note }], null, now)
}

/** News that changes nothing appends nothing, except a delay and a hand-over: they are all there is to see of them. */
function eventsOf(
  delivery: LockedDelivery,
  { kind }: Feedback,
  came: { readonly to: string | null; readonly isFirstComplaint: boolean },
  data: Readonly<Record<string, unknown>>,
): NewEvent[] {
  const { workspaceId, messageId, id: deliveryId } = delivery
  const event = (type: NewEvent['type']): NewEvent => ({ type, workspaceId, messageId, deliveryId, data })
  if (kind === 'delayed' || kind === 'relayed') return [...(came.to ? [event('delivery.sent')] : []), event(`delivery.${kind}`)]
  if (kind === 'complained')
    return [...(came.to ? [event('delivery.sent')] : []), ...(came.isFirstComplaint ? [event('delivery.complained')] : [])]
  return came.to ? [event(`delivery.${kind}`)] : []
}

function evidenceOf(delivery: LockedDelivery, feedback: Feedback): Record<string, unknown> {
  const { heard } = feedback
  return {
    source: heard.source,
    // What follows the log by counts can tell what this news takes the place of.
    was: delivery.state,
    ...(delivery.routeId !== null && { route_id: delivery.routeId }),
    ...(heard.happenedAt && { happened_at: heard.happenedAt.toISOString() }),
    ...(heard.status !== null && { status: cleanText(heard.status.slice(0, MAX_STATUS)) }),
    ...(heard.diagnostic !== null && { diagnostic: wordsOf(heard) }),
    ...(heard.feedbackId !== null && { feedback_id: heard.feedbackId }),
    ...(feedback.kind === 'bounced' && feedback.reason.failure && { class: feedback.reason.failure.class }),
    ...(feedback.kind === 'complained' && { note: feedback.note }),
  }
}

/** PostgreSQL takes no NUL and no half of a character. */
function wordsOf({ diagnostic }: Heard): string | null {
  return diagnostic === null ? null : cleanText(diagnostic.slice(0, MAX_DIAGNOSTIC)).toWellFormed()
}

function keyOf({ source, key }: Heard): Buffer {
  return createHash('sha256').update(`${source}\0${key}`).digest().subarray(0, 16)
}
