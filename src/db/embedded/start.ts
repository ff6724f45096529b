import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MINUTE, SECOND } from '../../lib/clock.ts'
import { Explained } from '../../lib/explained.ts'
import type { Progress } from '../../lib/progress.ts'
import type { ConnectionParts } from '../connection.ts'
import { makeDataFolder, writeDurably } from '../data-folder.ts'
import { type Binaries, findBinaries } from './binaries.ts'
import { configure, initialise, makeDatabase, ownerConnection } from './cluster.ts'
import type { Reach } from './configuration.ts'
import { findHome, type Home } from './home.ts'
import { AlreadyRunning, type FolderLock, lockFolder, lockOwner, type Owner } from './lock.ts'
import { endOrphan } from './orphan.ts'
import { type Postmaster, serverLogPath, startPostmaster } from './postmaster.ts'
import { rotateServerLog } from './server-log.ts'

/** What the supervisor reports into: pino's logger fits. */
export interface SupervisorLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

export interface EmbeddedPostgresOptions {
  readonly dataDir: string
  readonly log: SupervisorLog
  readonly progress: Progress
  /** Off only for tests that never cut the power: commits then return before they are on disk. */
  readonly durable?: boolean
  /** By a socket in a private folder; by TCP with a password where the system has no such sockets. */
  readonly transport?: 'socket' | 'tcp'
}

export interface EmbeddedPostgres {
  readonly connection: ConnectionParts
  /** The process that runs now; another one after a restart. */
  readonly pid: number
  /** An earlier Waybill was killed and its PostgreSQL, still running, had to be stopped first. */
  readonly tookOver: boolean
  stop(): Promise<void>
}

const PORT = 5432
const FIRST_RESTART_DELAY_MS = 100
const LAST_RESTART_DELAY_MS = 10 * SECOND
const STARTING_CHECK_MS = 50
const STARTING_CHECKS = MINUTE / STARTING_CHECK_MS
const HEALTHY_AFTER_MS = MINUTE

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
export async function useEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    return await startEmbeddedPostgres(options)
  } catch (error) {
    if (!(error instanceof AlreadyRunning)) throw error
    return await borrow(error, options)
  }
}

async function borrow(running: AlreadyRunning, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = await makeDataFolder(options.dataDir)
  const owner = await readyOwner(dataDir)
  if (!owner) return startEmbeddedPostgres(options)
  if (!owner.connection) throw running
  return { connection: owner.connection, pid: owner.pid, tookOver: false, stop: async () => {} }
}

/** The folder's owner; if it is just starting itself, once its database is up. */
async function readyOwner(dataDir: string): Promise<Owner | null> {
  for (let attempt = 0; ; attempt++) {
    const owner = await lockOwner(dataDir)
    if (owner === null || owner.connection !== null || attempt === STARTING_CHECKS) return owner
    await sleep(STARTING_CHECK_MS)
  }
}

interface Parts {
  readonly options: EmbeddedPostgresOptions
  readonly home: Home
  readonly binaries: Binaries
  readonly lock: FolderLock
  readonly connection: ConnectionParts
  readonly tookOver: boolean
}

/** Watches the postmaster and starts it again when it dies, sooner at first and then every ten seconds, for as long as we live. */
class Supervisor implements EmbeddedPostgres {
  readonly connection: ConnectionParts
  readonly tookOver: boolean
  readonly #parts: Parts
  readonly #stopping = new AbortController()
  readonly #rotation: NodeJS.Timeout
  #postmaster: Postmaster
  #watching: Promise<void>

  constructor(parts: Parts, postmaster: Postmaster) {
    this.connection = parts.connection
    this.tookOver = parts.tookOver
    this.#parts = parts
    this.#postmaster = postmaster
    this.#watching = this.#watch()
    const rotate = () =>
      rotateServerLog(serverLogPath(parts.home)).catch((error) => parts.options.log.warn({ err: error }, 'log not rotated'))
    this.#rotation = setInterval(rotate, MINUTE).unref()
  }

  get pid(): number {
    return this.#postmaster.pid
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return this.#watching
    this.#stopping.abort()
    clearInterval(this.#rotation)
    await this.#postmaster.stop()
    await this.#watching
    await this.#parts.lock.release()
  }

  async #watch(): Promise<void> {
    let delayMs = FIRST_RESTART_DELAY_MS
    for (;;) {
      const startedAt = performance.now()
      const lastWords = await this.#postmaster.ended
      if (this.#stopping.signal.aborted) return
      if (performance.now() - startedAt > HEALTHY_AFTER_MS) delayMs = FIRST_RESTART_DELAY_MS
      this.#parts.options.log.warn({ lastWords }, `PostgreSQL ended unexpectedly; starting it again in ${delayMs} ms`)
      delayMs = await this.#startAgain(delayMs)
    }
  }

  /** Tries until it runs or we are stopped; answers how long to wait should it end again soon. */
  async #startAgain(firstDelayMs: number): Promise<number> {
    const { home, binaries, options } = this.#parts
    for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, LAST_RESTART_DELAY_MS)) {
      await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => {})
      if (this.#stopping.signal.aborted) return delayMs
      try {
        await endOrphan(home, options.progress)
        this.#postmaster = await startPostmaster(home, binaries, options.progress)
        options.log.info({ pid: this.#postmaster.pid }, 'PostgreSQL runs again')
        if (this.#stopping.signal.aborted) await this.#postmaster.stop()
        return Math.min(delayMs * 2, LAST_RESTART_DELAY_MS)
      } catch (error) {
        options.log.warn({ err: error }, 'PostgreSQL could not be started again; trying further')
      }
    }
  }
}

async function chooseReach(home: Home, transport: 'socket' | 'tcp'): Promise<Reach> {
  if (transport === 'socket') return { host: home.socketDir, port: PORT, password: null }
  return { host: '127.0.0.1', port: await freePort(), password: await keptPassword(home) }
}

async function keptPassword(home: Home): Promise<string> {
  const path = join(home.dataDir, 'database-password')
  const kept = await readFile(path, 'utf8').catch(() => null)
  if (kept) return kept
  const made = randomBytes(24).toString('base64url')
  await writeDurably(path, made)
  return made
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Explained('No free port was found.')),
      )
    })
  })
}
