import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { readPostmasterFile } from '../../src/db/embedded/orphan.ts'
import { runningProcess, worksIn } from '../../src/db/embedded/process.ts'
import { startEmbeddedPostgres } from '../../src/db/embedded/start.ts'
import type { EmbeddedPostgres } from '../../src/db/embedded/supervisor.ts'
import { migrate } from '../../src/db/migrate.ts'
import { copyData } from './prepared-data.ts'
import { PLACES_OF_RUNS, placeOfRuns } from './run-folder.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A socket that answers with how the run's PostgreSQL is reached, or with why there is none. */
    readonly databaseSocket: string
    /** A socket that answers with the path of a data folder whose database has every migration, to be copied. */
    readonly preparedSocket: string
    /** The run's own folder, which everybody may enter. It goes with the run. */
    readonly runFolder: string
  }
}

const TEMPLATE = 'waybill_template'
const SILENT = { info: () => {}, warn: () => {} }
const PREFIX = 'waybill-test-'

/**
 * One PostgreSQL for the whole run, with a migrated database to copy. It is started when the first test file asks, so that a run of
 * pure tests costs nothing and does not fail for a migration that is just being written.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepDeadRuns()
  const folder = await mkdtemp(join(await placeOfRuns(), `${PREFIX}${process.pid}-`))
  // PostgreSQL, which root runs as another user, must be able to enter.
  await chmod(folder, 0o711)
  let prepared: Promise<string> | null = null
  const prepareOnce = () => {
    prepared ??= prepare(join(folder, 'prepared'))
    return prepared
  }
  let started: Promise<EmbeddedPostgres> | null = null
  const start = async () => {
    const dataDir = join(folder, 'data')
    await copyData(await prepareOnce(), dataDir)
    return startWithTemplate(dataDir)
  }
  const sockets = { databaseSocket: join(folder, 'ask'), preparedSocket: join(folder, 'ask-prepared') } as const
  const servers = await Promise.all([
    answerOn(sockets.databaseSocket, async () => {
      started ??= start()
      return (await started).connection
    }),
    answerOn(sockets.preparedSocket, prepareOnce),
  ])
  project.provide('databaseSocket', sockets.databaseSocket)
  project.provide('preparedSocket', sockets.preparedSocket)
  project.provide('runFolder', folder)
  return async () => {
    for (const server of servers) server.close()
    await (await started?.catch(() => null))?.stop()
    await prepared?.catch(() => null)
    await rm(folder, { recursive: true, force: true })
  }
}

/** Two of everything that takes long the first time are made from it: an applied migration is a row, a database a folder of files. */
async function prepare(dataDir: string): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dataDir, durable: false, log: SILENT, progress: () => {} })
  const pool = new pg.Pool({ ...postgres.connection, max: 1 })
  // Its connection may still be closing when the server stops, and is told so.
  pool.on('error', () => {})
  try {
    await migrate(pool, { progress: () => {} })
  } finally {
    await pool.end()
    await postgres.stop()
  }
  return dataDir
}

/** Without fsync: these tests end no machine. Those that prove durability start a PostgreSQL of their own. */
async function startWithTemplate(dataDir: string): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDir, durable: false, log: SILENT, progress: () => {} })
  const administrator = new pg.Client({ ...postgres.connection, user: 'postgres', database: 'postgres' })
  try {
    await administrator.connect()
    await administrator.query(`alter database waybill rename to ${TEMPLATE}`)
    await administrator.query(`alter database ${TEMPLATE} with is_template true allow_connections false`)
    await administrator.query(`alter system set max_wal_size = '256MB'`)
    await administrator.query('select pg_reload_conf()')
    return postgres
  } catch (error) {
    await postgres.stop()
    throw error
  } finally {
    await administrator.end()
  }
}

function answerOn(path: string, answer: () => Promise<unknown>): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    answer().then(
      (given) => socket.end(JSON.stringify({ given })),
      (error: Error) => socket.end(JSON.stringify({ error: error.message })),
    )
  })
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(path, () => resolve(server))
  })
}

/** Removes what runs left behind that were killed: their folders, and their databases, which outlive them. */
async function sweepDeadRuns(): Promise<void> {
  for (const place of PLACES_OF_RUNS) {
    for (const name of await readdir(place).catch(() => [])) {
      const folder = join(place, name)
      if (name.startsWith(PREFIX) && (await isDead(name, folder))) await sweep(folder)
    }
  }
}

async function sweep(folder: string): Promise<void> {
  const within = (await readdir(folder).catch(() => [])).map((name) => join(folder, name))
  for (const home of [folder, ...within]) {
    const pgdata = join(home, 'data', 'postgres', 'data')
    const left = await readPostmasterFile(pgdata)
    if (left && (await worksIn(left.pid, pgdata))) process.kill(left.pid, 'SIGQUIT')
  }
  await rm(folder, { recursive: true, force: true }).catch(() => {})
}

/** The name says whose it is; of a name that does not, an hour is enough. */
async function isDead(name: string, folder: string): Promise<boolean> {
  const [, pid] = /^waybill-test-(\d+)-/.exec(name) ?? []
  if (pid && (await runningProcess(Number(pid)))) return false
  const found = await stat(folder).catch(() => null)
  return found !== null && Date.now() - found.mtimeMs > (pid ? 1 : 60) * 60_000
}
