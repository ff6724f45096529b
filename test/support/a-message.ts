import type { BlobStore } from '../../src/blobs/blob-store.ts'
import type { Submission, Tracking } from '../../src/delivery/message.ts'
import { STREAM_RULES, type Stream } from '../../src/delivery/stream.ts'
import { type MessageId, newId, type RouteId, type WorkspaceId } from '../../src/lib/ids.ts'

/** What a test wants of a message; the rest is filled in. */
export interface MessageWishes {
  readonly to?: readonly string[]
  readonly from?: string
  readonly subject?: string
  readonly body?: string
  /** The whole content instead of one made of subject and body, one character a byte. */
  readonly content?: string
  readonly eightBit?: boolean
  readonly internationalized?: boolean
  readonly stream?: Stream
  readonly scheduledAt?: Date
  readonly expiresAt?: Date
  readonly viaRoute?: RouteId
  readonly tracking?: Tracking
}

export type AMessage = Required<Pick<MessageWishes, 'to' | 'from' | 'subject' | 'body' | 'stream'>> & MessageWishes

export function aMessage(wishes: MessageWishes = {}): AMessage {
  return {
    to: ['bob@example.org'],
    from: 'ann@example.com',
    subject: 'Hello',
    body: 'Hello Bob\r\n',
    stream: 'transactional',
    ...wishes,
  }
}

export async function toSubmission(
  blobs: BlobStore,
  workspaceId: WorkspaceId,
  message: AMessage,
  now: Date,
): Promise<Submission> {
  const id = newId<MessageId>(now.getTime())
  const rfcMessageId = `<${id}@example.com>`
  const content =
    message.content ??
    `From: ${message.from}\r\nTo: ${message.to.join(',\r\n ')}\r\nSubject: ${message.subject}\r\nMessage-ID: ${rfcMessageId}\r\n\r\n${message.body}`
  const { scheduledAt = null, stream } = message
  const begins = scheduledAt && scheduledAt > now ? scheduledAt : now
  return {
    id,
    workspaceId,
    stream,
    origin: { kind: 'test' },
    actor: null,
    envelopeSender: message.from,
    sender: message.from,
    fromDomain: message.from.replace(/^.*@([^@>]*)>?$/, '$1').toLowerCase(),
    to: message.to,
    cc: [],
    bcc: [],
    subject: message.subject,
    tags: [],
    metadata: {},
    rfcMessageId,
    content: await blobs.stage(workspaceId, Buffer.from(content, 'latin1')),
    eightBit: message.eightBit ?? false,
    internationalized: message.internationalized ?? false,
    recipients: message.to,
    scheduledAt,
    expiresAt: message.expiresAt ?? new Date(begins.getTime() + STREAM_RULES[stream].lifetimeMs),
    resendOf: null,
    viaRoute: message.viaRoute ?? null,
    tracking: message.tracking ?? null,
  }
}
