import { type Config, readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { openStore, type Store } from '../store.ts'

/** A line for the person who waits; what a command answers goes to standard output instead. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Opens the store for a command that works beside a server, or alone, and closes it whatever happens. */
export async function withStore<T>(work: (store: Store, config: Config) => Promise<T>): Promise<T> {
  const config = readConfig()
  const log = createLog({ level: config.logLevel === 'info' ? 'warn' : config.logLevel })
  const store = await openStore(config, { as: 'beside', log, progress, maxConnections: 4 })
  try {
    return await work(store, config)
  } finally {
    await store.close()
  }
}
