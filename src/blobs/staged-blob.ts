import { isAscii } from 'node:buffer'
import { join } from 'node:path'

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

/** NUL cannot stand in a text of PostgreSQL. */
export function fitsRow(bytes: Buffer): boolean {
  return bytes.length <= INLINE_BYTES && !bytes.includes(0)
}

export function inRow(bytes: Buffer): Pick<StagedBlob, 'ascii' | 'bytes'> {
  return isAscii(bytes) ? { ascii: bytes.toString('latin1'), bytes: null } : { ascii: null, bytes }
}

/** Below the folder of all blobs: ws/ab/cdef… */
export function locationOf(workspaceId: string, hash: Buffer): string {
  const hex = hash.toString('hex')
  return join(workspaceId, hex.slice(0, 2), hex.slice(2))
}
