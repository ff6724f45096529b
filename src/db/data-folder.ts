import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readdir, readFile, realpath, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Explained } from '../lib/explained.ts'

const SECRET_FILE = 'secret'

/** PostgreSQL, and only it, asks who we are: it refuses to run as root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/**
 * Makes the data folder and answers its real path. As root it may be entered by others, though not listed: PostgreSQL runs as another
 * user and has to pass through. What is secret in it has its own 0600.
 */
export async function makeDataFolder(path: string): Promise<string> {
  try {
    await makeFolder(path, isRoot() ? 0o711 : 0o700)
    // An empty folder that root made for this (mkdtemp, a fresh volume) is opened as ours would be; one with something in it is left alone.
    if (isRoot() && (await isClosedAndEmpty(path))) await chmod(path, 0o711)
    return await realpath(path)
  } catch (error) {
    const reason = (error as Error).message
    throw new Explained(`The data folder ${path} cannot be made: ${reason}. Choose another one with WAYBILL_DATA_DIR.`)
  }
}

async function isClosedAndEmpty(path: string): Promise<boolean> {
  const { uid, mode } = await stat(path)
  return uid === 0 && (mode & 0o777) === 0o700 && (await readdir(path)).length === 0
}

/** The secret that seals passwords at rest: made once, kept in the data folder for its owner alone. */
export async function keptSecret(dataDir: string): Promise<string> {
  const path = join(await makeDataFolder(dataDir), SECRET_FILE)
  const kept = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new Explained(`The secret in ${path} cannot be read: ${error.message}. Without it stored passwords cannot be opened.`)
  })
  if (kept !== null) {
    if (kept.trim().length < 32)
      throw new Explained(`The secret in ${path} is damaged. Restore it from a backup, or set WAYBILL_SECRET.`)
    return kept.trim()
  }
  const made = randomBytes(32).toString('base64url')
  await writeDurably(path, `${made}\n`)
  return made
}

/** Makes a folder with exactly these permissions, whatever the umask; one that is there is left as it is. */
export async function makeFolder(path: string, mode: number): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode })
  if (made && process.platform !== 'win32') await chmod(path, mode)
}

/** Writes so that after a power cut the file holds either the old text or the new. */
export async function writeDurably(path: string, text: string, mode = 0o600): Promise<void> {
  const next = `${path}.new`
  const file = await open(next, 'w', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(next, path)
}
