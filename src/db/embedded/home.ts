import { randomBytes } from 'node:crypto'
import { chmod, chown, lstat, mkdir, mkdtemp, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { Explained } from '../../lib/explained.ts'
import type { Progress } from '../../lib/progress.ts'
import { type Account, canEnter, databaseAccount } from './account.ts'

/** Where one data folder's database lives, and as whom it runs. */
export interface Home {
  /** Waybill's own data folder. */
  readonly dataDir: string
  /** The folder that holds everything PostgreSQL itself must reach. */
  readonly dir: string
  readonly pgdata: string
  readonly socketDir: string
  /** Whom PostgreSQL runs as when Waybill is root, which PostgreSQL refuses to be; null when it runs as ourselves. */
  readonly account: Account | null
}

/** What is kept beside the data when something had to be put elsewhere. */
interface Places {
  readonly home?: string
  readonly sockets?: string
}

const PLACES_FILE = 'database.json'
const OWNER_FILE = 'owner.json'
/** Where databases go whose data folder only root can enter. */
const SHARED_PARENT = '/var/lib/waybill'
/** A socket's path is limited to 108 bytes on Linux and 104 on macOS, the closing NUL included. */
const SOCKET_PATH_LIMIT = 103
const SOCKET_NAME = '/.s.PGSQL.5432'

/**
 * Makes the data folder. As root it may be entered by others, though not listed: PostgreSQL runs as another user and has to pass
 * through. What is secret in it has its own 0600.
 */
export async function makeDataDir(dataDir: string): Promise<string> {
  try {
    const made = await mkdir(dataDir, { recursive: true, mode: isRoot() ? 0o711 : 0o700 })
    if (made && isRoot()) await chmod(dataDir, 0o711)
    return await realpath(dataDir)
  } catch (error) {
    const reason = (error as Error).message
    throw new Explained(`The data folder ${dataDir} cannot be made: ${reason}. Choose another one with WAYBILL_DATA_DIR.`)
  }
}

/** Finds, or makes, the place of the folder's database. The caller holds the folder's lock. */
export async function findHome(dataDir: string, progress: Progress): Promise<Home> {
  const places = await readPlaces(dataDir)
  const dir = places.home ?? join(dataDir, 'postgres')
  const account = isRoot() ? await databaseAccount(join(dir, 'data')) : null
  const home = await placeOf(dataDir, dir, places, account, progress)
  await refuseForeignOwner(join(home, 'data'), account)
  const socketDir = await socketPlace(dataDir, home, places, account)
  if (home !== join(dataDir, 'postgres') || socketDir !== join(home, 'socket')) {
    await writePlaces(dataDir, {
      ...(home === join(dataDir, 'postgres') ? {} : { home }),
      ...(socketDir === join(home, 'socket') ? {} : { sockets: socketDir }),
    })
  }
  return { dataDir, dir: home, pgdata: join(home, 'data'), socketDir, account }
}

async function placeOf(
  dataDir: string,
  dir: string,
  places: Places,
  account: Account | null,
  progress: Progress,
): Promise<string> {
  if (places.home) {
    await confirmOwnership(places.home, dataDir)
    return places.home
  }
  await makeFolder(dir, account ? 0o711 : 0o700)
  if (!account || (await canEnter(dir, account))) return dir
  // A database that is already here stays here, and the person is told what is in its way.
  if (await exists(join(dir, 'data'))) {
    throw new Explained(
      `The database in ${dir} belongs to the user ${account.name}, who cannot enter that folder. ` +
        `Give every folder above it the x permission for others, or move the data folder.`,
    )
  }
  await rm(dir, { recursive: true })
  return placeElsewhere(dataDir, account, progress)
}

/** A folder of its own under /var/lib/waybill, made by root and writable by nobody else, that names the data folder it belongs to. */
async function placeElsewhere(dataDir: string, account: Account, progress: Progress): Promise<string> {
  const home = join(SHARED_PARENT, `${basename(dirname(dataDir)).replace(/[^\w.-]/g, '_')}-${randomBytes(4).toString('hex')}`)
  try {
    await mkdir(SHARED_PARENT, { recursive: true, mode: 0o755 })
    await mkdir(home, { mode: 0o711 })
    await chmod(home, 0o711)
  } catch (error) {
    throw new Explained(
      `PostgreSQL may not run as root, and the user it runs as (${account.name}) can neither enter ${dataDir} nor be given ${home} ` +
        `(${(error as Error).message}). Set WAYBILL_DATA_DIR to a folder every user may enter, or DATABASE_URL to a PostgreSQL of yours.`,
    )
  }
  if (!(await canEnter(home, account)))
    throw new Explained(`The user ${account.name} cannot enter ${home}. Set WAYBILL_DATA_DIR or DATABASE_URL.`)
  await writeDurably(join(home, OWNER_FILE), JSON.stringify({ dataDir }))
  await writePlaces(dataDir, { home })
  progress(`The database's files are kept in ${home}: its user (${account.name}) cannot enter ${dataDir}.`)
  return home
}

/** A data folder that was copied still names the original's database; two Waybills on one database is what must never be. */
async function confirmOwnership(home: string, dataDir: string): Promise<void> {
  const named = await readJson<{ dataDir?: string }>(join(home, OWNER_FILE))
  if (!named) {
    throw new Explained(
      `${join(dataDir, PLACES_FILE)} says the database is in ${home}, but it is not there. Restore that folder from a backup, ` +
        `or remove ${PLACES_FILE} to begin with an empty database.`,
    )
  }
  if (named.dataDir === dataDir) return
  if ((await readPlaces(named.dataDir ?? '')).home === home) {
    throw new Explained(
      `The database in ${home} belongs to the data folder ${named.dataDir}, of which ${dataDir} is a copy. ` +
        `Remove ${join(dataDir, PLACES_FILE)} to begin with an empty database here.`,
    )
  }
  await writeDurably(join(home, OWNER_FILE), JSON.stringify({ dataDir }))
}

async function refuseForeignOwner(pgdata: string, account: Account | null): Promise<void> {
  const found = await stat(pgdata).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new Explained(
      `The database in ${pgdata} cannot be reached: ${error.message}. It may have been made by another user, such as root.`,
    )
  })
  const uid = account?.uid ?? process.getuid?.()
  if (!found || uid === undefined || found.uid === uid) return
  throw new Explained(
    `The database in ${pgdata} belongs to the user with id ${found.uid}, and PostgreSQL would run as ${uid}. ` +
      'Start Waybill as the user that started it first, or give the folder to this one with chown -R.',
  )
}

/** A private folder for the socket: in the home, or, where that path is too long for a socket, a short one for temporary files. */
async function socketPlace(dataDir: string, home: string, places: Places, account: Account | null): Promise<string> {
  const own = join(home, 'socket')
  if (Buffer.byteLength(own + SOCKET_NAME) <= SOCKET_PATH_LIMIT) {
    await makeFolder(own, 0o700)
    if (account) await chown(own, account.uid, account.gid)
    return own
  }
  if (places.sockets && (await isPrivate(places.sockets, account))) return places.sockets
  for (const parent of [tmpdir(), '/tmp']) {
    if (Buffer.byteLength(join(parent, 'waybill-XXXXXX') + SOCKET_NAME) > SOCKET_PATH_LIMIT) continue
    const made = await mkdtemp(join(parent, 'waybill-')).catch(() => null)
    if (!made) continue
    if (account) await chown(made, account.uid, account.gid)
    if (!account || (await canEnter(made, account))) return made
    await rm(made, { recursive: true })
  }
  throw new Explained(
    `No folder for the database's socket could be made: ${dataDir} is too long a path, and there is no other place.`,
  )
}

/** In a folder everybody may write to, a name alone proves nothing: it must still be a folder, ours, and closed to others. */
async function isPrivate(path: string, account: Account | null): Promise<boolean> {
  const found = await lstat(path).catch(() => null)
  return found?.isDirectory() === true && found.uid === (account?.uid ?? process.getuid?.()) && (found.mode & 0o077) === 0
}

/** Removes what an interrupted start left behind. */
export async function sweepHome(home: Home, prefix: string, keep: string | null = null): Promise<void> {
  for (const name of await readdir(home.dir)) {
    if (name.startsWith(prefix) && name !== keep) await rm(join(home.dir, name), { recursive: true, force: true })
  }
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

async function makeFolder(path: string, mode: number): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode })
  if (made) await chmod(path, mode)
}

async function readPlaces(dataDir: string): Promise<Places> {
  return (await readJson<Places>(join(dataDir, PLACES_FILE))) ?? {}
}

async function writePlaces(dataDir: string, places: Places): Promise<void> {
  await writeDurably(join(dataDir, PLACES_FILE), `${JSON.stringify(places)}\n`)
}

async function readJson<T>(path: string): Promise<T | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return JSON.parse(text) as T
  } catch {
    throw new Explained(`${path} is damaged: it should hold one line of JSON.`)
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}
