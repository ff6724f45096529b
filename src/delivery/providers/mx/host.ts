import type { Clock } from '../../../lib/clock.ts'
import type { Handoff, HandoffResult } from '../provider.ts'
import type { Pool } from '../smtp/pool.ts'
import type { ReceiverDoor } from './receiver-door.ts'

/** Handoffs of a host that has not shown that it works: each of them may be waiting for a connection that never comes. */
const UNPROVEN_SHARE = 5
const UNPROVEN_WAIT_MS = 5_000
const SHORTEST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000

/**
 * One mail server, and how much of the provider it may occupy. Where many receivers share a provider, a dead or slow one must leave room
 * for the others: what is beyond its share comes back, and is told to come again about when its turn will be.
 */
export class Host {
  readonly pool: Pool
  readonly door: ReceiverDoor
  inHand = 0
  lastUsedMs: number
  readonly #clock: Clock
  readonly #share: number
  #proven = false
  /** Milliseconds between two answers, smoothed; and when the next that is sent away may come. */
  #intervalMs = 0
  #lastEndMs: number
  #nextMs = 0

  /** `share`: how many handoffs it may hold while it works; Infinity where nobody else is there. */
  constructor(pool: Pool, door: ReceiverDoor, share: number, clock: Clock) {
    this.pool = pool
    this.door = door
    this.#share = share
    this.#clock = clock
    this.lastUsedMs = this.#lastEndMs = clock.monotonicMs()
  }

  get isFull(): boolean {
    return this.#share !== Number.POSITIVE_INFINITY && this.inHand >= (this.#proven ? this.#share : UNPROVEN_SHARE)
  }

  /** When a handoff that finds no room should come again: one after the other, at the pace of this host. */
  waitMs(): number {
    if (!this.#proven) return UNPROVEN_WAIT_MS
    const nowMs = this.#clock.monotonicMs()
    this.#nextMs = Math.max(this.#nextMs, nowMs + SHORTEST_WAIT_MS) + this.#intervalMs
    return Math.min(LONGEST_WAIT_MS, this.#nextMs - nowMs)
  }

  async send(handoff: Handoff): Promise<HandoffResult> {
    this.inHand += 1
    this.lastUsedMs = this.#clock.monotonicMs()
    try {
      return await this.pool.add(handoff)
    } finally {
      this.inHand -= 1
      this.lastUsedMs = this.#clock.monotonicMs()
      this.#measure(this.lastUsedMs)
    }
  }

  works(isWorking: boolean): void {
    this.#proven = isWorking
  }

  #measure(nowMs: number): void {
    const sinceMs = Math.min(nowMs - this.#lastEndMs, LONGEST_WAIT_MS)
    this.#intervalMs = this.#intervalMs === 0 ? sinceMs : this.#intervalMs * 0.9 + sinceMs * 0.1
    this.#lastEndMs = nowMs
  }
}
