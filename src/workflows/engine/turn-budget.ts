/** How much one turn does before it lets others have theirs. */
export const MAX_NODES = 50
const MAX_MS = 200

export class TurnBudget {
  readonly #monotonicMs: () => number
  readonly #startedMs: number
  /** What broke before goes one by one, so that it is known what breaks. */
  readonly #isOneByOne: boolean
  #nodes = 0
  #things = 0
  #isUnfinished = false

  constructor(monotonicMs: () => number, crashes: number) {
    this.#monotonicMs = monotonicMs
    this.#startedMs = monotonicMs()
    this.#isOneByOne = crashes > 0
  }

  /** Letters, moments that came, steps that are ready: what a crash may have been the end of. */
  thing(): void {
    this.#things += 1
  }

  node(): void {
    this.#nodes += 1
  }

  /**
   * Asked before each thing: whoever is told so leaves it for the next turn. One thing is always done, though the machine stood still since the turn began:
   * else nothing would be done for as long as it does, and a letter that nobody opened must not be taken for one that is done with.
   */
  isSpent(): boolean {
    const isSpent =
      this.#things > 0 && (this.#nodes >= MAX_NODES || this.#isOneByOne || this.#monotonicMs() - this.#startedMs > MAX_MS)
    if (isSpent) this.#isUnfinished = true
    return isSpent
  }

  leaveTheRest(): void {
    this.#isUnfinished = true
  }

  get nodes(): number {
    return this.#nodes
  }

  get isUnfinished(): boolean {
    return this.#isUnfinished
  }
}
