import { setTimeout as sleep } from 'node:timers/promises'

/** Asks every few milliseconds until the answer is yes; false when `limitMs` went by without one. */
export async function waitUntil(
  answer: () => boolean | Promise<boolean>,
  { limitMs, everyMs = 10 }: { limitMs: number; everyMs?: number },
): Promise<boolean> {
  const endsAt = performance.now() + limitMs
  while (!(await answer())) {
    if (performance.now() >= endsAt) return false
    await sleep(everyMs)
  }
  return true
}

/** What `work` answers, or null when that took too long; it then goes on unseen, and its failure is nobody's. */
export async function inTime<T>(work: Promise<T>, limitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, limitMs, null)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
