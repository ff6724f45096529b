/**
 * How many bytes of what clients send may be in memory at one time. Who finds no room waits, without having sent anything that we keep: the
 * connection itself holds the sender back. Who waits too long, or finds too many waiting, is refused.
 */
export interface MemoryBudget {
  /** Room for `bytes`, or null when there was none in time. A lease is given back by `release`, once or many times. */
  take(bytes: number, signal: AbortSignal): Promise<Lease | null>
  /** The same for who would rather not wait. */
  takeNow(bytes: number): Lease | null
  readonly used: number
}

export interface Lease {
  release(): void
}

interface Waiter {
  readonly bytes: number
  readonly answer: (lease: Lease | null) => void
}

export function createMemoryBudget(limits: { totalBytes: number; waiting: number; waitMs: number }): MemoryBudget {
  const waiters: Waiter[] = []
  let used = 0

  const lease = (bytes: number): Lease => {
    used += bytes
    let held = true
    return {
      release() {
        if (!held) return
        held = false
        used -= bytes
        admit()
      },
    }
  }
  // In the order of arrival: a large body is not overtaken for ever by small ones.
  const admit = () => {
    for (let first = waiters[0]; first && used + first.bytes <= limits.totalBytes; first = waiters[0]) {
      waiters.shift()
      first.answer(lease(first.bytes))
    }
  }
  const wait = (bytes: number, signal: AbortSignal) =>
    new Promise<Lease | null>((resolve) => {
      const giveUp = () => {
        const index = waiters.indexOf(waiter)
        if (index >= 0) waiters.splice(index, 1)
        waiter.answer(null)
        admit()
      }
      const timer = setTimeout(giveUp, limits.waitMs)
      const waiter: Waiter = {
        bytes,
        answer(found) {
          clearTimeout(timer)
          signal.removeEventListener('abort', giveUp)
          resolve(found)
        },
      }
      signal.addEventListener('abort', giveUp)
      waiters.push(waiter)
    })

  const takeNow = (bytes: number) => (waiters.length === 0 && used + bytes <= limits.totalBytes ? lease(bytes) : null)

  return {
    takeNow,
    async take(bytes, signal) {
      if (bytes > limits.totalBytes || signal.aborted) return null
      const found = takeNow(bytes)
      if (found) return found
      return waiters.length >= limits.waiting ? null : await wait(bytes, signal)
    },
    get used() {
      return used
    },
  }
}
