import type { Stream } from '../delivery/stream.ts'
import type { RouteId } from '../lib/ids.ts'
import type { TrackingWish } from '../tracking/track.ts'

/** Limits of what a client may hand in at once; each is named in the refusal. */
export const MAX_ATTACHMENTS = 100
export const MAX_HEADERS = 100
export const MAX_HEADERS_BYTES = 64 * 1024
/** Of text and HTML each, in characters: longer ones are no letters any more, and take long to encode. */
export const MAX_TEXT = 5 * 1024 * 1024
/** Words to find a message by. */
export const MAX_TAGS = 20
export const MAX_TAG = 100
/** Values that a client keeps beside a message, and the length of their names and texts. */
export const MAX_METADATA = 50
export const MAX_METADATA_NAME = 100
export const MAX_METADATA_TEXT = 2_000
/** Idempotency keys are remembered this long. */
export const KEY_LIFETIME_DAYS = 3

/** What is followed in the HTML of a message; left out: as its stream has it. */
interface Trackable {
  readonly tracking?: TrackingWish | undefined
}

/** What all ways of sending have in common. */
export interface Terms {
  readonly stream: Stream
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly scheduledAt: Date | null
  readonly expiresAt: Date | null
  /** A route that a person chose for this message alone. */
  readonly viaRoute: RouteId | null
}

export interface AttachmentRequest {
  readonly filename: string
  readonly contentType: string | null
  /** Base64. */
  readonly content: string
  readonly contentId: string | null
}

/** A message as a client describes it. */
export interface SendRequest extends Terms, Trackable {
  readonly from: string
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
  readonly replyTo: readonly string[]
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly attachments: readonly AttachmentRequest[]
}

/** A finished mail (RFC 5322). `to` null: whoever its own To, Cc and Bcc name. */
export interface RawRequest extends Terms {
  /** Base64. */
  readonly raw: string
  readonly to: readonly string[] | null
}

/** One text for many. Each recipient's message is bounded like any other, and all of them together by MAX_BATCH_BYTES. */
export const MAX_BATCH = 500
export const MAX_BATCH_BYTES = 64 * 1024 * 1024
/** Values of one recipient, and the length of one of them. */
export const MAX_VALUES = 100
export const MAX_VALUE = 10_000

export interface BatchRecipient {
  readonly to: string
  readonly values: Readonly<Record<string, string>>
  /** Beside the metadata of the batch; of two with one name this one counts. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/** A text with `{{ name }}` where something differs, and for whom. */
export interface BatchRequest
  extends Terms,
    Trackable,
    Pick<SendRequest, 'from' | 'replyTo' | 'subject' | 'text' | 'html' | 'headers' | 'attachments'> {
  readonly recipients: readonly BatchRecipient[]
}
