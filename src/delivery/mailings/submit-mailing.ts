import type { BlobStore, StagedBlob } from '../../blobs/blob-store.ts'
import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import { assert } from '../../lib/assert.ts'
import { type DeliveryId, type MailingId, type MessageId, newId, type WorkspaceId } from '../../lib/ids.ts'
import type { Tracking } from '../message.ts'
import { MAX_CHUNK } from './mailing.ts'
import { insertChunk } from './queries.ts'

/** Some recipients of a mailing, and what is the same for all of them. */
export interface MailingChunk {
  readonly workspaceId: WorkspaceId
  readonly mailingId: MailingId
  readonly messageId: MessageId
  /** Why it is sent; delivery keeps it and never reads it. */
  readonly origin: Readonly<Record<string, unknown>>
  readonly actor: string | null
  readonly envelopeSender: string
  readonly sender: string
  readonly fromDomain: string
  /** As a list shows it; each recipient's own is in the stencil. */
  readonly subject: string
  readonly tags: readonly string[]
  readonly rfcMessageId: string
  /** A stencil (mail/stencil.ts). */
  readonly content: StagedBlob
  /** Without a stand-in: the delivery's token has a place in the stencil. */
  readonly tracking: Omit<Tracking, 'standIn'> | null
  /** Until when a delivery may wait for its first try. From then on it has the patience of its stream. */
  readonly expiresAt: Date
  readonly resendOf: MessageId | null
  readonly recipients: readonly MailingRecipient[]
}

export interface MailingRecipient {
  readonly recipient: string
  /** The values of the stencil's places. */
  readonly slots: readonly string[]
  /** Not before; left out: at once. */
  readonly dueAt?: Date | undefined
  /** Where the caller has given it one already. They grow in the order of the list. */
  readonly deliveryId?: DeliveryId | undefined
}

export interface Placed {
  readonly deliveryId: DeliveryId
  readonly recipient: string
  readonly slots: readonly string[]
  readonly dueAt: Date
}

/** As `submit`, for a part of a mailing: one message with a delivery for each recipient, in the caller's transaction. */
export async function submitMailing(tx: Tx, blobs: BlobStore, chunk: MailingChunk, now: Date): Promise<Placed[]> {
  const { recipients } = chunk
  assert(recipients.length > 0 && recipients.length <= MAX_CHUNK, `a chunk of a mailing has 1 to ${MAX_CHUNK} recipients`)
  const placed = recipients.map(({ recipient, slots, dueAt, deliveryId = newId<DeliveryId>(now.getTime()) }) => ({
    deliveryId,
    recipient,
    slots,
    dueAt: dueAt && dueAt > now ? dueAt : now,
  }))
  assert(
    placed.every(({ deliveryId }, i) => i === 0 || deliveryId > (placed[i - 1]?.deliveryId ?? '')),
    'ids of deliveries grow',
  )
  await blobs.put(tx, [chunk.content], now)
  await insertChunk(tx, chunk, placed, now)
  await append(
    tx,
    {
      type: 'message.submitted',
      workspaceId: chunk.workspaceId,
      messageId: chunk.messageId,
      actor: chunk.actor,
      data: { recipients: placed.length, stream: 'bulk', ...(chunk.resendOf && { resend_of: chunk.resendOf }) },
    },
    now,
  )
  return placed
}
