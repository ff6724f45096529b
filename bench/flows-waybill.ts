/** Our side: the whole server, its real HTTP API and its real engine, in a process of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { startApp } from '../src/app.ts'
import { readConfig } from '../src/config.ts'
import { ENGINE } from '../src/db/database.ts'
import { append } from '../src/events/append.ts'
import type { NewEvent } from '../src/events/event.ts'
import type { WorkspaceId } from '../src/lib/ids.ts'
import { createLog } from '../src/log.ts'
import { BENCH_KEY, type Counts, INSTANT_STEPS, LONG_STEPS, peerInput, serveParent, WAITING_STEPS } from './flows.ts'

const BATCH = 1_000

const { url } = peerInput()
const dataDir = await mkdtemp(join(tmpdir(), 'waybill-bench-'))
const app = await startApp(
  readConfig({
    WAYBILL_PORT: '0',
    WAYBILL_SUBMISSION_PORT: '0',
    WAYBILL_SUBMISSION_TLS_PORT: '0',
    WAYBILL_INBOUND_PORT: '0',
    WAYBILL_DATA_DIR: dataDir,
    DATABASE_URL: url,
    WAYBILL_API_KEY: BENCH_KEY,
    WAYBILL_SECRET: 'bench'.repeat(8),
    WAYBILL_LOG_LEVEL: 'warn',
  }),
  createLog({ level: 'warn' }),
  () => {},
)
const { database, clock, notifier } = app.store
const { db } = database

/** Five, or so many, that are instant; what each remembers is in the run. */
function instant(name: string, steps: number): object {
  const chain = Array.from({ length: steps }, (_, nth) => [
    `s${nth}`,
    {
      type: 'data.set@1',
      config: { values: { [`v${nth % 10}`]: 'of {{ event.key }}' } },
      next: { out: nth + 1 < steps ? `s${nth + 1}` : 'end' },
    },
  ])
  return graphOf(name, { ...Object.fromEntries(chain), begin: begin(name, 's0'), end: { type: 'end@1', config: {} } })
}

/** Each step waits for an event of its own key. */
function waiting(name: string, steps: number): object {
  const chain = Array.from({ length: steps }, (_, nth) => [
    `w${nth}`,
    {
      type: 'wait.event@1',
      config: { name: `${name}.step${nth}`, key: 'event.key', after: { for: '2d' } },
      next: { came: nth + 1 < steps ? `w${nth + 1}` : 'end', timeout: 'end' },
    },
  ])
  return graphOf(name, { ...Object.fromEntries(chain), begin: begin(name, 'w0'), end: { type: 'end@1', config: {} } })
}

function begin(name: string, next: string): object {
  return { type: 'trigger.event@1', config: { name }, next: { out: next } }
}

function graphOf(name: string, nodes: object): object {
  const vars = Array.from({ length: 10 }, (_, nth) => ({ key: `v${nth}`, type: 'text' }))
  return { schema: 'workflow/1', name, subject: 'none', vars, nodes }
}

/** Through the API, as a person would. */
async function publish(draft: object): Promise<void> {
  const made = await ask('POST', '/v1/workflows', { name: (draft as { name: string }).name, draft })
  await ask('POST', `/v1/workflows/${made.id}/publish`, { revision: made.draft_revision, acknowledged: [] })
}

async function ask(method: string, path: string, body: object): Promise<{ id: string; draft_revision: number }> {
  const headers = { authorization: `Bearer ${BENCH_KEY}`, 'content-type': 'application/json' }
  const answer = await fetch(`${app.url}${path}`, { method, headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as { id: string; draft_revision: number }
}

async function workspace(): Promise<WorkspaceId> {
  const { rows } = await sql<{ id: WorkspaceId }>`select id from workspace`.execute(db)
  return rows[0]?.id as WorkspaceId
}

const isNew = (await sql`select from workflow limit 1`.execute(db)).rows.length === 0
if (isNew) {
  await publish(instant('flow.instant', INSTANT_STEPS))
  await publish(instant('flow.long', LONG_STEPS))
  await publish(waiting('flow.waiting', WAITING_STEPS))
  await publish(waiting('flow.once', 1))
}
const workspaceId = await workspace()

async function tellMany(name: string, flows: number): Promise<void> {
  for (let from = 0; from < flows; from += BATCH) {
    const events = Array.from({ length: Math.min(BATCH, flows - from) }, (_, nth): NewEvent => {
      const data = { name, key: `k${from + nth}`, payload: {} }
      return { type: 'event.received', workspaceId, data }
    })
    await database.transaction(ENGINE, (tx) => append(tx, events, clock.now()))
  }
  await notifier.hint()
}

serveParent({
  port: Number(new URL(app.url).port),
  async counts() {
    const { rows } = await sql<Counts>`
      select (select count(*) from workflow_run where status = 'completed') as completed,
             (select count(*) from workflow_wait) as waiting,
             (select count(*) from workflow_step where what = 'hit') as passed`.execute(db)
    return rows[0] as Counts
  },
  async fill(flows, steps) {
    await tellMany(steps === LONG_STEPS ? 'flow.long' : 'flow.once', flows)
  },
  async resume(flows) {
    await tellMany('flow.once.step0', flows)
  },
  // Both commits as the database dates them: that of the event, and that of what its first step wrote.
  async latencies() {
    const { rows } = await sql<{ ms: number }>`
      select (extract(epoch from pg_xact_commit_timestamp(s.xmin) - pg_xact_commit_timestamp(e.xmin)) * 1000)::float8 as ms
        from workflow_run as r
        join event as e on e.txid = r.txid and e.seq = r.seq
        join workflow_step as s on s.workspace_id = r.workspace_id and s.run_id = r.id and s.node = 's0'`.execute(db)
    return rows.map(({ ms }) => ms)
  },
  async stop() {
    await app.stop(5_000)
    await rm(dataDir, { recursive: true, force: true })
  },
})
