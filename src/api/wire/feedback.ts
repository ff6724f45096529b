import type { FeedbackDetail, FeedbackSummary, RouteFeedback } from '../../delivery/feedback/reading.ts'
import type { MessageId } from '../../lib/ids.ts'
import type * as endpoints from '../endpoints/feedback.ts'
import { toRouteReference } from './deliveries.ts'

export function toFeedbackSummary(feedback: FeedbackSummary): endpoints.FeedbackSummary {
  const { id, source, state, reason, events } = feedback
  return {
    id,
    source,
    route: feedback.route && toRouteReference(feedback.route),
    received_at: feedback.receivedAt,
    happened_at: feedback.happenedAt,
    state,
    reason,
    next_try_at: feedback.dueAt,
    parked_until: feedback.parkedUntil,
    applied_at: feedback.appliedAt,
    events,
    size_bytes: feedback.sizeBytes,
    is_kept: feedback.isKept,
  }
}

export function toFeedback(feedback: FeedbackDetail): endpoints.Feedback {
  return {
    ...toFeedbackSummary(feedback),
    headers: { ...feedback.headers },
    news: feedback.news.map(({ kind, deliveryId, messageId, recipient, state }) => ({
      kind,
      delivery_id: deliveryId,
      message_id: messageId as MessageId,
      recipient,
      state,
    })),
  }
}

/** `base` is where people reach us, or null for somebody who must not see the secret in the address. */
export function toRouteFeedback(feedback: RouteFeedback, base: string | null): endpoints.RouteFeedback {
  return {
    kind: feedback.kind,
    url: base === null ? null : `${base}${feedback.path}`,
    topic_arn: feedback.topicArn,
    seen_topic: feedback.seenTopic,
    confirmed_at: feedback.confirmedAt,
    last_received_at: feedback.lastReceivedAt,
    last_believed_at: feedback.lastBelievedAt,
    polled_at: feedback.polledAt,
    poll_error: feedback.pollError,
    lag: { count: feedback.lag.count, p50_seconds: feedback.lag.p50Seconds, p95_seconds: feedback.lag.p95Seconds },
  }
}
