import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Tx } from '../../db/database.ts'
import { append } from '../../events/append.ts'
import type { DeliveryId } from '../../lib/ids.ts'
import { leaveMailing, selectFailed } from './queries.ts'
import { type MailingChunk, submitMailing } from './submit-mailing.ts'

/**
 * Of these deliveries of a mailing, those that came to nothing get another one in their place, with what was filled in for them. Answers which took
 * which place. The old ones keep their story and leave the mailing: it counts each recipient once.
 */
export async function sendFailedAgain(
  tx: Tx,
  blobs: BlobStore,
  chunk: Omit<MailingChunk, 'recipients'>,
  ids: readonly DeliveryId[],
  classes: readonly string[] | null,
  now: Date,
): Promise<ReadonlyMap<DeliveryId, DeliveryId>> {
  const failed = await selectFailed(tx, chunk.workspaceId, chunk.mailingId, ids, classes)
  if (failed.length === 0) return new Map()
  await leaveMailing(
    tx,
    chunk.workspaceId,
    chunk.mailingId,
    failed.map(({ id }) => id),
  )
  const placed = await submitMailing(tx, blobs, { ...chunk, resendOf: failed[0]?.messageId ?? null, recipients: failed }, now)
  const replaced = failed.map((one, i) => ({ ...one, by: placed[i]?.deliveryId ?? one.id }))
  await append(
    tx,
    replaced.map(({ id: deliveryId, messageId, by }) => ({
      ...{ type: 'delivery.replaced' as const, workspaceId: chunk.workspaceId, messageId, deliveryId },
      ...(chunk.actor !== null && { actor: chunk.actor }),
      data: { by },
    })),
    now,
  )
  return new Map(replaced.map(({ id, by }) => [id, by]))
}
