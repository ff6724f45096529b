import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/clock.ts'
import type { Failpoints } from '../../../src/lib/failpoint.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { type World, world } from '../../support/world.ts'

const WAITS = aGraph({
  begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'wait' } },
  wait: { type: 'wait.event@1', config: { name: 'go.on', after: { for: '30d' } }, next: { came: 'end', timeout: 'end' } },
  end: { type: 'end@1', config: {} },
})

/** Breaks off so many times, before what was done is kept. */
function breaking(times: number): Failpoints {
  let left = times
  return {
    reach(name) {
      if (name !== 'workflow_before_commit' || left === 0) return
      left -= 1
      throw new Error('broken off')
    },
  }
}

async function waiting(all: World) {
  const work = workflowWorld(all)
  const { id } = await work.publish(WAITS)
  await work.told('go')
  await work.settle()
  return { id }
}

test('what breaks off four times goes on the fifth time, and nothing of it was done before', async () => {
  const all = await world()
  const { id } = await waiting(all)
  const work = workflowWorld(all, { failpoints: breaking(4) })
  await work.told('go.on')
  await work.settle()
  for (let nth = 0; nth < 4; nth++) {
    expect(await work.runs(id)).toMatchObject([{ status: 'running', held: 0 }])
    await work.later(2 * MINUTE)
  }
  const [run] = await work.runs(id)
  expect(run).toMatchObject({ status: 'completed', held: 0 })
  expect(await work.story(run!.id)).toEqual(['begin done out', 'wait waits', 'wait hit came', 'end ended'])
})

test('what breaks off five times is held for a person, with the reason, and the lane goes on', async () => {
  const all = await world()
  const { id } = await waiting(all)
  const work = workflowWorld(all, { failpoints: breaking(5) })
  await work.told('go.on')
  for (let nth = 0; nth < 6; nth++) await work.later(2 * MINUTE)
  expect(await work.runs(id)).toMatchObject([{ status: 'running', held: 1 }])
  const { rows } = await sql<{ trouble: { class: string } }>`select trouble from workflow_token where state = 'held'`.execute(
    all.database.db,
  )
  expect(rows).toMatchObject([{ trouble: { class: 'poison' } }])
  await work.told('go')
  await work.settle()
  expect(await work.runs(id)).toMatchObject([{ held: 1 }, { status: 'running', held: 0 }])
})

/** As if a process had died with all lanes in its hands. */
async function died({ database }: World): Promise<void> {
  await sql`
    insert into workflow_hand (id, host, pid, lanes, until)
    select gen_random_uuid(), 'this machine', 1, array_agg(id), now() + interval '1 year' from workflow_lane`.execute(database.db)
}

test('what a process had in hand when it died is tried again at once the first time, and a little later after that', async () => {
  const all = await world()
  const { id } = await waiting(all)
  const isAlive = () => false
  await died(all)
  const work = workflowWorld(all, { isAlive })
  await work.told('go.on')
  await work.settle()
  expect(await work.runs(id)).toMatchObject([{ status: 'completed' }])

  await work.told('go')
  await work.settle()
  const broken = workflowWorld(all, { failpoints: breaking(1) })
  await broken.told('go.on')
  await broken.settle()
  await died(all)
  all.clock.elapse(MINUTE)
  await work.settle()
  expect(await work.runs(id)).toMatchObject([{ status: 'completed' }, { status: 'running' }])
  await work.later(2_000)
  expect(await work.runs(id)).toMatchObject([{ status: 'completed' }, { status: 'completed' }])
})
