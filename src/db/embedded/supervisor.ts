import { setTimeout as sleep } from 'node:timers/promises'
import { MINUTE, SECOND } from '../../lib/clock.ts'
import type { Progress } from '../../lib/progress.ts'
import type { ConnectionParts } from '../connection.ts'
import type { Binaries } from './binaries.ts'
import type { Home } from './home.ts'
import type { FolderLock } from './lock.ts'
import { endOrphan } from './orphan.ts'
import { type Postmaster, serverLogPath, startPostmaster } from './postmaster.ts'
import { rotateServerLog } from './server-log.ts'
import { removeBorrowedPlace } from './socket-place.ts'

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
  /** Where its files are, which need not be in the data folder (see places.ts). */
  readonly folder: string
  /** The process that runs now; another one after a restart. */
  readonly pid: number
  /** An earlier Waybill was killed and its PostgreSQL, still running, had to be stopped first. */
  readonly tookOver: boolean
  stop(): Promise<void>
}

const FIRST_RESTART_DELAY_MS = 100
const LAST_RESTART_DELAY_MS = 10 * SECOND
const HEALTHY_AFTER_MS = MINUTE

interface Parts {
  readonly options: EmbeddedPostgresOptions
  readonly home: Home
  readonly binaries: Binaries
  readonly lock: FolderLock
  readonly connection: ConnectionParts
  readonly tookOver: boolean
}

/** Watches the postmaster and starts it again when it dies, sooner at first and then every ten seconds, for as long as we live. */
export class Supervisor implements EmbeddedPostgres {
  readonly connection: ConnectionParts
  readonly folder: string
  readonly tookOver: boolean
  readonly #parts: Parts
  readonly #stopping = new AbortController()
  readonly #rotation: NodeJS.Timeout
  #postmaster: Postmaster
  #watching: Promise<void>

  constructor(parts: Parts, postmaster: Postmaster) {
    this.connection = parts.connection
    this.folder = parts.home.dir
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
    await removeBorrowedPlace(this.#parts.home)
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
