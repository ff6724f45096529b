import type { Clock } from '../../../lib/clock.ts'
import type { Handoff, HandoffResult } from '../provider.ts'
import type { Pool } from '../smtp/pool.ts'
import type { ReceiverDoor } from './receiver-door.ts'

/** What every host may have in hand, however crowded it is; and all that one may have whose last attempt failed. */
const LEAST_SHARE = 5
const FAILING_WAIT_MS = 5_000
const UNKNOWN_WAIT_MS = 1_000
const SHORTEST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000

/**
 * One mail server, and how much of the provider it may occupy. Where many receivers share a provider, a dead or slow one must leave room
 * for the others: a host may have as much in hand as is still free, so that the second slow one gets half of the first and somebody new
 * always finds room. What is beyond comes back, and is told to come again about when its turn will be.
 */
export class Host {
  readonly pool: Pool
  readonly door: ReceiverDoor
  inHand = 0
  lastUsedMs: number
  readonly #clock: Clock
  #state: 'unknown' | 'works' | 'fails' = 'unknown'
  /** Milliseconds between two answers, smoothed; and when the next that is sent away may come. */
  #intervalMs = 0
  #lastEndMs: number
  #nextMs = 0

  constructor(pool: Pool, door: ReceiverDoor, clock: Clock) {
    this.pool = pool
    this.door = door
    this.#clock = clock
    this.lastUsedMs = this.#lastEndMs = clock.monotonicMs()
  }

  /** `free`: how much room the provider has left. */
  isFull(free: number): boolean {
    return this.inHand >= (this.#state === 'fails' ? LEAST_SHARE : Math.max(LEAST_SHARE, free))
  }

  /** When a handoff that finds no room should come again: one after the other, at the pace of this host. */
  waitMs(): number {
    if (this.#state !== 'works') return this.#state === 'fails' ? FAILING_WAIT_MS : UNKNOWN_WAIT_MS
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
    this.#state = isWorking ? 'works' : 'fails'
  }

  #measure(nowMs: number): void {
    const sinceMs = Math.min(nowMs - this.#lastEndMs, LONGEST_WAIT_MS)
    this.#intervalMs = this.#intervalMs === 0 ? sinceMs : this.#intervalMs * 0.9 + sinceMs * 0.1
    this.#lastEndMs = nowMs
  }
}
