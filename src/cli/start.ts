import { startApp } from '../app.ts'
import { readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { progress } from './surroundings.ts'

const DRAIN_MS = 10_000

/** npm passes on to us the Ctrl-C that the terminal has sent us already: one key, two signals. Nobody presses it twice that fast. */
const ECHO_MS = 500

/** Runs until it is told to stop. The second Ctrl-C does not wait for what is in flight. */
export async function start(): Promise<void> {
  const config = readConfig()
  const log = createLog({ level: config.logLevel })
  for (const warning of config.warnings) log.warn(warning)
  const starting = startApp(config, log, progress)
  let toldAt: number | null = null
  const stop = async (signal: string) => {
    if (toldAt !== null) {
      if (performance.now() - toldAt > ECHO_MS) process.exit(1)
      return
    }
    toldAt = performance.now()
    progress(`${signal}: finishing what is in flight, then stopping. Once more to stop at once.`)
    // A start that fails ends the process with its own reason.
    const app = await starting.catch(() => null)
    if (app === null) return
    await app.stop(DRAIN_MS)
    process.exit(0)
  }
  // SIGHUP: the terminal was closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(signal))
  const app = await starting
  for (const line of app.greeting) process.stdout.write(`${line}\n`)
}
