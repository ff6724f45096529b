import type { Clock } from '../../../lib/clock.ts'

/** What everybody may have in hand, however crowded it is; and all that one may have whose last attempt failed. */
const LEAST = 5
const FAILING_WAIT_MS = 5_000
const UNKNOWN_WAIT_MS = 1_000
const SHORTEST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000

/**
 * How much of a provider one server, or one domain that is looked up, may occupy. Where many share a provider, a dead or slow one must leave
 * room for the others: each may have as much in hand as is still free, so that the second slow one gets half of the first and somebody new
 * always finds room. What is beyond is told to come again about when its turn will be.
 */
export class Share {
  inHand = 0
  lastUsedMs: number
  readonly #clock: Clock
  #state: 'unknown' | 'works' | 'fails' = 'unknown'
  /** Milliseconds between two answers, smoothed; and when the next that is sent away may come. */
  #intervalMs = 0
  #lastEndMs: number
  #nextMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.lastUsedMs = this.#lastEndMs = clock.monotonicMs()
  }

  /** `free`: how much room the provider has left. */
  isFull(free: number): boolean {
    return this.inHand >= (this.#state === 'fails' ? LEAST : Math.max(LEAST, free))
  }

  /** When one that finds no room should come again: one after the other, at the pace of the answers. */
  waitMs(): number {
    const nowMs = this.#clock.monotonicMs()
    if (this.#state === 'fails') return FAILING_WAIT_MS
    // The longer nothing is heard, the more seldom it is worth asking.
    if (this.#state === 'unknown') return Math.min(LONGEST_WAIT_MS, Math.max(UNKNOWN_WAIT_MS, nowMs - this.#lastEndMs))
    this.#nextMs = Math.max(this.#nextMs, nowMs + SHORTEST_WAIT_MS) + this.#intervalMs
    return Math.min(LONGEST_WAIT_MS, this.#nextMs - nowMs)
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    this.lastUsedMs = this.#clock.monotonicMs()
    // Time without mail says nothing about how fast answers come.
    if (this.inHand === 0) this.#lastEndMs = this.lastUsedMs
    this.inHand += 1
    try {
      return await work()
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
