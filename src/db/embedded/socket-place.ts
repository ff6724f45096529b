import { chown, lstat, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Explained } from '../../lib/explained.ts'
import { makeFolder } from '../data-folder.ts'
import { type Account, canEnter } from './account.ts'
import type { Home } from './home.ts'

/** A socket's path is limited to 108 bytes on Linux and 104 on macOS, the closing NUL included. */
const SOCKET_PATH_LIMIT = 103
const SOCKET_NAME = '/.s.PGSQL.5432'

/** A private folder for the socket: in the home, or, where that path is too long for a socket, a short one for temporary files. */
export async function socketPlace(home: string, kept: string | undefined, account: Account | null): Promise<string> {
  const own = join(home, 'socket')
  if (Buffer.byteLength(own + SOCKET_NAME) <= SOCKET_PATH_LIMIT) {
    await makeFolder(own, 0o700)
    if (account) await chown(own, account.uid, account.gid)
    return own
  }
  if (kept && (await isPrivate(kept, account))) return kept
  for (const parent of [tmpdir(), '/tmp']) {
    if (Buffer.byteLength(join(parent, 'waybill-XXXXXX') + SOCKET_NAME) > SOCKET_PATH_LIMIT) continue
    const made = await mkdtemp(join(parent, 'waybill-')).catch(() => null)
    if (!made) continue
    if (account) await chown(made, account.uid, account.gid)
    if (!account || (await canEnter(made, account))) return made
    await rm(made, { recursive: true })
  }
  throw new Explained(
    `No folder for the database's socket could be made: ${home} is too long a path, and there is no other place.`,
  )
}

/** Leaves nothing in the folder for temporary files while nothing runs. After a kill it stays, is found again, and goes next time. */
export async function removeBorrowedPlace(home: Home): Promise<void> {
  if (home.socketDir !== join(home.dir, 'socket')) await rm(home.socketDir, { recursive: true, force: true })
}

/** In a folder everybody may write to, a name alone proves nothing: it must still be a folder, ours, and closed to others. */
async function isPrivate(path: string, account: Account | null): Promise<boolean> {
  const found = await lstat(path).catch(() => null)
  return found?.isDirectory() === true && found.uid === (account?.uid ?? process.getuid?.()) && (found.mode & 0o077) === 0
}
