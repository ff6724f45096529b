import { MINUTE } from '../../../lib/clock.ts'

const MAX_HOSTS = 2_000
const FIRST_MS = MINUTE
const LONGEST_MS = 15 * MINUTE

interface Dead {
  readonly failures: number
  readonly untilMs: number
}

/**
 * Servers that could not be reached lately: others of the same domain are tried before them. Mail never waits because of what is remembered
 * here: where all are dead, they are tried all the same.
 */
export interface DeadHosts {
  /** Those that are believed to live first, each part in the order given. A dead one whose time is over is tried in its place, by one. */
  sorted(hosts: readonly string[]): string[]
  failed(host: string): void
  works(host: string): void
}

export function createDeadHosts(monotonicMs: () => number): DeadHosts {
  const dead = new Map<string, Dead>()

  function isDead(host: string): boolean {
    const known = dead.get(host)
    if (known === undefined) return false
    if (known.untilMs > monotonicMs()) return true
    // For the others it stays dead meanwhile, and one that nobody hears of again is tried anew after another wait.
    dead.set(host, { ...known, untilMs: monotonicMs() + delayMs(known.failures) })
    return false
  }

  return {
    sorted(hosts) {
      const [alive, gone]: [string[], string[]] = [[], []]
      for (const host of hosts) {
        // Only the first one alive is tried for certain; what comes behind it is not probed by this.
        const isGone = alive.length === 0 ? isDead(host) : dead.has(host)
        ;(isGone ? gone : alive).push(host)
      }
      return [...alive, ...gone]
    },
    failed(host) {
      const failures = (dead.get(host)?.failures ?? 0) + 1
      dead.delete(host)
      const oldest = dead.size >= MAX_HOSTS ? dead.keys().next().value : undefined
      if (oldest !== undefined) dead.delete(oldest)
      dead.set(host, { failures, untilMs: monotonicMs() + delayMs(failures) })
    },
    works(host) {
      dead.delete(host)
    },
  }
}

function delayMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10))
}
