import type { Transaction } from './flight/transaction.ts'

/** Handoffs that wait for a connection, in order. Those that a dead connection gave back come first, and only a new one may have them. */
export class Waiting {
  #queue: Transaction[] = []
  #at = 0
  #forNew: Transaction[] = []

  get length(): number {
    return this.#queue.length - this.#at + this.#forNew.length
  }

  push(transaction: Transaction): void {
    this.#queue.push(transaction)
  }

  unshift(transaction: Transaction): void {
    this.#forNew.unshift(transaction)
  }

  shift(isNew: boolean): Transaction | null {
    if (isNew && this.#forNew.length > 0) return this.#forNew.shift() ?? null
    const transaction = this.#queue[this.#at]
    if (transaction === undefined) return null
    this.#at += 1
    // Forgetting one by one would move all the others each time.
    if (this.#at === this.#queue.length) {
      this.#queue.length = 0
      this.#at = 0
    } else if (this.#at >= 512) {
      this.#queue = this.#queue.slice(this.#at)
      this.#at = 0
    }
    return transaction
  }

  /** No new connection can be had: the old ones have to do. */
  anyConnection(): void {
    if (this.#forNew.length === 0) return
    this.#queue = [...this.#forNew, ...this.#queue.slice(this.#at)]
    this.#at = 0
    this.#forNew = []
  }

  takeAll(): Transaction[] {
    this.anyConnection()
    const all = this.#queue.slice(this.#at)
    this.#queue = []
    this.#at = 0
    return all
  }
}
