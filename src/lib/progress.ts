import { SECOND } from './clock.ts'

/** Takes one line for the person who waits. */
export type Progress = (line: string) => void

/** Runs `work`; if it takes longer than a second says what is being done, and every five seconds that it still is. */
export async function tellWhenSlow<T>(progress: Progress, what: string, work: Promise<T>): Promise<T> {
  const startedAt = performance.now()
  const tell = () => progress(`${what} … ${Math.round((performance.now() - startedAt) / SECOND)} s`)
  let repeat: NodeJS.Timeout | undefined
  const first = setTimeout(() => {
    tell()
    repeat = setInterval(tell, 5 * SECOND)
  }, SECOND)
  try {
    return await work
  } finally {
    clearTimeout(first)
    clearInterval(repeat)
  }
}
