import type { WebhookEndpoint } from '../../webhooks/endpoint.ts'
import type { WebhookAttempt, WebhookDelivery } from '../../webhooks/log/delivery-log.ts'
import type * as endpoints from '../endpoints/webhooks.ts'

export function toWebhook(endpoint: WebhookEndpoint): endpoints.Webhook {
  const { id, url, description, ordered, state } = endpoint
  return {
    id,
    url,
    description,
    event_types: [...endpoint.eventTypes],
    streams: [...endpoint.streams] as endpoints.Webhook['streams'],
    tags: [...endpoint.tags],
    ordered,
    allow_private: endpoint.allowPrivate,
    state,
    disabled_why: endpoint.disabledWhy,
    disabled_at: endpoint.disabledAt,
    old_secret_expires_at: endpoint.oldSecretExpiresAt,
    failing_since: endpoint.failingSince,
    last_success_at: endpoint.lastSuccessAt,
    created_at: endpoint.createdAt,
    updated_at: endpoint.updatedAt,
  }
}

export function toWebhookDelivery(delivery: WebhookDelivery): endpoints.WebhookDelivery {
  const { id, type, state } = delivery
  return {
    id,
    event_id: delivery.eventId,
    type,
    happened_at: delivery.happenedAt,
    message_id: delivery.messageId,
    state,
    attempts: delivery.attempt,
    next_try_at: delivery.dueAt,
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
    created_at: delivery.createdAt,
    settled_at: delivery.settledAt,
  }
}

export function toWebhookDeliveryDetail(
  delivery: WebhookDelivery & { readonly attempts: readonly WebhookAttempt[] },
): endpoints.WebhookDeliveryDetail {
  return { ...toWebhookDelivery(delivery), body: delivery.body, tries: delivery.attempts.map(toTry) }
}

function toTry(attempt: WebhookAttempt): endpoints.WebhookDeliveryDetail['tries'][number] {
  return {
    attempt: attempt.attempt,
    started_at: attempt.startedAt,
    duration_ms: attempt.durationMs,
    url: attempt.url,
    address: attempt.address,
    request_headers: { ...attempt.requestHeaders },
    status: attempt.status,
    response_headers: attempt.responseHeaders && { ...attempt.responseHeaders },
    response_body: attempt.responseBody,
    error: attempt.error,
  }
}
