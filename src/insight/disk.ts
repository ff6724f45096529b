import { statfs } from 'node:fs/promises'

export interface DiskSpace {
  readonly freeBytes: number
  readonly totalBytes: number
}

/** The space on the disk that holds a folder, for a process without special rights; null where the system does not tell. */
export async function diskSpaceOf(folder: string): Promise<DiskSpace | null> {
  const found = await statfs(folder).catch(() => null)
  if (!found || found.blocks === 0) return null
  return { freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize }
}

const LITTLE_BYTES = 1024 ** 3
const LITTLE_SHARE = 0.05
const NONE_BYTES = 128 * 1024 ** 2

/** Less than a gigabyte and less than a twentieth: a large disk with 4 % free is not nearly full, a small one with 900 MB of 10 GB is not either. */
export function isNearlyFull({ freeBytes, totalBytes }: DiskSpace): boolean {
  return freeBytes < NONE_BYTES || (freeBytes < LITTLE_BYTES && freeBytes < totalBytes * LITTLE_SHARE)
}
