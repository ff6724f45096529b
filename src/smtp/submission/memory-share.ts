import type { Lease, MemoryBudget } from '../../lib/memory-budget.ts'
import type { Soon } from '../policy.ts'

/** A head that is held, what is made of it, and a body up to the size that goes to a file. */
const MOST = 768 * 1024
const LEAST = 32 * 1024

/** What one mail may hold of the memory for all: as much as it announced, then once as much as any mail can need. */
export class MemoryShare {
  readonly #budget: MemoryBudget
  #gone: AbortController | null = null
  readonly #leases: Lease[] = []
  #room = 0
  #used = 0

  constructor(budget: MemoryBudget) {
    this.#budget = budget
  }

  /** Room for a mail of the size announced; false when there is none in time. */
  take(announced: number | null): Soon<boolean> {
    return this.#lease(announced === null ? MOST : Math.min(MOST, Math.max(LEAST, 2 * announced)))
  }

  /** Nothing to wait for while the mail is what it announced, or takes no more memory anyway. */
  grow(bytes: number): Soon<boolean> | undefined {
    this.#used += bytes
    return this.#used <= this.#room || this.#room >= MOST ? undefined : this.#lease(MOST)
  }

  release(): void {
    this.#gone?.abort()
    for (const lease of this.#leases.splice(0)) lease.release()
  }

  #lease(bytes: number): Soon<boolean> {
    const atOnce = this.#budget.takeNow(bytes)
    if (atOnce) return this.#hold(atOnce, bytes)
    const gone = new AbortController()
    this.#gone = gone
    return this.#budget.take(bytes, gone.signal).then((lease) => lease !== null && this.#hold(lease, bytes))
  }

  #hold(lease: Lease, bytes: number): true {
    this.#leases.push(lease)
    this.#room += bytes
    return true
  }
}
