/**
 * What workflows begin with and wait for, in the words of those who make them. The log of events is the source: `happeningsOf` in `triggers/` reads
 * it. A happening is about keys: whoever waits names one of them.
 */
export const HAPPENINGS = [
  'conversation.started',
  'customer.replied',
  'agent.replied',
  'note.added',
  'status.changed',
  'assignee.changed',
  'tag.added',
  'tag.removed',
  'field.changed',
  'conversation.moved',
  'snooze.over',
  'answer.overdue',
  'delivery.sent',
  'delivery.delivered',
  'delivery.bounced',
  'delivery.failed',
  'delivery.suppressed',
  'delivery.expired',
  'delivery.unknown',
  'delivery.cancelled',
  'delivery.deferred',
  'delivery.complained',
  'message.opened',
  'message.clicked',
  'contact.created',
  'contact.subscribed',
  'contact.unsubscribed',
  'contact.field_changed',
  'form.submitted',
  'campaign.finished',
  'schedule.due',
  'webhook.received',
  'event.received',
  'button.pressed',
  'run.asked',
  'run.ended',
  'task.decided',
  'request.ended',
] as const
export type HappeningKind = (typeof HAPPENINGS)[number]

export interface Happening {
  readonly kind: HappeningKind
  /** `conversation:<id>`, `contact:<id>`, `message:<id>`, `delivery:<id>`, `list:<id>`, `inbox:<id>`, `run:<id>`, `task:<id>`, `request:<id>`, `name:<text>`, … */
  readonly keys: readonly string[]
  readonly conversationId: string | null
  readonly contactId: string | null
  /** What conditions and expressions see of it as `event`. */
  readonly facts: Readonly<Record<string, unknown>>
}
