import { copyFile, open, stat, truncate } from 'node:fs/promises'

/** One file of this size and the one before it are kept. */
const LIMIT_BYTES = 10 * 1024 * 1024
const TAIL_BYTES = 4096

/**
 * PostgreSQL's own log. It writes to the file itself, so that it goes on when Waybill is killed, and in append mode, so that the file
 * can be emptied under it.
 */
export async function openServerLog(path: string): Promise<{ fd: number; startsAt: number; close(): Promise<void> }> {
  const file = await open(path, 'a', 0o600)
  const { size } = await file.stat()
  return { fd: file.fd, startsAt: size, close: () => file.close() }
}

/** Moves what is there to `<path>.1` once it is large. */
export async function rotateServerLog(path: string, limitBytes = LIMIT_BYTES): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (!found || found.size < limitBytes) return
  await copyFile(path, `${path}.1`)
  await truncate(path)
}

/** The last lines written since the given place, for people. */
export async function lastLinesSince(path: string, startsAt: number, count = 8): Promise<string> {
  const file = await open(path, 'r').catch(() => null)
  if (!file) return ''
  try {
    const { size } = await file.stat()
    const from = Math.max(size - TAIL_BYTES, Math.min(startsAt, size))
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, from)
    return buffer.subarray(0, bytesRead).toString().trimEnd().split('\n').slice(-count).join('\n')
  } finally {
    await file.close()
  }
}
