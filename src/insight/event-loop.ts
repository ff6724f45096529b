import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How late this process's timers fire: what is slow for everybody at once. */
export interface EventLoopWatch {
  /** Seconds since the last reading. Reading begins anew. */
  read(): { readonly p50: number; readonly p99: number; readonly max: number }
  stop(): void
}

const NANOSECONDS = 1e9
const RESOLUTION_MS = 20

export function watchEventLoop(): EventLoopWatch {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return {
    read() {
      // The histogram measures the whole interval between two ticks of its timer; only what is beyond the resolution is delay.
      const seconds = (nanoseconds: number) =>
        Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1_000) : 0
      const reading = {
        p50: seconds(histogram.percentile(50)),
        p99: seconds(histogram.percentile(99)),
        max: seconds(histogram.max),
      }
      histogram.reset()
      return reading
    },
    stop: () => histogram.disable(),
  }
}
