import { type App, startApp } from '../app.ts'
import { readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { progress } from './surroundings.ts'

const DRAIN_MS = 10_000

/** Runs until it is told to stop. The second Ctrl-C does not wait for what is in flight. */
export async function start(): Promise<void> {
  const config = readConfig()
  const log = createLog({ level: config.logLevel })
  for (const warning of config.warnings) log.warn(warning)
  let app: App | null = null
  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) process.exit(1)
    stopping = true
    if (!app) process.exit(0)
    progress(`${signal}: finishing what is in flight, then stopping. Once more to stop at once.`)
    await app.stop(DRAIN_MS)
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal))
  app = await startApp(config, log, progress)
  for (const line of app.greeting) process.stdout.write(`${line}\n`)
}
