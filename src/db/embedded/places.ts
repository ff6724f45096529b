import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Explained } from '../../lib/explained.ts'
import type { Progress } from '../../lib/progress.ts'
import { writeDurably } from '../data-folder.ts'
import { type Account, canEnter } from './account.ts'

/** What is kept beside the data when something had to be put elsewhere. */
export interface Places {
  readonly home?: string
  readonly sockets?: string
}

const PLACES_FILE = 'database.json'
const OWNER_FILE = 'owner.json'
/** Where databases go whose data folder only root can enter. */
const SHARED_PARENT = '/var/lib/waybill'

/** A folder of its own under /var/lib/waybill, made by root and writable by nobody else, that names the data folder it belongs to. */
export async function placeElsewhere(dataDir: string, account: Account, progress: Progress): Promise<string> {
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
export async function confirmOwnership(home: string, dataDir: string): Promise<void> {
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

export async function readPlaces(dataDir: string): Promise<Places> {
  return (await readJson<Places>(join(dataDir, PLACES_FILE))) ?? {}
}

export async function writePlaces(dataDir: string, places: Places): Promise<void> {
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
