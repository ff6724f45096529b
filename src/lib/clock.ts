export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Where the present moment comes from. Verbs take `now`; only workers and edges hold a clock. */
export interface Clock {
  now(): Date
  /** Milliseconds that only grow, for measuring durations and local leases. */
  monotonicMs(): number
}

/** The machine's own clock. Used where no database has been reached yet (command line, doctor). */
export const machineClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
}

/**
 * A clock that follows the database's: every process shares one idea of "now", and a jump of this machine's wall clock moves nothing,
 * since between two readings only the monotonic counter is used. `set` is called by the reader in db/clock.ts.
 */
export function createFollowingClock(): Clock & { set(databaseNow: Date, readAtMs: number): void } {
  let base = new Date()
  let baseMs = performance.now()
  return {
    now: () => new Date(base.getTime() + (performance.now() - baseMs)),
    monotonicMs: () => performance.now(),
    set(databaseNow, readAtMs) {
      base = databaseNow
      baseMs = readAtMs
    },
  }
}
