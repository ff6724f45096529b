import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Refusal } from '../errors.ts'

/** The disk, or a share of it, is full, or was mounted anew without the right to write. A person has to make room. */
const NO_ROOM: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EROFS']
const NO_ROOM_WAIT_SECONDS = 60

/** A file on its way: nobody sees it before it is whole and has its name. */
export interface NewFile {
  write(bytes: Buffer): Promise<void>
  /** Synced, closed, and under its name; after a power cut too, since the folders that name it are synced as well. */
  place(path: string): Promise<void>
  /** As if it had never been. */
  discard(): Promise<void>
}

/** A new file in `folder`, which is made where it is missing. Its name is the process's own until it is placed. */
export async function newFile(folder: string): Promise<NewFile> {
  const temporary = join(folder, `.${process.pid}.${performance.now()}.tmp`)
  const { firstNew, file } = await explained(async () => {
    const firstNew = await mkdir(folder, { recursive: true })
    return { firstNew, file: await open(temporary, 'wx', 0o600) }
  })
  const discard = async () => {
    await file.close().catch(() => {})
    await rm(temporary, { force: true }).catch(() => {})
  }
  const orDiscard = <T>(work: () => Promise<T>) =>
    explained(work).catch(async (error: unknown) => {
      await discard()
      throw error
    })
  return {
    write: (bytes) => orDiscard(() => file.writeFile(bytes)),
    place: (path) =>
      orDiscard(async () => {
        await file.sync()
        await file.close()
        const made = await mkdir(dirname(path), { recursive: true })
        const top = firstNew ?? made
        await rename(temporary, path)
        await syncFolder(dirname(path))
        // Folders that were made for it are named by those above them.
        for (let at = dirname(path); top && at.length >= top.length; at = dirname(at)) await syncFolder(dirname(at))
      }),
    discard,
  }
}

/** A reader sees the whole file or none. */
export async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await newFile(dirname(path))
  await file.write(bytes)
  await file.place(path)
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
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
