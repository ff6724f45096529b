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
