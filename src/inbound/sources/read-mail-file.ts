import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { MAX_MAIL_BYTES } from '../mail-size.ts'

const HEAD_BYTES = 256 * 1024

/** A file as a mail: of one that is larger than may be, the beginning. A link is refused: where it leads may be anybody's. */
export async function readMailFile(path: string | Buffer): Promise<{ readonly content: Buffer; readonly isCut: boolean }> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const { size } = await handle.stat()
    const isCut = size > MAX_MAIL_BYTES
    const bytes = Buffer.alloc(isCut ? HEAD_BYTES : size)
    let read = 0
    while (read < bytes.length) {
      const { bytesRead } = await handle.read(bytes, read, bytes.length - read, read)
      if (bytesRead === 0) break
      read += bytesRead
    }
    return { content: bytes.subarray(0, read), isCut }
  } finally {
    await handle.close()
  }
}
