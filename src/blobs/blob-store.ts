import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Db, Tx } from '../db/database.ts'
import { BlobWriter } from './blob-writer.ts'
import { writeDurably } from './durable-file.ts'
import { insertBlobs, selectContents } from './queries.ts'
import { fitsRow, inRow, locationOf, type StagedBlob } from './staged-blob.ts'

export { INLINE_BYTES, type StagedBlob } from './staged-blob.ts'

export interface BlobStore {
  /** Before the transaction: a large content is written to its file, synced and renamed, so that no row can point to a missing file. */
  stage(workspaceId: string, bytes: Buffer): Promise<StagedBlob>
  /** The same for bytes that come piece by piece: a large content never stands in memory as a whole. */
  write(workspaceId: string): BlobWriter
  /** In the transaction of whatever refers to them. */
  put(tx: Tx, blobs: readonly StagedBlob[], now: Date): Promise<void>
  /** Contents by hash (hexadecimal), as Latin-1 text. A hash that is missing in the answer has no bytes any more, or damaged ones. */
  read(db: Db | Tx, workspaceId: string, hashes: readonly string[]): Promise<Map<string, string>>
  readonly folder: string
}

/** Blobs in PostgreSQL and, above 256 KiB, in files below `folder` (content-addressed: ws/ab/cdef…). */
export function createBlobStore(folder: string): BlobStore {
  return {
    folder,
    async stage(workspaceId, bytes) {
      const hash = createHash('sha256').update(bytes).digest()
      const blob = { workspaceId, hash, sizeBytes: bytes.length, ascii: null, bytes: null, location: null }
      if (fitsRow(bytes)) return { ...blob, ...inRow(bytes) }
      const location = locationOf(workspaceId, hash)
      await writeDurably(join(folder, location), bytes)
      return { ...blob, location }
    },
    write: (workspaceId) => new BlobWriter(folder, workspaceId),
    put: (tx, blobs, now) => insertBlobs(tx, blobs, now),
    async read(db, workspaceId, hashes) {
      const contents = new Map<string, string>()
      for (const stored of await selectContents(db, workspaceId, hashes)) {
        const content = stored.location === null ? stored.content : await readWhole(join(folder, stored.location), stored.hash)
        if (content !== null) contents.set(stored.hash, content)
      }
      return contents
    },
  }
}

/** What a moment's shortage on this machine looks like: it says nothing about the file. */
const SHORTAGES: readonly unknown[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']

/** Null when the file is gone, cannot be read or is not what was written: half a message must not be sent, and must not stop the others. */
async function readWhole(path: string, hash: string): Promise<string | null> {
  try {
    const bytes = await readFile(path)
    return createHash('sha256').update(bytes).digest('hex') === hash ? bytes.toString('latin1') : null
  } catch (error) {
    if (SHORTAGES.includes((error as NodeJS.ErrnoException).code)) throw error
    return null
  }
}
