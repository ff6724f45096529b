import { type RawBuilder, sql } from 'kysely'
import { expect, test } from 'vitest'
import { type Database, ENGINE, openDatabase } from '../../src/db/database.ts'
import { append } from '../../src/events/append.ts'
import { checkInvariants } from '../../src/insight/invariants.ts'
import { DAY, MINUTE } from '../../src/lib/clock.ts'
import type { WorkspaceId } from '../../src/lib/ids.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { anApi, ask, owner } from '../api/support.ts'
import { aGraph, engineOf, workflowWorld } from '../support/workflow.ts'

/** WAITING=1000000 DUE=100000 RESUMED=10000 npm run chaos -- workflows-waiting */
const WAITING = Number(process.env.WAITING ?? 1_000_000)
const DUE = Number(process.env.DUE ?? WAITING / 10)
const RESUMED = Number(process.env.RESUMED ?? WAITING / 100)
const BATCH = 100_000
const ROUND = 1_000
/** Lanes that are done at a time, and those that are claimed before: so far one may come before its turn. */
const OUT_OF_TURN = 1_000
const LARGE = ['workflow_lane', 'workflow_run', 'workflow_token', 'workflow_wait']
const PAGES = {
  'the list': '/v1/conversations',
  'a conversation': '/v1/conversations/1',
  'its automations': '/v1/conversations/1/automations',
  home: '/v1/queues',
}

const api = await anApi()
const { database } = api.deps
const { db } = database

/** One run that waits, so many times: as rows, each with ids of its own. The first of them are due within a minute, one after another. */
async function plant(dueFrom: Date): Promise<void> {
  await sql`create table planted (n int primary key, run_id uuid, lane_id uuid, token_id uuid, wait_id uuid, due_at timestamptz)`.execute(
    db,
  )
  const long = { statementTimeoutMs: 600_000 }
  await database.transaction(
    ENGINE,
    async (tx) => {
      await sql`
        insert into planted
        select n, uuidv7(), uuidv7(), uuidv7(), uuidv7(),
               ${dueFrom}::timestamptz + case when n <= ${DUE}::int then n * interval '1 minute' / ${DUE}::int else interval '30 days' end
          from generate_series(1, ${WAITING}::int) as n`.execute(tx)
    },
    long,
  )
  const parts: Readonly<Record<string, Readonly<Record<string, RawBuilder<unknown>>>>> = {
    workflow_lane: { id: sql`p.lane_id`, key: sql`'run:' || p.run_id`, due_at: sql`p.due_at` },
    workflow_run: { id: sql`p.run_id`, lane_id: sql`p.lane_id` },
    workflow_token: { id: sql`p.token_id`, run_id: sql`p.run_id`, lane_id: sql`p.lane_id`, due_at: sql`p.due_at` },
    workflow_wait: { id: sql`p.wait_id`, token_id: sql`p.token_id`, lane_id: sql`p.lane_id`, key: sql`'name:go.on:k' || p.n` },
  }
  for (const [table, own] of Object.entries(parts)) {
    const { rows } = await sql<{ name: string }>`
      select attname as name from pg_attribute where attrelid = ${table}::regclass and attnum > 0 and not attisdropped`.execute(
      db,
    )
    const names = rows.map(({ name }) => name)
    const values = names.map((name) => own[name] ?? sql`one.${sql.ref(name)}`)
    const first = (await sql<{ id: string }>`select id from ${sql.ref(table)}`.execute(db)).rows[0]?.id
    for (let from = 0; from < WAITING; from += BATCH)
      await database.transaction(
        ENGINE,
        (tx) =>
          sql`
            insert into ${sql.ref(table)} (${sql.join(names.map((name) => sql.ref(name)))})
            select ${sql.join(values)} from ${sql.ref(table)} as one cross join planted as p
             where one.id = ${first} and p.n > ${from}::int and p.n <= ${from + BATCH}::int`.execute(tx),
        long,
      )
    await database.transaction(ENGINE, (tx) => sql`analyze ${sql.ref(table)}`.execute(tx), long)
  }
}

interface Heard {
  readonly text: string
  readonly values: readonly unknown[]
}

/** The engine's own connections; the last of each of its statements is kept, to ask how it was done. */
function listening(): { readonly own: Database; readonly heard: ReadonlyMap<string, Heard> } {
  const own = openDatabase({ connection: { ...api.connection }, maxConnections: 8, applicationName: 'engine' })
  const heard = new Map<string, Heard>()
  own.pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...given: unknown[]) => unknown
    Object.assign(client, {
      query: (given: unknown, ...rest: unknown[]) => {
        const { text, values } = given as Partial<Heard>
        if (text && values && /workflow_/.test(text)) heard.set(text, { text, values })
        return query(given, ...rest)
      },
    })
  })
  return { own, heard }
}

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly Plans?: readonly Plan[]
}

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
}

async function planOf({ text, values }: Heard): Promise<Plan[]> {
  const { rows } = await database.pool.query(`explain (format json) ${text}`, [...values])
  return nodesOf(rows[0]['QUERY PLAN'][0].Plan)
}

async function rowsRead(): Promise<Map<string, number>> {
  const { rows } = await sql<{ name: string; n: number }>`
    select relname as name, seq_tup_read as n from pg_stat_user_tables where relname = any (${LARGE})`.execute(db)
  return new Map(rows.map(({ name, n }) => [name, n]))
}

async function isThere(what: ReturnType<typeof sql>): Promise<boolean> {
  return (await sql`${what} limit 1`.execute(db)).rows.length > 0
}

function figure(values: readonly number[], part: number): string {
  return (values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? Number.NaN).toFixed(
    0,
  )
}

test(`of ${WAITING} runs that wait ${DUE} are due and ${RESUMED} go on by events: in their order, by index, and pages do not wait`, async () => {
  const ann = await owner(api)
  const workspaceId = ann.workspaceId as WorkspaceId
  const inbox = (await ask(api, 'POST', '/v1/inboxes', { ...ann, body: { name: 'Support', address: 'support@example.com' } }))
    .body
  const call = {
    inbox_id: inbox.id,
    channel: 'phone',
    customer: 'Bob <bob@customer.example>',
    subject: 'A call',
    html: '<p>Hi</p>',
    files: [],
  }
  await ask(api, 'POST', '/v1/conversations', { ...ann, body: call })
  const work = workflowWorld({ database, clock: api.clock, workspaceId })
  await work.publish(
    aGraph({
      begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'wait' } },
      wait: {
        type: 'wait.event@1',
        config: { name: 'go.on', key: 'event.key', after: { for: '30d' } },
        next: { came: 'end', timeout: 'late' },
      },
      late: { type: 'end@1', config: {} },
      end: { type: 'end@1', config: {} },
    }),
  )
  await work.told('go', 'first')
  await work.settle()
  const plantedMs = performance.now()
  await plant(new Date(api.clock.now().getTime() + DAY))
  process.stdout.write(`${WAITING} planted in ${((performance.now() - plantedMs) / 1_000).toFixed(0)} s\n`)
  api.clock.advance(DAY + 2 * MINUTE)

  const { own, heard } = listening()
  const engine = engineOf({ database: own, clock: api.clock }, { atOnce: 4 })
  const before = await rowsRead()
  const tell = (keys: readonly string[]) =>
    database.transaction(ENGINE, (tx) =>
      append(
        tx,
        keys.map((key) => ({ type: 'event.received', workspaceId, data: { name: 'go.on', key, payload: {} } }) as const),
        api.clock.now(),
      ),
    )
  const waitsFor = (n: number) =>
    isThere(sql`select from workflow_wait where happening = 'event.received' and key = ${`name:go.on:k${n}`} and state = 'open'`)
  const startedMs = performance.now()
  engine.start()
  for (let from = 0; from < RESUMED; from += ROUND)
    await tell(Array.from({ length: Math.min(ROUND, RESUMED - from) }, (_, nth) => `k${DUE + from + nth + 1}`))
  const pages = new Map(Object.keys(PAGES).map((name) => [name, [] as number[]]))
  const answers: number[] = []
  const isBusy = async () =>
    (await waitsFor(DUE + RESUMED)) ||
    (await isThere(sql`select from workflow_lane where due_at <= ${api.clock.now()} order by priority, due_at`)) ||
    (await isThere(sql`select from workflow_box`))
  let nth = 0
  while ((await isBusy()) || nth < 20) {
    for (const [name, path] of Object.entries(PAGES)) {
      const pageMs = performance.now()
      expect((await ask(api, 'GET', path, ann)).status, path).toBe(200)
      pages.get(name)?.push(performance.now() - pageMs)
    }
    const key = WAITING - nth++
    const toldMs = performance.now()
    await tell([`k${key}`])
    engine.wake()
    expect(await waitUntil(async () => !(await waitsFor(key)), { limitMs: 3_600_000 })).toBe(true)
    answers.push(performance.now() - toldMs)
  }
  const seconds = (performance.now() - startedMs) / 1_000
  await engine.stop()
  await own.close()
  const moved = DUE + RESUMED + nth
  const shown = [...pages].map(([name, ms]) => `${name} ${figure(ms, 0.5)} (${figure(ms, 0.95)}) ms`)
  process.stdout.write(
    `${moved} of ${WAITING} in ${seconds.toFixed(0)} s (${Math.round(moved / seconds)} a second); one more event meanwhile ${figure(answers, 0.5)} (${figure(answers, 0.95)}) ms; ${shown.join(', ')}: medians (and of 20 the slowest but one), of ${nth}\n`,
  )

  // How it was done. What the connections of the engine counted is there when they ended.
  const read = await rowsRead()
  const scanned = LARGE.filter((name) => (read.get(name) ?? 0) - (before.get(name) ?? 0) > WAITING / 10)
  expect(scanned).toEqual([])
  const indexes = new Set<string>()
  for (const statement of heard.values()) {
    if (!/^\s*(select|with)/.test(statement.text) || /\b(insert|update|delete)\b/.test(statement.text)) continue
    const nodes = await planOf(statement)
    const scans = nodes.filter((node) => node['Node Type'] === 'Seq Scan' && LARGE.includes(node['Relation Name'] ?? ''))
    expect(scans, statement.text).toEqual([])
    for (const node of nodes) if (node['Index Name']?.startsWith('workflow_')) indexes.add(node['Index Name'])
  }
  process.stdout.write(`read by ${[...indexes].toSorted().join(', ')}\n`)

  const { rows: ended } = await sql<{ node: string; n: number }>`
    select node, count(*) as n from workflow_step where what = 'ended' group by node order by node`.execute(db)
  expect(ended).toEqual([
    { node: 'end', n: RESUMED + nth },
    { node: 'late', n: DUE },
  ])
  // By their transactions: where a row lies says little, since each connection fills pages of its own.
  const { rows: order } = await sql<{ most: number }>`
    select max(abs(p.n - came.nth)) as most
      from (select run_id, row_number() over (order by xmin::text::bigint, ctid) as nth from workflow_step where what = 'ended' and node = 'late') as came
      join planted as p using (run_id)`.execute(db)
  expect(order[0]?.most).toBeLessThan(OUT_OF_TURN)
  expect(await checkInvariants(database, api.clock.now())).toEqual([])
}, 7_200_000)
