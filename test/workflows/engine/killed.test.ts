import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { waitUntil } from '../../../src/lib/wait.ts'
import { CHECKOUT } from '../../support/checkout.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { type World, world } from '../../support/world.ts'

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

function start({ connection }: World, fail: string, connections = 4) {
  const settings = JSON.stringify({ connection, fail, connections })
  const child = spawn(process.execPath, [join(CHECKOUT, 'test/support/workflow-process.ts'), settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { child, ended: once(child, 'exit') }
}

async function counts({
  database,
}: World): Promise<{ effects: number; distinct: number; completed: number; held: number; runs: number }> {
  const { rows } = await sql<{ effects: number; distinct: number; completed: number; held: number; runs: number }>`
    select (select count(*) from event where data ->> 'name' = 'effect') as effects,
           (select count(distinct data -> 'payload' ->> 'key') from event where data ->> 'name' = 'effect') as "distinct",
           (select count(*) from workflow_run where status = 'completed') as completed,
           (select count(*) from workflow_run where held > 0) as held,
           (select count(*) from workflow_run) as runs`.execute(database.db)
  return rows[0]!
}

test('killed at point after point under load: nothing is lost, nothing is done twice, and what kills is put aside', async () => {
  const RUNS = 60
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(TWO_EFFECTS)
  const keys = Array.from({ length: RUNS }, (_, nth) => (nth === 20 ? 'poison' : `order-${nth}`))
  await work.happens(keys.map((key) => ({ type: 'event.received', data: { name: 'order.made', key, payload: {} } })))
  await work.happens(keys.map((key) => ({ type: 'event.received', data: { name: 'order.paid', key, payload: {} } })))
  for (const [nth, point] of POINTS.entries()) {
    const { child, ended } = start(all, `${point}:${7 * nth + 5}`)
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
    await ended
    clearTimeout(timer)
  }
  // What kills goes on killing, until it is put aside; whoever starts the process anew starts it anew.
  let isOver = false
  let last = start(all, '')
  const restarts = (async () => {
    for (let nth = 0; nth < 12 && !isOver; nth++) {
      await last.ended
      if (!isOver) last = start(all, '')
    }
  })()
  const isDone = async () => (await counts(all)).completed === RUNS - 1 && (await counts(all)).held === 1
  await waitUntil(isDone, { limitMs: 90_000 })
  isOver = true
  last.child.kill('SIGTERM')
  await last.ended
  await restarts
  const seen = await counts(all)
  // The first effect of all, and the second of all but one.
  expect(seen).toEqual({ effects: 2 * RUNS - 1, distinct: 2 * RUNS - 1, completed: RUNS - 1, held: 1, runs: RUNS })
  const { rows } = await sql<{ trouble: { class: string } }>`select trouble from workflow_token where state = 'held'`.execute(
    all.database.db,
  )
  expect(rows).toMatchObject([{ trouble: { class: 'poison' } }])
}, 200_000)
