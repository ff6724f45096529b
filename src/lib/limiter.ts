/** Lets `concurrency` pieces of work run at a time and `waiting` more wait in order; refuses the rest by answering null at once. */
export interface Limiter {
  run<T>(work: () => Promise<T>): Promise<T> | null
}

export function createLimiter({ concurrency, waiting }: { concurrency: number; waiting: number }): Limiter {
  const queue: Array<() => void> = []
  let running = 0

  const finish = () => {
    const next = queue.shift()
    if (next) next()
    else running -= 1
  }
  const run = async <T>(work: () => Promise<T>, turn: Promise<void> | null): Promise<T> => {
    if (turn) await turn
    try {
      return await work()
    } finally {
      finish()
    }
  }
  return {
    run(work) {
      if (running < concurrency) {
        running += 1
        return run(work, null)
      }
      if (queue.length >= waiting) return null
      return run(work, new Promise<void>((resolve) => queue.push(resolve)))
    },
  }
}
