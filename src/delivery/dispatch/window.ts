import type { Clock } from '../../lib/clock.ts'

/** How long a dispatcher may be silent before its deliveries are taken over. */
export const LEASE_MS = 30_000
/** The durable word is at most this far ahead of the wire: what a crash leaves `unknown` is no more than this much sending. */
const AHEAD_MS = 40
/** The next write starts when less than this is left, so that it is done before the wire needs it. */
const LOW_MS = 15
const RETRY_MS = 200
const GIVE_UP_MS = 5_000

export interface WindowDeps {
  readonly clock: Clock
  /** Writes the window and prolongs the lease, durably. False: this dispatcher was declared lost. */
  write(position: number, leaseExpiresAt: Date): Promise<boolean>
}

/**
 * The window of one sender: how far down its own order bodies may have left, said durably before they do. Deliveries leave in the order of
 * their positions, so one number in one row covers all of them: one small write at most every few milliseconds instead of one a message.
 */
export class SendWindow {
  private granted = 0
  private wanted = 0
  private writing = false
  private lost = false
  private leaseEndsMs: number
  private ratePerMs = 0
  private waiters: { position: number; resolve: (granted: boolean) => void }[] = []
  private readonly deps: WindowDeps

  /** The lease that came with the dispatcher's registration counts from `registeredMs` of the monotonic clock. */
  constructor(deps: WindowDeps, registeredMs: number) {
    this.deps = deps
    this.leaseEndsMs = registeredMs + LEASE_MS
  }

  get isLost(): boolean {
    return this.lost
  }

  /** Messages a millisecond, as measured by the sender. */
  setRate(ratePerMs: number): void {
    this.ratePerMs = ratePerMs
  }

  /** May the body at this position leave? At once when the durable word covers it, else when it has been written. */
  mayLeave(position: number): true | Promise<boolean> {
    if (this.lost) return Promise.resolve(false)
    if (position <= this.granted && this.deps.clock.monotonicMs() < this.leaseEndsMs) {
      if (this.granted - position < this.ratePerMs * LOW_MS) this.want(position)
      return true
    }
    return new Promise((resolve) => {
      this.waiters.push({ position, resolve })
      this.want(position)
    })
  }

  /** Prolongs the lease while nothing is sent. */
  async beat(): Promise<void> {
    if (!this.lost && !this.writing) await this.write()
  }

  private want(position: number): void {
    this.wanted = Math.max(this.wanted, position + Math.floor(this.ratePerMs * AHEAD_MS))
    if (!this.writing) void this.write()
  }

  private async write(): Promise<void> {
    this.writing = true
    const startedMs = this.deps.clock.monotonicMs()
    try {
      for (;;) {
        const position = Math.max(this.wanted, this.granted)
        const askedMs = this.deps.clock.monotonicMs()
        const outcome = await this.deps
          .write(position, new Date(this.deps.clock.now().getTime() + LEASE_MS))
          .catch(() => 'unreachable' as const)
        if (outcome === true) {
          this.granted = position
          this.leaseEndsMs = askedMs + LEASE_MS
          this.release(true)
          if (this.waiters.length === 0) return
        } else if (outcome === false) {
          this.lost = true
          this.refuseAll()
          return
        } else {
          // The database cannot be reached: nothing may leave that could not be recorded. Who waits too long goes back unsent.
          if (this.deps.clock.monotonicMs() - startedMs > GIVE_UP_MS) {
            this.refuseAll()
            return
          }
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        }
      }
    } finally {
      this.writing = false
    }
  }

  private release(granted: boolean): void {
    const waiting = this.waiters
    this.waiters = []
    for (const waiter of waiting) {
      if (waiter.position <= this.granted) waiter.resolve(granted)
      else this.waiters.push(waiter)
    }
  }

  private refuseAll(): void {
    const waiting = this.waiters
    this.waiters = []
    for (const waiter of waiting) waiter.resolve(false)
  }
}
