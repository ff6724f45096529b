/** Our side: from raw bytes to a committed conversation, on the production path: receive in pages as a source does, and the worker of the engine. */
import { mkdtemp, rm } from 'node:fs/promises'
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
  readonly cpuMicroseconds: number
  readonly commitsPerMail: number
  /** Counted in the database afterwards. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly conversations: number
}

/** As many as an IMAP source fetches before it moves its cursor. */
const PAGE = 50

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
  const [commitsBefore, cpuBefore, startedMs] = [await commits(store), process.cpuUsage(), performance.now()]
  const arrival = { workspaceId, channel: 'imap' as const, place: null, inboxId, envelopeSender: null, envelopeRecipients: [] }
  for (let from = 0; from < mails.length; from += PAGE) {
    const now = clock.now()
    const page = mails.slice(from, from + PAGE).map((content) => ({
      arrivals: [{ ...arrival, remoteIp: null, helo: null, receivedAt: now, isCut: false }],
      content,
    }))
    await receive({ ...store, wake: () => store.notifier.hint() }, page, now)
  }
  while ((await waiting(store)) > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  const seconds = (performance.now() - startedMs) / 1_000
  const cpu = process.cpuUsage(cpuBefore)
  await engine.stop(10_000)
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const { rows } = await sql<{
    outcome: string
    n: number
  }>`select outcome, count(*) as n from inbound_mail group by outcome`.execute(database.db)
  const made = await sql<{ n: number }>`select count(*) as n from conversation`.execute(database.db)
  return {
    perSecond: input.mails / seconds,
    cpuMicroseconds: (cpu.user + cpu.system) / input.mails,
    commitsPerMail: ((await commits(store)) - commitsBefore) / input.mails,
    outcomes: Object.fromEntries(rows.map(({ outcome, n }) => [outcome, n])),
    conversations: made.rows[0]?.n ?? 0,
  }
}

async function waiting({ database }: Store): Promise<number> {
  const { rows } = await sql`select from inbound_mail where state = 'received' limit 1`.execute(database.db)
  return rows.length
}

async function commits({ database }: Store): Promise<number> {
  const { rows } = await sql<{
    n: number
  }>`select xact_commit as n from pg_stat_database where datname = current_database()`.execute(database.db)
  return rows[0]?.n ?? 0
}
