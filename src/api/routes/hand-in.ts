import type { StagedBlob } from '../../blobs/blob-store.ts'
import type { BlobWriter } from '../../blobs/blob-writer.ts'
import { Refusal } from '../../errors.ts'
import { type HandedIn, handIn, inboxesOf, parseEnvelope } from '../../inbound/hand-in.ts'
import type { ServerDeps } from '../deps.ts'
import type { Upload } from '../endpoint.ts'
import { handInMail } from '../endpoints/hand-in.ts'
import { preparedRoute, type Route } from '../route.ts'

export function handInRoutes({ database, blobs }: Pick<ServerDeps, 'database' | 'blobs'>): Route[] {
  return [
    preparedRoute(
      handInMail,
      async ({ params, body, actor: { workspaceId } }) => {
        const { inbox_id: inboxId = null, recipients = [], sender = null } = params
        const mail: HandedIn = { workspaceId, inboxId, ...parseEnvelope({ recipients, sender }) }
        // Before the body is read: a mail for an inbox that is not there need not be sent to the end.
        const inboxes = await inboxesOf(database.db, mail)
        return { ...mail, inboxes, content: await written(blobs.write(workspaceId), body) }
      },
      async ({ tx, prepared, idempotencyKey, now }) => {
        const { arrivals, receivedAt } = await handIn(tx, blobs, prepared, idempotencyKey, now)
        return {
          arrivals: arrivals.map(({ id, inboxId }) => ({ id, inbox_id: inboxId, url: `/v1/arrivals/${id}` })),
          received_at: new Date(receivedAt),
        }
      },
    ),
  ]
}

/** As it comes: of a large one no more than a piece is in memory. */
async function written(writer: BlobWriter, { content }: Upload): Promise<StagedBlob> {
  let isEmpty = true
  try {
    for await (const piece of content) {
      isEmpty &&= piece.length === 0
      await writer.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength))
    }
    if (isEmpty) throw new Refusal('invalid_request', { why: 'The body is empty: the mail itself belongs there.' })
    return await writer.finish()
  } catch (error) {
    await writer.discard()
    throw error
  }
}
