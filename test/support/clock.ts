import type { Clock } from '../../src/lib/clock.ts'

export interface TestClock extends Clock {
  /** Moves the time of day on, or back; what is measured in between is not touched. */
  advance(ms: number): void
  /** As if so much more time had passed for whoever measures durations. */
  elapse(ms: number): void
}

/** A time of day that stands still until a test moves it. Durations are the machine's, and what a test adds. */
export function testClock(start = new Date()): TestClock {
  let nowMs = start.getTime()
  let elapsedMs = 0
  return {
    now: () => new Date(nowMs),
    monotonicMs: () => performance.now() + elapsedMs,
    advance(ms) {
      nowMs += ms
    },
    elapse(ms) {
      elapsedMs += ms
    },
  }
}

/** Goes on as the one it is given does, but that days may pass at once. */
export function passing(): { by(clock: Clock): Clock; advance(ms: number): void } {
  let passedMs = 0
  return {
    by: (clock) => ({ now: () => new Date(clock.now().getTime() + passedMs), monotonicMs: () => clock.monotonicMs() }),
    advance(ms) {
      passedMs += ms
    },
  }
}
