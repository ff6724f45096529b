import type { BlobStore } from '../blobs/blob-store.ts'
import type { Tx } from '../db/database.ts'
import { append } from '../events/append.ts'
import { assert } from '../lib/assert.ts'
import { type DeliveryId, newId } from '../lib/ids.ts'
import type { Submission, SubmittedDelivery } from './message.ts'
import { insertSubmissions } from './queries.ts'

/**
 * The only way in: content, messages, one delivery a recipient and one event a message, in the caller's transaction. Whatever else that
 * transaction does (an answer under an idempotency key, a step of a workflow) exists together with the mail or not at all.
 */
export async function submit(
  tx: Tx,
  blobs: BlobStore,
  submissions: readonly Submission[],
  now: Date,
): Promise<SubmittedDelivery[][]> {
  const deliveries = submissions.map((submission) => {
    assert(submission.recipients.length > 0, 'a message has at least one recipient')
    const dueAt = submission.scheduledAt && submission.scheduledAt > now ? submission.scheduledAt : now
    return submission.recipients.map((recipient, i) => {
      const id = submission.deliveryIds?.[i] ?? newId<DeliveryId>(now.getTime())
      return { id, recipient, dueAt }
    })
  })
  await blobs.put(
    tx,
    submissions.map((submission) => submission.content),
    now,
  )
  await insertSubmissions(tx, submissions, deliveries, now)
  await append(
    tx,
    submissions.map((submission) => ({
      type: 'message.submitted' as const,
      workspaceId: submission.workspaceId,
      messageId: submission.id,
      actor: submission.actor,
      data: {
        recipients: submission.recipients.length,
        stream: submission.stream,
        ...(submission.resendOf && { resend_of: submission.resendOf }),
      },
    })),
    now,
  )
  return deliveries
}
