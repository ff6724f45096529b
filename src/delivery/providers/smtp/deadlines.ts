import type { SmtpTimeouts } from './options.ts'

export interface Timed {
  /** Called several times within the shortest time-out. */
  onTick(nowMs: number): void
}

/** One coarse timer for everything that a pool waits for: a timer per message would cost more than the message. */
export class Deadlines {
  readonly #timed = new Set<Timed>()
  readonly #everyMs: number
  readonly #monotonicMs: () => number
  #timer: NodeJS.Timeout | null = null

  constructor(timeouts: SmtpTimeouts, monotonicMs: () => number) {
    this.#everyMs = Math.min(Math.max(Math.min(...Object.values(timeouts)) / 4, 5), 250)
    this.#monotonicMs = monotonicMs
  }

  add(timed: Timed): void {
    this.#timed.add(timed)
    this.#timer ??= setInterval(() => this.#tick(), this.#everyMs)
  }

  delete(timed: Timed): void {
    this.#timed.delete(timed)
    if (this.#timed.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  #tick(): void {
    const nowMs = this.#monotonicMs()
    for (const timed of this.#timed) timed.onTick(nowMs)
  }
}
