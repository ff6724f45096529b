import { createBlobStore } from '../../src/blobs/blob-store.ts'
import { openDatabase } from '../../src/db/database.ts'
import { createNumbers } from '../../src/helpdesk/numbers.ts'
import { createInbound } from '../../src/inbound/inbound.ts'
import { machineClock } from '../../src/lib/clock.ts'
import { createSecrets } from '../../src/lib/secrets.ts'
import { createLog } from '../../src/log.ts'
import { fixedResolver } from '../support/dns.ts'

/** What takes mail in, in a process of its own that a test may end in any way: the argument says on which database. */
const given = JSON.parse(process.argv[2] ?? '{}') as { connection: object; blobFolder: string; secret: string }
const database = openDatabase({ connection: given.connection, maxConnections: 6, applicationName: 'taking' })
createInbound({
  database,
  blobs: createBlobStore(given.blobFolder),
  secrets: createSecrets(given.secret),
  clock: machineClock,
  log: createLog({ level: 'silent' }),
  dns: fixedResolver({}),
  numbers: createNumbers(database, machineClock),
  url: 'https://mail.example',
  mayClaim: () => true,
}).start()
