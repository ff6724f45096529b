import { isAscii } from 'node:buffer'
import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Db, Tx } from '../db/database.ts'
import { Refusal } from '../errors.ts'
import { insertBlobs, selectContents } from './queries.ts'

/** Up to here the bytes live in the row, in the same commit as what refers to them. */
export const INLINE_BYTES = 256 * 1024

/** Bytes on their way into the store: already on disk if they are large, not yet in the database. */
export interface StagedBlob {
  readonly workspaceId: string
  readonly hash: Buffer
  readonly sizeBytes: number
  /** At most one of these three: the text of a small ASCII content, the bytes of another small one, the file of a large one. */
  readonly ascii: string | null
  readonly bytes: Buffer | null
  readonly location: string | null
}

export interface BlobStore {
  /** Before the transaction: a large content is written to its file, synced and renamed, so that no row can point to a missing file. */
  stage(workspaceId: string, bytes: Buffer): Promise<StagedBlob>
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
      if (bytes.length <= INLINE_BYTES && !bytes.includes(0))
        return isAscii(bytes) ? { ...blob, ascii: bytes.toString('latin1') } : { ...blob, bytes }
      const hex = hash.toString('hex')
      const location = join(workspaceId, hex.slice(0, 2), hex.slice(2))
      await writeDurably(join(folder, location), bytes)
      return { ...blob, location }
    },
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

/** The disk, or a share of it, is full, or was mounted anew without the right to write. A person has to make room. */
const NO_ROOM: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EROFS']
const NO_ROOM_WAIT_SECONDS = 60

/** A reader sees the whole file or none; after a power cut too, since the folders that name it are synced as well. */
async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const temporary = `${path}.${process.pid}.${performance.now()}.tmp`
  try {
    const firstNew = await mkdir(dirname(path), { recursive: true })
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
    // Folders that were made for it are named by those above them.
    for (let made = dirname(path); firstNew && made.length >= firstNew.length; made = dirname(made))
      await syncFolder(dirname(made))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    if (NO_ROOM.includes((error as NodeJS.ErrnoException).code))
      throw new Refusal('storage_full', { retryAfterSeconds: NO_ROOM_WAIT_SECONDS })
    throw error
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
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
