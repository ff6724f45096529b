/** Files on their way to being sent. */
import type { BlobStore, StagedBlob } from '../../blobs/blob-store.ts'
import type { Database, Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import { inChunks } from '../../jobs/in-chunks.ts'
import type { PeriodicJob } from '../../jobs/periodic.ts'
import { DAY, HOUR } from '../../lib/clock.ts'
import { newId, type UserId, type WorkspaceId } from '../../lib/ids.ts'
import { safeFilename } from '../../mail/safe-filename.ts'
import { MAX_UPLOAD_BYTES, type Upload, type UploadId } from './draft.ts'
import { deleteForgottenUploads, insertUpload } from './queries.ts'

export { selectUploads as uploadsOf } from './queries.ts'

/** Before the transaction: a large file is on disk before any row names it. */
export async function stageUpload(blobs: BlobStore, workspaceId: WorkspaceId, bytes: Buffer): Promise<StagedBlob> {
  if (bytes.length > MAX_UPLOAD_BYTES) throw new Refusal('body_too_large', { limit: MAX_UPLOAD_BYTES })
  return await blobs.stage(workspaceId, bytes)
}

export async function keepUpload(
  tx: Tx,
  blobs: BlobStore,
  staged: StagedBlob,
  { filename, contentType, userId }: { readonly filename: string; readonly contentType: string; readonly userId: UserId | null },
  now: Date,
): Promise<Upload> {
  const upload: Upload = {
    id: newId<UploadId>(now.getTime()),
    filename: safeFilename(filename),
    contentType: TYPE.test(contentType) ? contentType.toLowerCase() : 'application/octet-stream',
    sizeBytes: staged.sizeBytes,
    hash: staged.hash.toString('hex'),
  }
  await blobs.put(tx, [staged], now)
  await insertUpload(tx, staged.workspaceId as WorkspaceId, upload, userId, now)
  return upload
}

const TYPE = /^[a-z0-9!#$&^_.+-]{1,60}\/[a-z0-9!#$&^_.+-]{1,100}$/i

/** Long enough for a letter that is left over a holiday and sent from its last copy. */
const FORGOTTEN_AFTER_MS = 30 * DAY
const CHUNK = 500

export function uploadJobs(database: Database): PeriodicJob[] {
  return [
    {
      name: 'helpdesk.forget_uploads',
      everyMs: 6 * HOUR,
      run: (now) =>
        inChunks(database, CHUNK, (tx) => deleteForgottenUploads(tx, new Date(now.getTime() - FORGOTTEN_AFTER_MS), CHUNK)),
    },
  ]
}
