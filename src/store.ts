import { join } from 'node:path'
import { type BlobStore, createBlobStore } from './blobs/blob-store.ts'
import type { Config } from './config.ts'
import { followDatabaseClock } from './db/clock.ts'
import type { ConnectionParts } from './db/connection.ts'
import { keptSecret, makeDataFolder } from './db/data-folder.ts'
import { type Database, openDatabase } from './db/database.ts'
import { startEmbeddedPostgres, useEmbeddedPostgres } from './db/embedded/start.ts'
import { migrate } from './db/migrate.ts'
import { createNotifier, type Notifier } from './db/notify.ts'
import { assertReachable } from './db/reachable.ts'
import type { Clock } from './lib/clock.ts'
import type { Progress } from './lib/progress.ts'
import { createSecrets, type Secrets } from './lib/secrets.ts'
import { inTime } from './lib/wait.ts'
import type { Log } from './log.ts'

/** Everything that stands on the data folder and the database: what every command needs, the server included. */
export interface Store {
  readonly database: Database
  readonly clock: Clock
  readonly secrets: Secrets
  readonly blobs: BlobStore
  readonly notifier: Notifier
  /** How the database was reached, for people. */
  readonly where: string
  close(): Promise<void>
}

export interface StoreOptions {
  /** `serve`: we run the database of this data folder. `beside`: use it if a server runs it already. */
  readonly as: 'serve' | 'beside'
  readonly log: Log
  readonly progress: Progress
  readonly maxConnections?: number
  /** What the time of day is, by the database's; absent: the same. For tests, which let days pass. */
  readonly clockBy?: (database: Clock) => Clock
}

const MAX_CONNECTIONS = 20
const CLOSE_MS = 2_000

/** A database that is reached, in whatever state it is. */
export interface Reached {
  readonly database: Database
  readonly connection: ConnectionParts | { readonly connectionString: string }
  readonly dataDir: string
  /** How it was reached, for people. */
  readonly where: string
  close(): Promise<void>
}

/** Reaches the database, starting our own if none is configured, and changes nothing in it. */
export async function reachDatabase(
  config: Pick<Config, 'dataDir' | 'databaseUrl'>,
  { as, log, progress, maxConnections = MAX_CONNECTIONS }: StoreOptions,
): Promise<Reached> {
  const dataDir = await makeDataFolder(config.dataDir)
  const { databaseUrl } = config
  const start = as === 'serve' ? startEmbeddedPostgres : useEmbeddedPostgres
  const server = databaseUrl === null ? await start({ dataDir, log, progress }) : null
  const connection = server ? server.connection : { connectionString: databaseUrl as string }
  const database = openDatabase({ connection, maxConnections, applicationName: 'waybill' })
  const close = async () => {
    // A statement that takes longer ends with the server; if that is not ours, with this process.
    await inTime(database.close(), CLOSE_MS)
    await server?.stop()
  }
  try {
    if (!server) await assertReachable(database.pool)
  } catch (error) {
    await close()
    throw error
  }
  return {
    database,
    connection,
    dataDir,
    where: server ? `its own PostgreSQL in ${dataDir}` : 'the PostgreSQL of DATABASE_URL',
    close,
  }
}

/** Reaches the database, brings it forward, and opens what is kept beside it. */
export async function openStore(
  config: Pick<Config, 'dataDir' | 'databaseUrl' | 'secret'>,
  options: StoreOptions,
): Promise<Store> {
  const reached = await reachDatabase(config, options)
  const { database, connection, dataDir, where } = reached
  try {
    await migrate(database.pool, { progress: options.progress })
    const { clock, stop } = await followDatabaseClock(database.db)
    const { clockBy = (same) => same } = options
    const notifier = createNotifier(connection, database.pool)
    return {
      database,
      clock: clockBy(clock),
      notifier,
      where,
      secrets: createSecrets(config.secret ?? (await keptSecret(dataDir))),
      blobs: createBlobStore(blobFolder(dataDir)),
      async close() {
        stop()
        await notifier.close()
        await reached.close()
      },
    }
  } catch (error) {
    await reached.close()
    throw error
  }
}

/** Where contents too large for the database are, in the data folder. */
export function blobFolder(dataDir: string): string {
  return join(dataDir, 'blobs')
}
