import type { LoggedEvent } from '../../events/event.ts'
import type { DeliveryId, MailingId, MessageId } from '../../lib/ids.ts'
import type { Attempt } from '../attempt.ts'
import type { Action, DeliveryState, Reason } from '../delivery.ts'
import type { Tracking } from '../message.ts'
import type { Stream, UnknownPolicy } from '../stream.ts'

/** What a list shows of a delivery. */
export interface DeliverySummary {
  readonly id: DeliveryId
  readonly messageId: MessageId
  readonly recipient: string
  readonly stream: Stream
  readonly state: DeliveryState
  readonly reason: Reason | null
  readonly dueAt: Date | null
  readonly attempt: number
  readonly failures: number
  readonly policy: UnknownPolicy | null
  /** The route of the latest attempt. */
  readonly route: { readonly id: string; readonly name: string } | null
  /** What is in its way although it is due: a closed circuit, a limit, a route that may not carry its domain. */
  readonly waitingOn: {
    readonly route: { readonly id: string; readonly name: string } | null
    readonly sentence: string
    /** Null: only a person can change it. */
    readonly nextTryAt: Date | null
  } | null
  readonly expiresAt: Date
  readonly createdAt: Date
  readonly settledAt: Date | null
  readonly complainedAt: Date | null
  readonly subject: string
  readonly sender: string
  /** What caused its message: kept, not read here. */
  readonly origin: Readonly<Record<string, unknown>>
  /** The mailing that its message is of, also when it has left it. */
  readonly partOf: MailingId | null
}

/** The waybill of one recipient. */
export interface DeliveryStory extends DeliverySummary {
  readonly attempts: readonly Attempt[]
  readonly events: readonly LoggedEvent[]
  readonly actions: readonly Action[]
}

export interface MessageSummary {
  readonly id: MessageId
  readonly createdAt: Date
  readonly stream: Stream
  readonly sender: string
  readonly envelopeSender: string
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
  readonly subject: string
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly rfcMessageId: string
  readonly sizeBytes: number
  readonly contentHash: string
  readonly scheduledAt: Date | null
  readonly expiresAt: Date
  readonly resendOf: MessageId | null
  readonly tracking: Tracking | null
  /** The mailing that it is a part of: then its content differs from recipient to recipient. */
  readonly mailingId: MailingId | null
  readonly origin: Readonly<Record<string, unknown>>
  readonly counts: Readonly<Partial<Record<DeliveryState, number>>>
  readonly firstRecipient: string | null
}

export interface MessageStory extends MessageSummary {
  readonly deliveries: readonly DeliveryStory[]
  /** What happened to the message as a whole. */
  readonly events: readonly LoggedEvent[]
}
