import { type Clock, MINUTE, SECOND } from '../../../lib/clock.ts'
import type { LimitBook } from '../../receivers/limit-book.ts'
import { seedOfMx } from '../../receivers/receiver.ts'
import { registrableDomain } from '../../receivers/roll-up.ts'
import type { SmtpOptions } from '../smtp/options.ts'
import { Pool, type PoolDeps } from '../smtp/pool.ts'
import { ReceiverDoor } from './receiver-door.ts'
import { Share } from './share.ts'

/** One mail server: its connections, the way in, and its share of the provider. */
export interface Host {
  readonly pool: Pool
  readonly door: ReceiverDoor
  readonly share: Share
}

interface HostsDeps extends Omit<PoolDeps, 'door'> {
  readonly clock: Clock
  readonly book: LimitBook
  optionsFor(host: string, enforced: boolean, door: ReceiverDoor): SmtpOptions
}

const MAX_KEPT = 200
const FORGOTTEN_AFTER_MS = MINUTE
const CROWDED_AFTER_MS = 2 * SECOND

/** The mail servers that there is mail for, and the doors of their receivers. Those that nobody has mail for any more are let go. */
export class Hosts {
  readonly #deps: HostsDeps
  readonly #hosts = new Map<string, Host>()
  readonly #doors = new Map<string, ReceiverDoor>()
  #lastSweepMs: number

  constructor(deps: HostsDeps) {
    this.#deps = deps
    this.#lastSweepMs = deps.clock.monotonicMs()
  }

  /** `enforced`: for mail whose domain demands a valid certificate; it has connections of its own. */
  get(name: string, enforced: boolean): Host {
    const key = enforced ? `${name} enforced` : name
    const known = this.#hosts.get(key)
    if (known) return known
    this.#sweep()
    const door = this.#doorOf(seedOfMx(name) ?? registrableDomain(name))
    const pool = new Pool(this.#deps.optionsFor(name, enforced, door), { ...this.#deps, door })
    const host = { pool, door, share: new Share(this.#deps.clock) }
    this.#hosts.set(key, host)
    return host
  }

  async close(graceMs: number): Promise<void> {
    await Promise.all([...this.#hosts.values()].map(({ pool }) => pool.close(graceMs)))
  }

  #doorOf(receiver: string): ReceiverDoor {
    const known = this.#doors.get(receiver)
    if (known) return known
    const door = new ReceiverDoor(receiver, this.#deps.book, (of, messages) => {
      for (const host of this.#hosts.values()) if (host.door.receiver === of) host.pool.limitMessages(messages)
    })
    this.#doors.set(receiver, door)
    return door
  }

  #sweep(): void {
    const nowMs = this.#deps.clock.monotonicMs()
    const patienceMs = this.#hosts.size > MAX_KEPT ? CROWDED_AFTER_MS : FORGOTTEN_AFTER_MS
    if (nowMs - this.#lastSweepMs < patienceMs) return
    this.#lastSweepMs = nowMs
    for (const [key, { pool, door, share }] of this.#hosts) {
      if (share.inHand > 0 || nowMs - share.lastUsedMs < patienceMs) continue
      this.#hosts.delete(key)
      door.forget(pool)
      void pool.close(SECOND)
    }
    const used = new Set([...this.#hosts.values()].map(({ door }) => door))
    for (const [receiver, door] of this.#doors) if (!used.has(door) && door.open === 0) this.#doors.delete(receiver)
  }
}
