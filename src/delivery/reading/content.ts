import type { BlobStore } from '../../blobs/blob-store.ts'
import type { Db, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { DeliveryId, WorkspaceId } from '../../lib/ids.ts'
import { messageIdOf } from '../../mail/message-id.ts'
import { readStencil } from '../../mail/stencil.ts'
import type { SenderDeps } from '../dispatch/sender.ts'
import { selectCopy } from '../mailings/queries.ts'

/**
 * The mail of one delivery as its recipient gets it, without what is put on it as it leaves. Null when the content is not kept any more. The date
 * is that of its end, or of now.
 */
export async function contentOfDelivery(
  db: Db | Tx,
  { blobs, personalise, ownOf }: Pick<SenderDeps, 'personalise' | 'ownOf'> & { readonly blobs: BlobStore },
  workspaceId: WorkspaceId,
  id: DeliveryId,
  now: Date,
): Promise<string | null> {
  const copy = await selectCopy(db, workspaceId, id)
  if (!copy) throw new Refusal('not_found', { what: 'delivery' })
  const { contentHash, slots, standIn, recipient, fromDomain, settledAt } = copy
  const content = (await blobs.read(db, workspaceId, [contentHash])).get(contentHash)
  if (content === undefined) return null
  if (slots === null) return standIn ? personalise(content, id, standIn) : content
  const messageId = messageIdOf(id, fromDomain)
  return readStencil(content).fill({ recipient, messageId, date: settledAt ?? now, values: slots, own: ownOf(id) }).content
}
