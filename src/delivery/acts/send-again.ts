import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { type MailingId, type MessageId, newId, type RouteId, type WorkspaceId } from '../../lib/ids.ts'
import { reopenMailing } from '../mailings/mailings.ts'
import { selectSlots } from '../mailings/queries.ts'
import { submitMailing } from '../mailings/submit-mailing.ts'
import { type StoredMessage, selectStoredMessage } from '../reading/queries.ts'
import { STREAM_RULES } from '../stream.ts'
import { submit } from '../submit.ts'

/**
 * Sends a message again to recipients whose delivery is settled: a new message with a story of its own, the same content and the same
 * Message-ID, so that a mailbox that has it already shows it once. `recipients` null means all of them.
 */
export async function sendAgain(
  tx: Tx,
  blobs: BlobStore,
  workspaceId: WorkspaceId,
  id: MessageId,
  recipients: readonly string[] | null,
  actor: string | null,
  now: Date,
  { viaRoute = null }: { readonly viaRoute?: RouteId | null } = {},
): Promise<MessageId> {
  const message = await selectStoredMessage(tx, workspaceId, id)
  if (!message) throw new Refusal('not_found', { what: 'message' })
  const wanted = recipients ?? message.settledRecipients
  if (wanted.length === 0) throw new Refusal('nothing_to_do', { action: 'sent again' })
  const again = newId<MessageId>(now.getTime())
  if (message.mailingId) {
    await mailAgain(tx, blobs, { ...message, mailingId: message.mailingId }, { workspaceId, of: id, again, wanted, actor }, now)
    return again
  }
  await submit(
    tx,
    blobs,
    [
      {
        ...message,
        id: again,
        workspaceId,
        actor,
        recipients: wanted,
        scheduledAt: null,
        expiresAt: new Date(now.getTime() + STREAM_RULES[message.stream].lifetimeMs),
        resendOf: id,
        viaRoute,
      },
    ],
    now,
  )
  return again
}

/** Mail of a mailing stays in it: it waits when that is paused, and leaves as fast as that may. It keeps what was filled in. */
async function mailAgain(
  tx: Tx,
  blobs: BlobStore,
  message: StoredMessage & { readonly mailingId: MailingId },
  how: {
    readonly workspaceId: WorkspaceId
    readonly of: MessageId
    readonly again: MessageId
    readonly wanted: readonly string[]
    readonly actor: string | null
  },
  now: Date,
): Promise<void> {
  const { workspaceId, of, again, wanted, actor } = how
  await reopenMailing(tx, workspaceId, message.mailingId, null, now)
  await submitMailing(
    tx,
    blobs,
    {
      ...message,
      workspaceId,
      messageId: again,
      actor,
      expiresAt: new Date(now.getTime() + STREAM_RULES.bulk.lifetimeMs),
      resendOf: of,
      recipients: await selectSlots(tx, workspaceId, of, wanted),
    },
    now,
  )
}
