import { ENGINE } from '../../db/database.ts'
import { MINUTE, SECOND } from '../../lib/clock.ts'
import { type Id, newId, type SourceId } from '../../lib/ids.ts'
import type { Log } from '../../log.ts'
import { type Bell, createBell } from '../../mailboxes/bell.ts'
import { leaseSources, prolongSources, releaseSource } from './queries.ts'
import { runSource, type SourceDeps } from './run-source.ts'
import type { Source } from './source.ts'

export interface SourceWorker {
  start(): void
  stop(): Promise<void>
}

export interface SourceWorkerDeps extends SourceDeps {
  readonly log: Log
  /** False while a newer program has changed the schema. */
  readonly mayClaim: () => boolean
  readonly lookEveryMs?: number
}

/** A process that dies keeps its sources from the others for so long. */
const LEASE_MS = MINUTE
const LOOK_EVERY_MS = 2 * SECOND
const FAULT_WAIT_MS = 30 * SECOND
/** Sources of one process; more processes share out more. */
const MOST = 500

interface Running {
  readonly source: Source
  readonly bell: Bell
  readonly stop: AbortController
  readonly done: Promise<void>
}

/** Fetches from every source that no other process fetches from: each by itself, so that none waits for another. */
export function createSourceWorker(deps: SourceWorkerDeps): SourceWorker {
  const { database, clock, log, mayClaim, lookEveryMs = LOOK_EVERY_MS } = deps
  const owner = newId<Id<'source_worker'>>()
  const running = new Map<SourceId, Running>()
  let timer: NodeJS.Timeout | null = null
  let looking: Promise<void> | null = null
  let isStopping = false

  async function look(): Promise<void> {
    const now = clock.now()
    const until = new Date(now.getTime() + LEASE_MS)
    const held = await database.transaction(ENGINE, (tx) => prolongSources(tx, { owner, until, ids: [...running.keys()] }, now))
    const ours = new Map(held.map(({ id, isWanted }) => [id, isWanted]))
    // Taken away by new settings, switched off or removed: the new ones are leased below, once the old run has ended.
    for (const [id, { stop, bell }] of running) {
      if (!ours.has(id)) stop.abort()
      else if (ours.get(id)) bell.ring()
    }
    const room = MOST - running.size
    if (isStopping || room <= 0 || !mayClaim()) return
    // What came free since it was prolonged is still fetched from here: it is ended by the next look, and waits for its end. A look waits for no run, since
    // all the others' leases hang on it.
    const wanted = { owner, until, limit: Math.min(room, 50), except: [...running.keys()] }
    const leased = await database.transaction(ENGINE, (tx) => leaseSources(tx, wanted, now))
    for (const source of leased) begin(source)
  }

  function begin(source: Source): void {
    const stop = new AbortController()
    const bell = createBell()
    const run = async () => {
      let waitMs = 0
      try {
        await runSource(deps, source, owner, stop.signal, bell)
      } catch (error) {
        waitMs = FAULT_WAIT_MS
        log.warn({ err: error, source: source.id }, 'a source could not be fetched from; it is tried again')
      }
      await releaseSource(database.db, source, owner, new Date(clock.now().getTime() + waitMs)).catch((error: Error) =>
        log.warn({ err: error, source: source.id }, 'a source could not be given back; its lease ends by itself'),
      )
      // Not before: what is not running may be leased anew, and a late return would give away the new lease.
      running.delete(source.id)
    }
    running.set(source.id, { source, bell, stop, done: run() })
  }

  function tick(): void {
    if (looking) return
    looking = look()
      .catch((error: Error) => log.warn({ err: error }, 'sources could not be looked at; trying again'))
      .finally(() => {
        looking = null
      })
  }

  return {
    start() {
      timer = setInterval(tick, lookEveryMs)
      tick()
    },
    async stop() {
      isStopping = true
      if (timer) clearInterval(timer)
      await looking
      for (const { stop } of running.values()) stop.abort()
      await Promise.all([...running.values()].map(({ done }) => done))
    },
  }
}
