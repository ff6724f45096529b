import { setTimeout as sleep } from 'node:timers/promises'
import { MINUTE } from '../../lib/clock.ts'
import { makeDataFolder } from '../data-folder.ts'
import { findBinaries } from './binaries.ts'
import { configure, initialise, makeDatabase, ownerConnection } from './cluster.ts'
import { findHome } from './home.ts'
import { AlreadyRunning, lockFolder, lockOwner, type Owner } from './lock.ts'
import { endOrphan } from './orphan.ts'
import { serverLogPath, startPostmaster } from './postmaster.ts'
import { chooseReach } from './reach.ts'
import { rotateServerLog } from './server-log.ts'
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, Supervisor } from './supervisor.ts'

const STARTING_CHECK_MS = 50
const STARTING_CHECKS = MINUTE / STARTING_CHECK_MS

/** Starts a PostgreSQL of our own in the data folder and keeps it running until `stop`. One process at a time may do so on one folder. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = await makeDataFolder(options.dataDir)
  const lock = await lockFolder(dataDir)
  try {
    const home = await findHome(dataDir, options.progress)
    const binaries = await findBinaries(home, options.progress)
    const reach = await chooseReach(home, options.transport ?? (process.platform === 'win32' ? 'tcp' : 'socket'))
    const tookOver = await endOrphan(home, options.progress)
    await initialise(home, binaries, reach, options.progress)
    await configure(home, reach, options.durable ?? true)
    await rotateServerLog(serverLogPath(home))
    const postmaster = await startPostmaster(home, binaries, options.progress)
    try {
      await makeDatabase(reach)
      await lock.publish(ownerConnection(reach))
    } catch (error) {
      await postmaster.stop()
      throw error
    }
    return new Supervisor({ options, home, binaries, lock, connection: ownerConnection(reach), tookOver }, postmaster)
  } catch (error) {
    await lock.release()
    throw error
  }
}

/**
 * For commands beside a running server: uses the folder's database if a Waybill serves it already (and then stops nothing), starts it
 * for the time of the command otherwise.
 */
export async function useEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<Pick<EmbeddedPostgres, 'connection' | 'stop'>> {
  try {
    return await startEmbeddedPostgres(options)
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) throw error
    const owner = await readyOwner(await makeDataFolder(options.dataDir))
    if (!owner) return startEmbeddedPostgres(options)
    if (!owner.connection) throw error
    return { connection: owner.connection, stop: async () => {} }
  }
}

/** The folder's owner; if it is just starting itself, once its database is up. */
async function readyOwner(dataDir: string): Promise<Owner | null> {
  for (let attempt = 0; ; attempt++) {
    const owner = await lockOwner(dataDir)
    if (owner === null || owner.connection !== null || attempt === STARTING_CHECKS) return owner
    await sleep(STARTING_CHECK_MS)
  }
}
