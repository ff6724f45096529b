import { startApp } from '../app.ts'
import { readConfig } from '../config.ts'
import { SECOND } from '../lib/clock.ts'
import { createLog } from '../log.ts'
import { progress } from './surroundings.ts'

const DRAIN_MS = 10 * SECOND

/** Beyond this something hangs that should have ended: the database stops within 40 seconds at the worst. */
const END_LIMIT_MS = DRAIN_MS + 50 * SECOND

/** npm passes on to us the Ctrl-C that the terminal has sent us already: one key, two signals. Nobody presses it twice that fast. */
const ECHO_MS = 500

/** Runs until it is told to stop, or meets a fault of its own. The second Ctrl-C does not wait for what is in flight. */
export async function start(): Promise<void> {
  const config = readConfig()
  const log = createLog({ level: config.logLevel })
  for (const warning of config.warnings) log.warn(warning)
  const starting = startApp(config, log, progress)

  let isEnding = false
  const end = async (code: number) => {
    if (isEnding) return
    isEnding = true
    setTimeout(() => {
      log.fatal('stopping takes too long: ended without waiting; the next start takes back what was in hand')
      process.exit(1)
    }, END_LIMIT_MS).unref()
    // A start that fails ends the process with its own reason.
    const app = await starting.catch(() => null)
    if (app === null) return
    await app.stop(DRAIN_MS).catch((error: Error) => {
      log.error({ err: error }, 'not everything could be stopped in good order')
      process.exit(1)
    })
    process.exit(code)
  }

  // Something was left half done in memory, and nobody knows what. The database knows: whoever starts this process again goes on from there.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'a fault that nobody caught: what is in flight is finished, then this process ends')
    void end(1)
  })
  // Nothing was interrupted but a piece of work for which nobody waited: no request may end the process by that.
  process.on('unhandledRejection', (reason) => {
    const error = reason instanceof Error ? reason : new Error(String(reason))
    log.error({ err: error }, 'a fault that nobody waited for; this process goes on')
  })

  let toldAt: number | null = null
  const onSignal = (signal: string) => {
    if (toldAt !== null) {
      if (performance.now() - toldAt > ECHO_MS) process.exit(1)
      return
    }
    toldAt = performance.now()
    progress(`${signal}: finishing what is in flight, then stopping. Once more to stop at once.`)
    void end(0)
  }
  // SIGHUP: the terminal was closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)

  const app = await starting
  for (const line of app.greeting) process.stdout.write(`${line}\n`)
}
