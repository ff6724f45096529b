import { type Config, readConfig } from '../config.ts'
import { createLog, type Log } from '../log.ts'
import { openStore, type Store } from '../store.ts'

/** A line for the person who waits; what a command answers goes to standard output instead. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** A command says itself what it does; of the log it shows what is wrong. */
export function commandLog({ logLevel }: Config): Log {
  return createLog({ level: logLevel === 'info' ? 'warn' : logLevel })
}

/** Opens the store for a command that works beside a server, or alone, and closes it whatever happens. */
export async function withStore<T>(work: (store: Store, config: Config) => Promise<T>): Promise<T> {
  const config = readConfig()
  const store = await openStore(config, { as: 'beside', log: commandLog(config), progress, maxConnections: 4 })
  try {
    return await work(store, config)
  } finally {
    await store.close()
  }
}
