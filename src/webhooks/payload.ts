/** What an endpoint is sent: pure, so that the documentation's examples are made by the same function. */
import type { EventType } from '../events/event.ts'
import type { AboutMail } from './endpoint.ts'

/** What is told of the mail that an event is about, beside its ids. */
export interface MailFacts extends AboutMail {
  readonly from: string
  readonly subject: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly messageIdHeader: string
  /** Of one delivery; null for events about a whole message. */
  readonly recipient: string | null
  /** Why a delivery waits or ended as it did, as far as it is known. */
  readonly reason: MailReason | null
}

export interface MailReason {
  readonly code: string
  readonly sentence: string
  readonly hint: string
  readonly reply: { readonly code: number; readonly enhanced: string | null; readonly text: string } | null
}

export interface ToldEvent {
  readonly type: EventType
  readonly at: Date
  readonly workspaceId: string
  readonly messageId: string | null
  readonly deliveryId: string | null
  readonly subjectId: string | null
  readonly actor: string | null
  readonly data: Readonly<Record<string, unknown>>
}

/** The body of the request: `type`, `timestamp` and `data`, as Standard Webhooks has it. */
export function payloadOf(id: string, event: ToldEvent, mail: MailFacts | null): string {
  return JSON.stringify({
    type: event.type,
    timestamp: event.at.toISOString(),
    data: {
      id,
      workspace_id: event.workspaceId,
      ...(event.messageId && { message_id: event.messageId }),
      ...(event.deliveryId && { delivery_id: event.deliveryId }),
      ...(event.subjectId && { subject_id: event.subjectId }),
      actor: event.actor,
      ...(mail && {
        ...(mail.recipient !== null && { recipient: mail.recipient }),
        ...(mail.reason && { reason: mail.reason }),
        message: {
          from: mail.from,
          subject: mail.subject,
          stream: mail.stream,
          tags: mail.tags,
          metadata: mail.metadata,
          message_id_header: mail.messageIdHeader,
        },
      }),
      details: event.data,
    },
  })
}

/**
 * The stable name of an event. The number alone would come again for another event after a restore of an older copy; with its time it does not.
 */
export function eventIdOf(seq: string, at: Date): string {
  return `evt_${BigInt(seq).toString(36)}_${at.getTime().toString(36)}`
}
