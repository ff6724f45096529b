import { z } from 'zod'

/** Every kind of event. The log is the contract: what is listed here is what followers, live updates and the waybill know of. */
export const EVENT_TYPES = [
  'message.submitted',
  'message.opened',
  'message.clicked',
  'delivery.sent',
  'delivery.delivered',
  'delivery.bounced',
  'delivery.failed',
  'delivery.expired',
  'delivery.suppressed',
  'delivery.cancelled',
  'delivery.deferred',
  'delivery.blocked',
  'delivery.unknown',
  'delivery.requeued',
  'delivery.held',
  'delivery.released',
  'delivery.retried',
  'delivery.resent',
  'delivery.rerouted',
  'delivery.complained',
  'delivery.delayed',
  'delivery.relayed',
  'route.created',
  'route.changed',
  'route.removed',
  'route.made_default',
  'route.opened',
  'route.probed',
  'route.closed',
  'route.warm_up_started',
  'route.warm_up_held_back',
  'route.warm_up_ended',
  'rule.created',
  'rule.changed',
  'rule.removed',
  'pace.changed',
  'pace.removed',
  'bulk_act.started',
  'bulk_act.finished',
  'bulk_act.stopped',
  'route.feedback_address_changed',
  'domain.added',
  'domain.changed',
  'domain.removed',
  'domain.verified',
  'domain.warned',
  'domain.lapsed',
  'domain.keys_made',
  'domain.key_activated',
  'domain.key_revoked',
  'suppression.added',
  'suppression.removed',
  'webhook.created',
  'webhook.changed',
  'webhook.removed',
  'webhook.enabled',
  'webhook.disabled',
  'webhook.secret_rotated',
  'webhook.replayed',
  'incident.opened',
  'incident.acknowledged',
  'incident.resolved',
  'workspace.created',
  'user.signed_in',
  'user.signed_out',
  'user.password_changed',
  'session.revoked',
  'member.added',
  'member.changed',
  'member.removed',
  'api_key.created',
  'api_key.revoked',
  'credential.created',
  'credential.rotated',
  'credential.revoked',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

export interface NewEvent {
  readonly type: EventType
  readonly workspaceId: string
  readonly messageId?: string
  readonly deliveryId?: string
  readonly subjectId?: string
  /** 'user:<id>', 'key:<id>', 'credential:<id>', or absent for the engine itself. */
  readonly actor?: string | null
  readonly depth?: number
  readonly data?: Readonly<Record<string, unknown>>
}

/** An event as it was recorded. */
export const LoggedEvent = z.object({
  at: z.date(),
  type: z.enum(EVENT_TYPES),
  messageId: z.string().nullable(),
  deliveryId: z.string().nullable(),
  subjectId: z.string().nullable(),
  actor: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
})
export type LoggedEvent = z.infer<typeof LoggedEvent>
