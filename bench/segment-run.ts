/** Counting a segment of a million people: three conditions and one of what they did, as the builder asks while somebody turns its knobs. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Tree } from '../src/contacts/segments/segment.ts'
import { lookAtTree } from '../src/contacts/segments/segments.ts'
import { ENGINE } from '../src/db/database.ts'
import { newId, type WorkspaceId } from '../src/lib/ids.ts'
import { createLog } from '../src/log.ts'
import { openStore, type Store } from '../src/store.ts'
import { answerParent, childInput } from './child.ts'

export interface SegmentInput {
  readonly people: number
}

export interface SegmentOutput {
  readonly found: number
  readonly p50: number
  readonly max: number
  /** Processor time of PostgreSQL in the middle; null where the system does not say. */
  readonly processorMs: number | null
}

const RUNS = 5
const input = childInput<SegmentInput>()
const dataDir = await mkdtemp(join(tmpdir(), 'waybill-bench-'))
const store = await openStore(
  { dataDir, databaseUrl: null, secret: 'bench'.repeat(8) },
  { as: 'serve', log: createLog({ level: 'warn' }), progress: () => {} },
)
let output: SegmentOutput
try {
  output = await count(store)
} finally {
  await store.close()
  await rm(dataDir, { recursive: true, force: true })
}
answerParent(output)

async function count({ database, clock }: Store): Promise<SegmentOutput> {
  const workspaceId = newId<WorkspaceId>(clock.now().getTime())
  const list = await furnish(database, workspaceId)
  const tree: Tree = {
    all: [
      { kind: 'list', list, status: 'subscribed' },
      { kind: 'field', field: 'language', op: 'is', value: 'de' },
      { kind: 'data', key: 'plan', type: 'text', op: 'is', value: 'guide' },
      { kind: 'activity', activity: 'clicked', campaign: null, since: { days: 90 } },
    ],
  }
  const [times, busy]: [number[], number[]] = [[], []]
  let found = 0
  for (let i = 0; i <= RUNS; i += 1)
    await database.transaction(ENGINE, async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx)
      const [startedMs, before] = [performance.now(), processorMs(rows[0]?.pid ?? 0)]
      found = (await lookAtTree(tx, workspaceId, tree, clock.now())).count
      const after = processorMs(rows[0]?.pid ?? 0)
      // The first finds nothing in memory.
      if (i > 0) times.push(performance.now() - startedMs)
      if (i > 0 && before !== null && after !== null) busy.push(after - before)
    })
  const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
  return { found, p50: middle(times), max: Math.max(...times), processorMs: busy.length > 0 ? middle(busy) : null }
}

/** Of whom half are subscribed, an eighth read German, a third have the plan, and a fifth followed a link lately. */
async function furnish({ transaction, db }: Store['database'], workspaceId: WorkspaceId): Promise<string> {
  const list = newId()
  const { people } = input
  const id = sql`('018f0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`
  const each = sql`from generate_series(1, ${people}::int) as n`
  await transaction(
    ENGINE,
    async (tx) => {
      await sql`insert into workspace (id, name, created_at) values (${workspaceId}, 'Bench', now())`.execute(tx)
      await sql`insert into contact_list (workspace_id, id, name, slug, created_at, updated_at)
                values (${workspaceId}, ${list}, 'Everybody', 'everybody', now(), now())`.execute(tx)
      await sql`insert into contact (workspace_id, id, name, language, data, created_at, updated_at)
                select ${workspaceId}::uuid, ${id}, 'Person ' || n, (array['de', 'en', 'es', 'pl', 'it', 'ja', 'fr', 'da'])[1 + n % 8],
                       jsonb_build_object('plan', (array['guide', 'hiker', 'climber'])[1 + n % 3]), now(), now() ${each}`.execute(
        tx,
      )
      await sql`insert into list_member (workspace_id, list_id, contact_id, status, source, since)
                select ${workspaceId}::uuid, ${list}::uuid, ${id}, case when n % 10 < 5 then 'subscribed' else 'unsubscribed' end, 'import', now() ${each}`.execute(
        tx,
      )
      await sql`insert into contact_activity (workspace_id, contact_id, kind, subject_id, campaign_id, address, at)
                select ${workspaceId}::uuid, ${id}, kind, gen_random_uuid(), null, 'a@example.org', now() - make_interval(days => n % 120)
                  ${each} cross join unnest(array['sent', 'opened', 'clicked']) as kind
                 where kind = 'sent' or n % 4 = 0`.execute(tx)
    },
    { statementTimeoutMs: 600_000 },
  )
  await sql`vacuum analyze contact`.execute(db)
  await sql`vacuum analyze list_member`.execute(db)
  await sql`vacuum analyze contact_activity`.execute(db)
  return list
}

function processorMs(pid: number): number | null {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
  } catch {
    return null
  }
}
