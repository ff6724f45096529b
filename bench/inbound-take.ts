/** Our side: from raw bytes to a committed conversation, on the production path: receive in pages as a source does, and the worker of the engine. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createResolver } from '../src/dns/resolver.ts'
import { startEngine } from '../src/engine.ts'
import { receive } from '../src/inbound/receive.ts'
import { type InboxId, newId, type UserId, type WorkspaceId } from '../src/lib/ids.ts'
import { createLog } from '../src/log.ts'
import { openStore, type Store } from '../src/store.ts'
import { answerParent, childInput } from './child.ts'
import { furnishBench } from './furnish.ts'
import { customerMail, type InboundKind } from './inbound-mails.ts'

export interface TakeInput {
  readonly kind: InboundKind
  readonly mails: number
  readonly agents: number
}

export interface TakeOutput {
  readonly perSecond: number
  /** Of this process, for each mail. */
  readonly cpuMicroseconds: number
  /** Of PostgreSQL's processes, for each mail; null where the system does not say. */
  readonly databaseMicroseconds: number | null
  readonly commitsPerMail: number
  readonly walBytesPerMail: number
  /** Counted in the database afterwards. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly conversations: number
}

/** As many as an IMAP source fetches before it moves its cursor. */
const PAGE = 50
/** Each look is a commit, too: few enough to be lost among those of the mails. */
const LOOK_EVERY_MS = 100

const input = childInput<TakeInput>()
const dataDir = await mkdtemp(join(tmpdir(), 'waybill-bench-'))
const log = createLog({ level: 'warn' })
const store = await openStore({ dataDir, databaseUrl: null, secret: 'bench'.repeat(8) }, { as: 'serve', log, progress: () => {} })
let output: TakeOutput
try {
  const workspaceId = await furnishBench(store, { port: 1, connections: 1 })
  output = await takeAll(store, workspaceId, await furnishInbox(store, workspaceId))
} finally {
  await store.close()
  await rm(dataDir, { recursive: true, force: true })
}
answerParent(output)

async function furnishInbox({ database: { db }, clock }: Store, workspaceId: WorkspaceId): Promise<InboxId> {
  const now = clock.now()
  const id = newId<InboxId>(now.getTime())
  await sql`insert into inbox (workspace_id, id, name, slug, address, created_at, updated_at)
            values (${workspaceId}, ${id}, 'Support', 'support', 'support@example.com', ${now}, ${now})`.execute(db)
  await sql`insert into inbox_address values (${workspaceId}, 'support@example.com', ${id}, true, ${now})`.execute(db)
  for (let i = 0; i < input.agents; i += 1) {
    const user = newId<UserId>(now.getTime())
    await sql`insert into user_account (id, email, name, password_hash, password_changed_at, created_at)
              values (${user}, ${`agent${i}@shop.example`}, ${`Agent ${i}`}, '$argon2id$none', ${now}, ${now})`.execute(db)
    await sql`insert into membership (workspace_id, user_id, role, joined_at) values (${workspaceId}, ${user}, 'agent', ${now})`.execute(
      db,
    )
  }
  return id
}

async function takeAll(store: Store, workspaceId: WorkspaceId, inboxId: InboxId): Promise<TakeOutput> {
  const { database, clock } = store
  const mails = Array.from({ length: input.mails }, (_, i) => customerMail(i, input.kind))
  const engine = await startEngine(
    {
      roles: ['inbound'],
      failpoints: '',
      allowPrivateNetworks: false,
      publicAddresses: [],
      mailHost: 'localhost',
      url: 'http://localhost',
    },
    { store, resolver: createResolver(), heloName: 'bench.example.com', log },
  )
  const [before, databaseBefore] = [await written(store), await databaseTime(store)]
  const [cpuBefore, startedMs] = [process.cpuUsage(), performance.now()]
  const arrival = { workspaceId, channel: 'imap' as const, place: null, inboxId, envelopeSender: null, envelopeRecipients: [] }
  for (let from = 0; from < mails.length; from += PAGE) {
    const now = clock.now()
    const page = mails.slice(from, from + PAGE).map((content) => ({
      arrivals: [{ ...arrival, remoteIp: null, helo: null, receivedAt: now, isCut: false }],
      content,
    }))
    await receive({ ...store, wake: () => store.notifier.hint() }, page, now)
  }
  while ((await waiting(store)) > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  const seconds = (performance.now() - startedMs) / 1_000
  const cpu = process.cpuUsage(cpuBefore)
  const databaseAfter = await databaseTime(store)
  await engine.stop(10_000)
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const { rows } = await sql<{
    outcome: string
    n: number
  }>`select outcome, count(*) as n from inbound_mail group by outcome`.execute(database.db)
  const after = await written(store)
  const made = await sql<{ n: number }>`select count(*) as n from conversation`.execute(database.db)
  return {
    perSecond: input.mails / seconds,
    cpuMicroseconds: (cpu.user + cpu.system) / input.mails,
    databaseMicroseconds: databaseBefore && databaseAfter && timeBetween(databaseBefore, databaseAfter) / input.mails,
    commitsPerMail: (after.commits - before.commits) / input.mails,
    walBytesPerMail: Math.round((after.wal - before.wal) / input.mails),
    outcomes: Object.fromEntries(rows.map(({ outcome, n }) => [outcome, n])),
    conversations: made.rows[0]?.n ?? 0,
  }
}

async function waiting({ database }: Store): Promise<number> {
  const { rows } = await sql`select from inbound_mail where state = 'received' limit 1`.execute(database.db)
  return rows.length
}

async function written({ database }: Store): Promise<{ commits: number; wal: number }> {
  const { rows } = await sql<{ commits: number; wal: number }>`
    select xact_commit::float8 as commits, (select wal_bytes::float8 from pg_stat_wal) as wal
      from pg_stat_database where datname = current_database()`.execute(database.db)
  return rows[0] ?? { commits: 0, wal: 0 }
}

/** Processor time of PostgreSQL's processes by their ids, as Linux tells it in hundredths of a second; null elsewhere. */
async function databaseTime({ database }: Store): Promise<Map<number, number> | null> {
  const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity`.execute(database.db)
  const times = await Promise.all(rows.map(({ pid }) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)))
  if (times.every((text) => text === null)) return null
  return new Map(
    times.map((text, i) => {
      const [user = 0, system = 0] = (text?.split(') ')[1] ?? '').split(' ').slice(11, 13).map(Number)
      return [rows[i]?.pid ?? 0, (user + system) * 10_000]
    }),
  )
}

function timeBetween(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  return [...after].reduce((sum, [pid, time]) => sum + time - (before.get(pid) ?? 0), 0)
}
