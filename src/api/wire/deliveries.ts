import type { z } from 'zod'
import type { NamedActor } from '../../accounts/names.ts'
import type { CampaignName } from '../../campaigns/list.ts'
import type { Attempt } from '../../delivery/attempt.ts'
import type { Reason } from '../../delivery/delivery.ts'
import type { DeliveryStory, DeliverySummary } from '../../delivery/reading/story.ts'
import type { LoggedEvent } from '../../events/event.ts'
import { sentenceOf } from '../../events/sentence.ts'
import type { MailingId, RouteId } from '../../lib/ids.ts'
import type { Failure } from '../../mail/failure.ts'
import type * as endpoints from '../endpoints/deliveries.ts'
import type * as shapes from '../endpoints/shapes.ts'

export type NameActor = (reference: string | null) => NamedActor

export function toFailure({ retryAfterSeconds, ...failure }: Failure): shapes.Failure {
  return { ...failure, retry_after_seconds: retryAfterSeconds }
}

export function toReason(reason: Reason): shapes.Reason {
  return { ...reason, failure: reason.failure && toFailure(reason.failure) }
}

export function toEvent(event: LoggedEvent, nameActor: NameActor): shapes.Event {
  const actor = nameActor(event.actor)
  return { at: event.at, type: event.type, actor, data: event.data, sentence: sentenceOf(event.type, event.data, actor.name) }
}

function toAttempt(attempt: Attempt): endpoints.Attempt {
  const { deliveryId: _, startedAt, durationMs, stagesMs, route, ...rest } = attempt
  return { ...rest, started_at: startedAt, duration_ms: durationMs, stages_ms: stagesMs, route: toRouteReference(route) }
}

/** Whose mailing it is. */
export type CampaignNames = ReadonlyMap<MailingId, CampaignName>

export function toSummary(delivery: DeliverySummary, names: CampaignNames): endpoints.DeliverySummary {
  const { id, recipient, stream, state, attempt, failures, policy, subject, sender, waitingOn } = delivery
  return {
    id,
    message_id: delivery.messageId,
    recipient,
    stream,
    state,
    reason: delivery.reason && toReason(delivery.reason),
    due_at: delivery.dueAt,
    attempt,
    failures,
    policy,
    route: delivery.route && toRouteReference(delivery.route),
    waiting_on: waitingOn && {
      route: waitingOn.route && toRouteReference(waitingOn.route),
      sentence: waitingOn.sentence,
      next_try_at: waitingOn.nextTryAt,
    },
    expires_at: delivery.expiresAt,
    created_at: delivery.createdAt,
    settled_at: delivery.settledAt,
    complained_at: delivery.complainedAt,
    subject,
    sender,
    campaign: (delivery.partOf && names.get(delivery.partOf)) || null,
  }
}

export function toDelivery(story: DeliveryStory, nameActor: NameActor, names: CampaignNames): endpoints.Delivery {
  return {
    ...toSummary(story, names),
    attempts: story.attempts.map(toAttempt),
    events: story.events.map((event) => toEvent(event, nameActor)),
    actions: [...story.actions],
  }
}

export function toRouteReference({ id, name }: { id: string; name: string }): z.output<typeof shapes.RouteReference> {
  return { id: id as RouteId, name }
}
