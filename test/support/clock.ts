import type { Clock } from '../../src/lib/clock.ts'

export interface TestClock extends Clock {
  /** Moves the time of day on, or back; what is measured in between is not touched. */
  advance(ms: number): void
}

/** A time of day that stands still until a test moves it. Durations are the machine's. */
export function testClock(start = new Date()): TestClock {
  let nowMs = start.getTime()
  return {
    now: () => new Date(nowMs),
    monotonicMs: () => performance.now(),
    advance(ms) {
      nowMs += ms
    },
  }
}
