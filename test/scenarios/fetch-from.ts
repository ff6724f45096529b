import { createBlobStore } from '../../src/blobs/blob-store.ts'
import { openDatabase } from '../../src/db/database.ts'
import { createSourceWorker } from '../../src/inbound/sources/source-worker.ts'
import { machineClock } from '../../src/lib/clock.ts'
import { createLimiter } from '../../src/lib/limiter.ts'
import { createSecrets } from '../../src/lib/secrets.ts'
import { createLog } from '../../src/log.ts'
import { fixedResolver } from '../support/dns.ts'

/** What fetches, in a process of its own that a test may end in any way: the argument says from where, and where to. */
const given = JSON.parse(process.argv[2] ?? '{}') as { connection: object; blobFolder: string; secret: string; timing: object }
const database = openDatabase({ connection: given.connection, maxConnections: 4, applicationName: 'fetching' })
createSourceWorker({
  database,
  blobs: createBlobStore(given.blobFolder),
  secrets: createSecrets(given.secret),
  clock: machineClock,
  log: createLog({ level: 'warn' }),
  resolver: fixedResolver(),
  allowPrivateNetworks: true,
  random: Math.random,
  mayClaim: () => true,
  wake: () => {},
  largeMail: createLimiter({ concurrency: 1, waiting: 10 }),
  importFolder: `${given.blobFolder}/import`,
  lookEveryMs: 100,
  timing: { tickMs: 500, sweepMs: 1_000, pollMs: 500, delayMs: () => 100 },
}).start()
