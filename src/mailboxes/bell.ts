/** Something to wait at: whoever rings wakes whoever waits; a ring that nobody waited for is kept, once. */
export interface Bell {
  ring(): void
  /** True: it rang. False: `limitMs` went by. */
  wait(limitMs: number, signal: AbortSignal): Promise<boolean>
}

export function createBell(): Bell {
  let hasRung = false
  let wake: (() => void) | null = null
  return {
    ring() {
      hasRung = true
      wake?.()
    },
    async wait(limitMs, signal) {
      if (!hasRung && !signal.aborted)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(done, limitMs)
          signal.addEventListener('abort', done, { once: true })
          wake = done
          function done(): void {
            clearTimeout(timer)
            signal.removeEventListener('abort', done)
            wake = null
            resolve()
          }
        })
      const rang = hasRung
      hasRung = false
      return rang
    },
  }
}
