import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../../src/db/database.ts'
import { append } from '../../../src/events/append.ts'
import { MINUTE } from '../../../src/lib/clock.ts'
import { waitUntil } from '../../../src/lib/wait.ts'
import { step } from '../../../src/workflows/steps/step.ts'
import { CHECKOUT } from '../../support/checkout.ts'
import { aGraph, engineOf, type WorkflowWorld, workflowWorld } from '../../support/workflow.ts'
import { type World, world } from '../../support/world.ts'

const begin = (name: string, next: string, rest: object = {}) => ({
  begin: { type: 'trigger.event@1', config: { name, ...rest }, next: { out: next } },
  end: { type: 'end@1', config: { outputs: { n: 'event.payload.n' } } },
})
const VARS = { vars: [{ key: 'n', type: 'number', default: 0 }] }

/** Ways in which runs begin: through at once, waiting, refused, failing, branching, with a step that needs a transaction. */
const KINDS = {
  instant: aGraph(
    {
      ...begin('instant', 'set'),
      set: { type: 'data.compute@1', config: { values: { n: 'vars.n + 1' } }, next: { out: 'end' } },
    },
    VARS,
  ),
  waits: aGraph({
    ...begin('waits', 'wait'),
    wait: {
      type: 'wait.event@1',
      config: { name: 'on', key: 'event.key', after: { for: '2d' } },
      next: { came: 'end', timeout: 'end' },
    },
  }),
  sleeps: aGraph({
    ...begin('sleeps', 'nap'),
    nap: { type: 'wait.time@1', config: { for: { for: '2d' } }, next: { out: 'end' } },
  }),
  fails: aGraph(
    { ...begin('fails', 'set'), set: { type: 'data.compute@1', config: { values: { n: '1 / vars.n' } }, next: { out: 'end' } } },
    VARS,
  ),
  branches: aGraph({
    ...begin('branches', 'fork'),
    fork: {
      type: 'fork@1',
      config: {
        branches: [
          { key: 'a', label: 'A' },
          { key: 'b', label: 'B' },
        ],
      },
      next: { a: 'join', b: 'nap' },
    },
    nap: { type: 'wait.time@1', config: { for: { for: '2d' } }, next: { out: 'join' } },
    join: { type: 'join@1', config: {}, next: { out: 'end' } },
  }),
  asks: aGraph({ ...begin('asks', 'end', { when: { field: 'event.payload.n', op: 'at_least', value: 4 } }) }),
  writes: aGraph({
    ...begin('writes', 'write'),
    write: { type: 'data.set@1', config: { values: { x: 'x' } }, next: { out: 'end' } },
  }),
} as const
type Kind = keyof typeof KINDS
const NAMES = Object.keys(KINDS) as Kind[]

/** A step that writes, as one that sends does. */
const write = step<{ readonly values: unknown }>({
  type: 'data.set@1',
  async run({ tx, run, now }) {
    await append(tx, { type: 'event.received', workspaceId: run.workspaceId, data: { name: 'written', payload: {} } }, now)
    return { kind: 'go', port: 'out' }
  },
})

/** Everything that is kept of runs, by the key of what began each, but for names that differ each time. */
async function kept({ database }: World, prefix: string): Promise<unknown[]> {
  const { rows } = await sql<{ seen: unknown }>`
    select json_build_array(
             substr(r.cause -> 'facts' ->> 'key', ${prefix.length + 1}::int), r.status, r.end_reason, r.vars, r.outputs, r.steps, r.visits, r.lines, r.held,
             r.lane_id is null, (select count(*) from workflow_lane as l where l.id = r.lane_id), r.txid = e.txid and r.seq = e.seq,
             (select json_agg(json_build_array(s.seq, s.node, s.visit, s.what, s.port) order by s.seq) from workflow_step as s where s.run_id = r.id),
             (select json_agg(json_build_array(t.node, t.state, t.due_at is null, t.trouble ->> 'class', t.frames = '[]', t.txid = r.txid and t.seq = r.seq,
                (select json_agg(json_build_array(w.happening, substr(w.key, 1, 4), w.state) order by w.id) from workflow_wait as w where w.token_id = t.id))
                order by t.node) from workflow_token as t where t.run_id = r.id),
             (select json_agg(json_build_array(f.kind, f.total, f.arrived)) from workflow_fork as f where f.run_id = r.id),
             (select json_agg(json_build_array(told.type, told.data ->> 'status', told.actor = 'workflow:' || r.id) order by told.txid, told.seq)
                from event as told where told.subject_id = r.id),
             (select json_agg(v.verdict) from workflow_verdict as v where v.run_id = r.id)) as seen
      from workflow_run as r
      join event as e on e.type = 'event.received' and e.txid = r.txid and e.seq = r.seq
     where r.cause -> 'facts' ->> 'key' like ${`${prefix}%`}
     order by r.cause -> 'facts' ->> 'key'`.execute(database.db)
  return rows.map(({ seen }) => seen)
}

async function countsOf({ database }: World) {
  const { rows } = await sql<{ runs: number; keys: number; lines: number; letters: number; ended: number }>`
    select (select count(*) from workflow_run) as runs, (select count(distinct cause -> 'facts' ->> 'key') from workflow_run) as keys,
           (select count(*) from workflow_step) as lines, (select count(*) from workflow_box) as letters,
           (select count(*) from event where type = 'workflow.run_ended') as ended`.execute(database.db)
  return rows[0]!
}

const refused = async (work: WorkflowWorld) => (await work.verdicts()).filter((verdict) => verdict !== 'began').length

test('runs that begin together leave what they leave one by one, whatever they begin with', async () => {
  const all = await world()
  const work = workflowWorld(all, { steps: [write as never] })
  for (const name of NAMES) await work.publish({ ...KINDS[name], name })
  let round = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 12 }), async (names) => {
      const [together, alone] = [`t${round}-`, `a${round++}-`]
      const event = (name: Kind, nth: number, prefix: string) => {
        const key = `${prefix}${String(nth).padStart(2, '0')}`
        return { type: 'event.received' as const, data: { name, key, payload: { n: nth } } }
      }
      const before = await refused(work)
      await work.happens(names.map((name, nth) => event(name, nth, together)))
      await work.settle()
      const between = await refused(work)
      for (const [nth, name] of names.entries()) {
        await work.happens(event(name, nth, alone))
        await work.settle()
      }
      const seen = await kept(all, together)
      expect(seen).toEqual(await kept(all, alone))
      expect(seen.length).toBe(names.filter((name, nth) => name !== 'asks' || nth >= 4).length)
      expect((await refused(work)) - between).toBe(between - before)
    }),
    { numRuns: 5 },
  )
  expect((await countsOf(all)).letters).toBe(0)
}, 120_000)

test('what breaks off is counted alone, and those that began with it are there once', async () => {
  const all = await world()
  const breaking = step<{ readonly values: unknown }>({
    ...{ type: 'data.set@1', isPure: true },
    run() {
      // As the database says it of a statement that took too long.
      throw Object.assign(new Error('broken off'), { code: '57014' })
    },
  })
  let hasBroken = false
  const failpoints = {
    reach(name: string) {
      if (name !== 'workflow_before_commit' || hasBroken) return
      hasBroken = true
      throw new Error('all of them')
    },
  }
  const work = workflowWorld(all, { steps: [breaking as never], failpoints })
  await work.publish(KINDS.instant)
  await work.publish(
    aGraph({ ...begin('nought', 'set'), set: { type: 'data.set@1', config: { values: { x: 'x' } }, next: { out: 'end' } } }),
  )
  const names = ['instant', 'nought', 'instant', 'instant']
  await work.happens(names.map((name, nth) => ({ type: 'event.received', data: { name, key: `k${nth}`, payload: { n: nth } } })))
  await work.settle()
  expect((await kept(all, 'k')).length).toBe(3)
  for (let nth = 0; nth < 8; nth++) await work.later(2 * MINUTE)
  // It began alone then, and was held where it broke.
  expect(await countsOf(all)).toMatchObject({ runs: 4, keys: 4, letters: 0, ended: 3 })
  expect((await work.runs()).filter(({ held }) => held > 0)).toMatchObject([{ status: 'running' }])
})

test('processes that begin the same runs at the same moment begin each once', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(KINDS.instant)
  const RUNS = 300
  await work.happens(
    Array.from({ length: RUNS }, (_, nth) => ({
      type: 'event.received',
      data: { name: 'instant', key: `k${nth}`, payload: { n: nth } },
    })),
  )
  const processes = Array.from({ length: 4 }, () => {
    const database = openDatabase({ connection: { ...all.connection }, maxConnections: 3, applicationName: 'test worker' })
    return { database, engine: engineOf({ database, clock: all.clock }) }
  })
  onTestFinished(async () => {
    for (const { database, engine } of processes) {
      await engine.stop()
      await database.close()
    }
  })
  for (const { engine } of processes) engine.start()
  await waitUntil(async () => (await countsOf(all)).ended >= RUNS, { limitMs: 60_000 })
  expect(await countsOf(all)).toEqual({ runs: RUNS, keys: RUNS, lines: RUNS * 3, letters: 0, ended: RUNS })
  expect(processes.reduce((sum, { engine }) => sum + engine.counts().broken, 0)).toBe(0)
}, 90_000)

test('a process that is killed while it begins many loses none of them, and begins none twice', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(KINDS.instant)
  const RUNS = 40
  await work.happens(
    Array.from({ length: RUNS }, (_, nth) => ({
      type: 'event.received',
      data: { name: 'instant', key: `k${nth}`, payload: { n: nth } },
    })),
  )
  for (const fail of ['workflow_node:60', 'workflow_before_commit:1']) {
    const { ended } = processOf(all, fail)
    await ended
  }
  const { child, ended } = processOf(all, '')
  await waitUntil(async () => (await countsOf(all)).ended >= RUNS, { limitMs: 90_000 })
  child.kill('SIGTERM')
  await ended
  expect(await countsOf(all)).toEqual({ runs: RUNS, keys: RUNS, lines: RUNS * 3, letters: 0, ended: RUNS })
}, 150_000)

function processOf({ connection }: World, fail: string) {
  const settings = JSON.stringify({ connection, fail, connections: 4 })
  const child = spawn(process.execPath, [join(CHECKOUT, 'test/support/workflow-process.ts'), settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { child, ended: once(child, 'exit') }
}
