import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { waitUntil } from '../../src/lib/wait.ts'
import { CHECKOUT } from '../support/checkout.ts'
import { aGraph, workflowWorld } from '../support/workflow.ts'
import { type World, world } from '../support/world.ts'

const TWO_EFFECTS = aGraph({
  begin: { type: 'trigger.event@1', config: { name: 'order.made' }, next: { out: 'first' } },
  first: { type: 'data.set@1', config: { values: { key: 'first' } }, next: { out: 'paid' } },
  paid: {
    type: 'wait.event@1',
    config: { name: 'order.paid', key: 'event.key', after: { for: '2d' } },
    next: { came: 'second', timeout: 'late' },
  },
  second: { type: 'data.set@1', config: { values: { key: 'second' } }, next: { out: 'end' } },
  late: { type: 'end@1', config: {} },
  end: { type: 'end@1', config: {} },
})

const POINTS = ['workflow_claimed', 'workflow_node', 'workflow_before_commit', 'workflow_after_commit', 'workflow_routed']
const KILLS = Number(process.env.KILLS ?? 100)
const RUNS_A_KILL = 6

function start({ connection }: World, fail: string) {
  const settings = JSON.stringify({ connection, fail, connections: 4 })
  const child = spawn(process.execPath, [join(CHECKOUT, 'test/support/workflow-process.ts'), settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { child, ended: once(child, 'exit') }
}

async function counts({ database }: World) {
  const { rows } = await sql<{ effects: number; distinct: number; completed: number; held: number; runs: number }>`
    select (select count(*) from event where data ->> 'name' = 'effect') as effects,
           (select count(distinct data -> 'payload' ->> 'key') from event where data ->> 'name' = 'effect') as "distinct",
           (select count(*) from workflow_run where status = 'completed') as completed,
           (select count(*) from workflow_run where held > 0) as held,
           (select count(*) from workflow_run) as runs`.execute(database.db)
  return rows[0]
}

test(`killed ${KILLS} times at points by chance under load: no effect is lost, and none is there twice`, async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(TWO_EFFECTS)
  const chance = (most: number) => 1 + Math.floor(Math.random() * most)
  const killed: string[] = []
  for (let nth = 0; nth < KILLS; nth++) {
    const keys = Array.from({ length: RUNS_A_KILL }, (_, one) => `order-${nth}-${one}`)
    for (const name of ['order.made', 'order.paid'])
      await work.happens(keys.map((key) => ({ type: 'event.received', data: { name, key, payload: {} } })))
    const point = POINTS[chance(POINTS.length) - 1] as string
    // Not later than there is work for it.
    const { child, ended } = start(all, `${point}:${chance(point === 'workflow_routed' ? 3 : 2 * RUNS_A_KILL)}`)
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
    await ended
    clearTimeout(timer)
    killed.push(point)
  }
  const last = start(all, '')
  const wanted = KILLS * RUNS_A_KILL
  const isDone = await waitUntil(async () => (await counts(all))?.completed === wanted, { limitMs: 300_000 })
  last.child.kill('SIGTERM')
  await last.ended
  expect({ isDone, ...(await counts(all)) }, killed.join(' ')).toEqual({
    ...{ isDone: true, effects: 2 * wanted, distinct: 2 * wanted, completed: wanted, held: 0, runs: wanted },
  })
}, 3_600_000)
