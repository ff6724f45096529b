/** Our side: a whole Waybill but for the console, mail in over SMTP and out over SMTP, in a process of its own. Says where it listens, then relays. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCredential } from '../src/accounts/credentials/manage.ts'
import { createResolver } from '../src/dns/resolver.ts'
import { startEngine } from '../src/engine.ts'
import { createLog } from '../src/log.ts'
import { startSmtp } from '../src/smtp/start-smtp.ts'
import { openStore } from '../src/store.ts'
import { childInput } from './child.ts'
import { furnishBench } from './furnish.ts'

export interface RelayInput {
  readonly sinkPort: number
  readonly connections: number
}

export interface RelayPlace {
  readonly port: number
  readonly username: string
  readonly secret: string
}

const input = childInput<RelayInput>()
const dataDir = await mkdtemp(join(tmpdir(), 'waybill-bench-'))
const log = createLog({ level: 'warn' })
const store = await openStore({ dataDir, databaseUrl: null, secret: 'bench'.repeat(8) }, { as: 'serve', log, progress: () => {} })
const workspaceId = await furnishBench(store, { port: input.sinkPort, connections: input.connections })
const credential = await store.database.transaction({ as: 'api', workspaceId }, (tx) =>
  createCredential(
    tx,
    {
      name: 'Bench',
      streams: ['transactional'],
      fromDomains: [],
      networks: [],
      ratePerMinute: null,
      sandbox: false,
      expiresAt: null,
    },
    { kind: 'key', id: 'bench' as never, name: 'bench', workspaceId, scopes: ['full'] },
    store.clock.now(),
  ),
)
const engine = await startEngine(
  {
    roles: ['delivery', 'jobs'],
    failpoints: '',
    allowPrivateNetworks: false,
    mailHost: 'localhost',
    url: 'http://localhost',
    publicAddresses: [],
  },
  { store, resolver: createResolver(), heloName: 'bench.example.com', log },
)
const port = await freePort()
const smtp = await startSmtp(
  { host: '127.0.0.1', dataDir, submissionPort: port, submissionTlsPort: 0, inboundPort: 0, tls: null },
  { ...store, log, hostname: 'bench.example.com', wake: () => store.notifier.hint() },
)
process.send?.({ port, username: credential.username, secret: credential.secret } satisfies RelayPlace)
process.once('message', async () => {
  await smtp.close(1_000)
  await engine.stop(5_000)
  await store.close()
  await rm(dataDir, { recursive: true, force: true })
  process.exit(0)
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
