/** Our side: submit → claim → settle on the production path, with row-level security, every index, events and followers, fsync on. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Submission } from '../src/delivery/message.ts'
import { submit } from '../src/delivery/submit.ts'
import { createResolver } from '../src/dns/resolver.ts'
import { startEngine } from '../src/engine.ts'
import { DAY } from '../src/lib/clock.ts'
import { type MessageId, newId, type WorkspaceId } from '../src/lib/ids.ts'
import { createLog } from '../src/log.ts'
import { openStore, type Store } from '../src/store.ts'
import { answerParent, childInput } from './child.ts'
import { furnishBench, knownReceiver, verifiedDomain } from './furnish.ts'
import { rawMessage } from './message.ts'

export interface DrainInput {
  readonly port: number
  readonly messages: number
  readonly sizeBytes: number
  readonly connections: number
  /** With the keys of its domain, as if the DNS had shown them. */
  readonly signed?: boolean
  /** TLS from the first byte, to the server of this certificate. */
  readonly fingerprint?: string
  /** Send only so many, with the rest waiting behind them. */
  readonly sendOnly?: number
  /** A queue that another process has filled and left in this data folder. */
  readonly filled?: string
  /** Fill the queue and leave it in the data folder, for another process. */
  readonly fillOnly?: boolean
}

export interface DrainOutput {
  readonly perSecond: number
  readonly cpuMicroseconds: number
  readonly commitsPerMessage: number
  readonly submittedPerSecond: number
  readonly residentMegabytes: number
  readonly dataDir: string
  /** Counted in the database afterwards. */
  readonly states: Readonly<Record<string, number>>
  readonly attempts: Readonly<Record<string, number>>
}

const BATCH = 200

const input = childInput<DrainInput>()
const dataDir = input.filled ?? (await mkdtemp(join(tmpdir(), 'waybill-bench-')))
const log = createLog({ level: 'warn' })
const store = await openStore({ dataDir, databaseUrl: null, secret: 'bench'.repeat(8) }, { as: 'serve', log, progress: () => {} })
let output: Partial<DrainOutput> = {}
try {
  const submitMs = input.filled ? 0 : await furnishAndFill()
  output = input.fillOnly ? { submittedPerSecond: (input.messages / submitMs) * 1_000 } : await drain(store, submitMs)
} finally {
  await store.close()
  if (!input.fillOnly) await rm(dataDir, { recursive: true, force: true })
}
answerParent({ ...output, dataDir })

async function furnishAndFill(): Promise<number> {
  const workspaceId = await furnishBench(store, input)
  await knownReceiver(store, 'example.org')
  if (input.signed) await verifiedDomain(store, workspaceId, 'example.com')
  return await fill(store, workspaceId)
}

/** As the API does it: behind row-level security. */
async function fill({ database, blobs, clock }: Store, workspaceId: WorkspaceId): Promise<number> {
  const startedMs = performance.now()
  for (let from = 0; from < input.messages; from += BATCH) {
    const now = clock.now()
    const batch: Submission[] = []
    for (let i = from; i < Math.min(input.messages, from + BATCH); i++) {
      batch.push({
        id: newId<MessageId>(now.getTime()),
        workspaceId,
        stream: 'transactional',
        origin: { kind: 'bench' },
        actor: null,
        envelopeSender: 'bench@example.com',
        sender: 'bench@example.com',
        fromDomain: 'example.com',
        to: [`r${i}@example.org`],
        cc: [],
        bcc: [],
        subject: `Message ${i}`,
        tags: [],
        metadata: {},
        rfcMessageId: `<bench-${i}@example.com>`,
        content: await blobs.stage(workspaceId, Buffer.from(rawMessage(i, input.sizeBytes), 'latin1')),
        eightBit: false,
        internationalized: false,
        recipients: [`r${i}@example.org`],
        scheduledAt: null,
        expiresAt: new Date(now.getTime() + DAY),
        resendOf: null,
        viaRoute: null,
      })
    }
    await database.transaction({ as: 'api', workspaceId }, (tx) => submit(tx, blobs, batch, now))
  }
  const elapsedMs = performance.now() - startedMs
  await sql`analyze`.execute(database.db)
  return elapsedMs
}

async function drain(store: Store, submitMs: number): Promise<Omit<DrainOutput, 'dataDir'>> {
  const { database } = store
  const wanted = input.sendOnly ?? input.messages
  const before = await commits(store)
  const cpuBefore = process.cpuUsage()
  const startedMs = performance.now()
  const engine = await startEngine(
    {
      roles: ['delivery', 'jobs'],
      failpoints: '',
      allowPrivateNetworks: false,
      publicAddresses: [],
      mailHost: 'localhost',
      url: 'http://localhost',
    },
    { store, resolver: createResolver(), heloName: 'bench.example.com', log },
  )
  let residentBytes = 0
  while ((engine.dispatcherStatus()?.settled ?? 0) < wanted) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    residentBytes = Math.max(residentBytes, process.memoryUsage.rss())
  }
  const seconds = (performance.now() - startedMs) / 1_000
  const cpu = process.cpuUsage(cpuBefore)
  await engine.stop(10_000)
  // The server reports its numbers about once a second.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  return {
    perSecond: wanted / seconds,
    cpuMicroseconds: (cpu.user + cpu.system) / wanted,
    commitsPerMessage: ((await commits(store)) - before) / wanted,
    submittedPerSecond: (input.messages / submitMs) * 1_000,
    residentMegabytes: residentBytes / 1_048_576,
    states: await counted(sql`select state as name, count(*) as n from delivery group by state`),
    attempts: await counted(sql`select outcome as name, count(*) as n from attempt group by outcome`),
  }

  async function counted(query: ReturnType<typeof sql>): Promise<Record<string, number>> {
    const { rows } = await (query as ReturnType<typeof sql<{ name: string; n: number }>>).execute(database.db)
    return Object.fromEntries(rows.map((row) => [row.name, row.n]))
  }
}

async function commits({ database }: Store): Promise<number> {
  const { rows } = await sql<{
    n: number
  }>`select xact_commit as n from pg_stat_database where datname = current_database()`.execute(database.db)
  return rows[0]?.n ?? 0
}
