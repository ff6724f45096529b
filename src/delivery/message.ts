import type { StagedBlob } from '../blobs/blob-store.ts'
import type { DeliveryId, LinkSetId, MessageId, RouteId, WorkspaceId } from '../lib/ids.ts'
import type { Stream } from './stream.ts'

/** Limits of one submission. They are the same for every road in. */
export const MAX_RECIPIENTS = 1_000
export const MAX_MESSAGE_BYTES = 36 * 1024 * 1024

/** Of a message that tells when it is opened and what is followed in it: delivery puts each recipient's token in it, and keeps the rest. */
export interface Tracking {
  /** What stands in the content for the token. */
  readonly standIn: string
  readonly linkSet: LinkSetId
  readonly opens: boolean
  readonly clicks: boolean
}

/** A composed message and whom it goes to: what `submit` takes. Addresses are parsed, the content is staged. */
export interface Submission {
  readonly id: MessageId
  readonly workspaceId: WorkspaceId
  readonly stream: Stream
  /** Why it is sent ({kind: 'api', …}); delivery keeps it and never reads it. */
  readonly origin: Readonly<Record<string, unknown>>
  /** 'user:<id>' or 'key:<id>'. */
  readonly actor: string | null
  /** MAIL FROM; '' for none. */
  readonly envelopeSender: string
  /** The From header as people read it. */
  readonly sender: string
  /** Its domain, lower case, A-labels: what authentication and rules look at. */
  readonly fromDomain: string
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
  readonly subject: string
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  readonly rfcMessageId: string
  readonly content: StagedBlob
  readonly eightBit: boolean
  readonly internationalized: boolean
  /** Envelope recipients without duplicates: one delivery each. */
  readonly recipients: readonly string[]
  /** Of their deliveries, in the same order, where the content already speaks of them, as a link to leave does. */
  readonly deliveryIds?: readonly DeliveryId[]
  readonly scheduledAt: Date | null
  readonly expiresAt: Date
  readonly resendOf: MessageId | null
  /** The route a person chose for it; null: the workspace's default. */
  readonly viaRoute: RouteId | null
  /** Null or left out: not tracked. */
  readonly tracking?: Tracking | null
}

/** One recipient of a message that was submitted. */
export interface SubmittedDelivery {
  readonly id: DeliveryId
  readonly recipient: string
  readonly dueAt: Date
}
