import { lstat, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Explained } from '../../lib/explained.ts'
import type { Progress } from '../../lib/progress.ts'
import { isRoot, makeFolder } from '../data-folder.ts'
import { type Account, canEnter, databaseAccount } from './account.ts'
import { confirmOwnership, type Places, placeElsewhere, readPlaces, writePlaces } from './places.ts'
import { socketPlace } from './socket-place.ts'

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

/** Finds, or makes, the place of the folder's database. The caller holds the folder's lock. */
export async function findHome(dataDir: string, progress: Progress): Promise<Home> {
  const places = await readPlaces(dataDir)
  const dir = places.home ?? join(dataDir, 'postgres')
  const account = isRoot() ? await databaseAccount(join(dir, 'data')) : null
  const home = await placeOf(dataDir, dir, places, account, progress)
  await refuseForeignOwner(join(home, 'data'), account)
  const socketDir = await socketPlace(home, places.sockets, account)
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

/** Removes what an interrupted start left behind. */
export async function sweepHome(home: Home, prefix: string, keep: string | null = null): Promise<void> {
  for (const name of await readdir(home.dir)) {
    if (name.startsWith(prefix) && name !== keep) await rm(join(home.dir, name), { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null
}
