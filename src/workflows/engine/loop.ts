import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../log.ts'

/** Something that is done when it is called for, and now and then without. Calls while it works make it work once more. */
export interface Loop {
  start(): void
  wake(): void
  stop(): Promise<void>
}

const PAUSE_MS = 500

/** `work` says in how many milliseconds it wants to look again by itself; null: at the usual time. */
export function createLoop(name: string, everyMs: number, work: () => Promise<number | null>, log: Log): Loop {
  let timer: NodeJS.Timeout | null = null
  let soon: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null
  let again = false
  let stopping = false

  async function run(): Promise<void> {
    do {
      again = false
      const nextMs = await work()
      if (nextMs !== null && !again && !stopping) {
        if (soon) clearTimeout(soon)
        soon = setTimeout(look, nextMs)
      }
    } while (again && !stopping)
  }

  function look(): void {
    if (stopping) return
    if (running) {
      again = true
      return
    }
    running = run()
      .catch(async (error: Error) => {
        log.warn({ err: error }, `${name} cannot go on; trying again`)
        await sleep(PAUSE_MS)
      })
      .finally(() => {
        running = null
        if (again) look()
      })
  }

  return {
    start() {
      timer = setInterval(look, everyMs)
      look()
    },
    // Before it is started nobody works here: a hint is no beginning.
    wake: () => {
      if (timer) look()
    },
    async stop() {
      stopping = true
      if (timer) clearInterval(timer)
      if (soon) clearTimeout(soon)
      await running
    },
  }
}
