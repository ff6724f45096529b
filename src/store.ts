import { join } from 'node:path'
import { type BlobStore, createBlobStore } from './blobs/blob-store.ts'
import type { Config } from './config.ts'
import { followDatabaseClock } from './db/clock.ts'
import { keptSecret, makeDataFolder } from './db/data-folder.ts'
import { type Database, openDatabase } from './db/database.ts'
import { startEmbeddedPostgres, useEmbeddedPostgres } from './db/embedded/start.ts'
import { migrate } from './db/migrate.ts'
import { createNotifier, type Notifier } from './db/notify.ts'
import { assertReachable } from './db/reachable.ts'
import type { Clock } from './lib/clock.ts'
import type { Progress } from './lib/progress.ts'
import { createSecrets, type Secrets } from './lib/secrets.ts'
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
}

const MAX_CONNECTIONS = 20

/** Opens the database (starting our own if none is configured), brings it forward, and opens what is kept beside it. */
export async function openStore(
  config: Pick<Config, 'dataDir' | 'databaseUrl' | 'secret'>,
  { as, log, progress, maxConnections = MAX_CONNECTIONS }: StoreOptions,
): Promise<Store> {
  const dataDir = await makeDataFolder(config.dataDir)
  const server =
    config.databaseUrl === null
      ? await (as === 'serve' ? startEmbeddedPostgres : useEmbeddedPostgres)({ dataDir, log, progress })
      : null
  const connection = server ? server.connection : { connectionString: config.databaseUrl as string }
  const database = openDatabase({ connection, maxConnections, applicationName: 'waybill' })
  try {
    if (!server) await assertReachable(database.pool)
    await migrate(database.pool, { progress })
    const { clock, stop } = await followDatabaseClock(database.db)
    const notifier = createNotifier(connection, database.pool)
    return {
      database,
      clock,
      notifier,
      secrets: createSecrets(config.secret ?? (await keptSecret(dataDir))),
      blobs: createBlobStore(join(dataDir, 'blobs')),
      where: server ? `its own PostgreSQL in ${dataDir}` : 'the PostgreSQL of DATABASE_URL',
      async close() {
        stop()
        await notifier.close()
        await database.close()
        await server?.stop()
      },
    }
  } catch (error) {
    await database.close()
    await server?.stop()
    throw error
  }
}
