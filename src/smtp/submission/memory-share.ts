import type { Lease, MemoryBudget } from '../../lib/memory-budget.ts'

/** A head that is held, what is made of it, and a body up to the size that goes to a file. */
const MOST = 768 * 1024
const LEAST = 32 * 1024

/** What one mail may hold of the memory for all: as much as it announced, then once as much as any mail can need. */
export class MemoryShare {
  readonly #budget: MemoryBudget
  readonly #gone = new AbortController()
  readonly #leases: Lease[] = []
  #room = 0
  #used = 0

  constructor(budget: MemoryBudget) {
    this.#budget = budget
  }

  /** Room for a mail of the size announced; false when there is none in time. */
  async take(announced: number | null): Promise<boolean> {
    return await this.#lease(announced === null ? MOST : Math.min(MOST, Math.max(LEAST, 2 * announced)))
  }

  /** Nothing to wait for while the mail is what it announced, or takes no more memory anyway. */
  grow(bytes: number): Promise<boolean> | undefined {
    this.#used += bytes
    return this.#used <= this.#room || this.#room >= MOST ? undefined : this.#lease(MOST)
  }

  release(): void {
    this.#gone.abort()
    for (const lease of this.#leases.splice(0)) lease.release()
  }

  async #lease(bytes: number): Promise<boolean> {
    const lease = await this.#budget.take(bytes, this.#gone.signal)
    if (!lease) return false
    this.#leases.push(lease)
    this.#room += bytes
    return true
  }
}
