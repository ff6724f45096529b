import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE } from '../../../src/db/database.ts'
import { append } from '../../../src/events/append.ts'
import { DAY, HOUR } from '../../../src/lib/clock.ts'
import { type Step, step } from '../../../src/workflows/steps/step.ts'
import { gate } from '../../support/gate.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { world } from '../../support/world.ts'

const WAITING = aGraph({
  begin: { type: 'trigger.event@1', config: { name: 'order.made' }, next: { out: 'paid' } },
  paid: { type: 'wait.event@1', config: { name: 'order.paid', after: { for: '3d' } }, next: { came: 'done', timeout: 'late' } },
  late: { type: 'end@1', config: { outputs: { late: 'true' } } },
  done: { type: 'end@1', config: {} },
})

test('what happened between the trigger and the wait counts: before it was made, while it was, and after', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(WAITING)
  // Before: both are in the log when anybody reads it.
  await work.told('order.made')
  await work.told('order.paid')
  await work.settle()
  expect(await work.runs()).toMatchObject([{ status: 'completed', outputs: {} }])

  // While: the event's transaction is older than the wait, and commits after it.
  await work.told('order.made')
  const [{ open, opened }, written] = [gate(), gate()]
  const late = all.database.transaction(ENGINE, async (tx) => {
    await append(
      tx,
      { type: 'event.received', workspaceId: all.workspaceId, data: { name: 'order.paid', payload: {} } },
      all.clock.now(),
    )
    written.open()
    await opened
  })
  await written.opened
  await work.engine.settle()
  open()
  await late
  await work.settle()
  expect(await work.runs()).toMatchObject([{ status: 'completed' }, { status: 'completed', outputs: {} }])

  // After.
  await work.told('order.made')
  await work.settle()
  await work.told('order.paid')
  await work.settle()
  expect((await work.runs()).at(-1)).toMatchObject({ status: 'completed', outputs: {} })
})

test('what happened before the trigger does not count', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(WAITING)
  await work.told('order.paid')
  await work.told('order.made')
  await work.settle()
  expect(await work.runs()).toMatchObject([{ status: 'running' }])
  await work.later(3 * DAY)
  expect(await work.runs()).toMatchObject([{ status: 'completed', outputs: { late: true } }])
})

test('of two arms the first that happens decides, and the other one is no wait any more', async () => {
  const all = await world()
  const work = workflowWorld(all)
  const arms = ['a', 'b'].map((port) => ({ port, event: 'event.received', of: 'value', value: `'name:${port}'` }))
  await work.publish(
    aGraph({
      begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'any' } },
      any: { type: 'wait.any@1', config: { arms }, next: { a: 'first', b: 'second' } },
      first: { type: 'end@1', config: { outputs: { by: "'a'" } } },
      second: { type: 'end@1', config: { outputs: { by: "'b'" } } },
    }),
  )
  await work.told('go')
  await work.settle()
  await work.told('b')
  await work.told('a')
  await work.settle()
  expect(await work.runs()).toMatchObject([{ status: 'completed', outputs: { by: 'b' } }])
  const { rows } = await sql<{ n: number }>`
    select (select count(*) from workflow_wait) + (select count(*) from workflow_token) + (select count(*) from workflow_box)
         + (select count(*) from workflow_lane) as n`.execute(all.database.db)
  expect(rows[0]?.n).toBe(0)
})

/** Fails for a while, then works; counts how often it was done. */
function flaky(fails: number): { step: Step<never>; tries: () => number } {
  let tries = 0
  return {
    tries: () => tries,
    step: step({
      type: 'data.set@1',
      run: () => {
        tries += 1
        if (tries > fails) return { kind: 'go', port: 'out' }
        return { kind: 'fail', class: 'unreachable', sentence: 'Nobody is there.', retryAt: new Date(0), port: null }
      },
    }) as Step<never>,
  }
}

const FLAKY = aGraph({
  begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'try' } },
  try: {
    type: 'data.set@1',
    config: { values: { x: 'x' } },
    next: { out: 'end' },
    retry: { max: 2, baseSeconds: 60, factor: 2, capSeconds: 3600 },
  },
  end: { type: 'end@1', config: {} },
})

test('a step that fails for a while is tried again when its time has come', async () => {
  const all = await world()
  const { step: once, tries } = flaky(2)
  const work = workflowWorld(all, { steps: [once] })
  await work.publish(FLAKY)
  await work.told('go')
  await work.settle()
  expect(tries()).toBe(1)
  await work.later(59_000)
  expect(tries()).toBe(1)
  await work.later(8_000)
  expect(tries()).toBe(2)
  await work.later(HOUR)
  expect(await work.runs()).toMatchObject([{ status: 'completed' }])
})

test('a step that throws leaves nothing behind, and the run is held where a person sees it', async () => {
  const all = await world()
  const broken = step({
    type: 'data.set@1',
    async run({ tx, run, now }) {
      await append(tx, { type: 'event.received', workspaceId: run.workspaceId, data: { name: 'half', payload: {} } }, now)
      throw new Error('out of luck')
    },
  }) as Step<never>
  const work = workflowWorld(all, { steps: [broken] })
  const { id } = await work.publish(FLAKY)
  await work.told('go')
  await work.settle()
  await work.later(HOUR)
  await work.later(HOUR)
  expect(await work.runs()).toMatchObject([{ status: 'running', held: 1 }])
  const { rows } = await sql<{ n: number }>`select count(*) as n from event where data ->> 'name' = 'half'`.execute(
    all.database.db,
  )
  expect(rows[0]?.n).toBe(0)
  const incidents = await sql<{ key: string; title: string }>`
    select key, title from incident where resolved_at is null`.execute(all.database.db)
  expect(incidents.rows).toMatchObject([{ key: `workflow.held:${id}:try:fault`, title: 'Workflow Test needs somebody' }])
})

test('a step that says it failed leaves nothing behind; one that tells what became of something keeps it', async () => {
  const all = await world()
  const half = (name: string, rest: object) =>
    step({
      type: 'data.set@1',
      async run({ tx, run, now }) {
        await append(tx, { type: 'event.received', workspaceId: run.workspaceId, data: { name, payload: {} } }, now)
        return { kind: 'fail', class: 'refused', sentence: 'No.', retryAt: null, port: null, ...rest }
      },
    }) as Step<never>
  const names = async () => (await all.events('event.received')).map(({ data }) => data.name)
  const work = workflowWorld(all, { steps: [half('taken back', {})] })
  await work.publish(FLAKY)
  await work.told('go')
  await work.settle()
  expect(await work.runs()).toMatchObject([{ held: 1 }])
  expect(await names()).toEqual(['go'])
  const other = workflowWorld(all, { steps: [half('kept', { output: { id: 1 } })] })
  await other.told('go')
  await other.settle()
  expect(await names()).toEqual(['go', 'go', 'kept'])
})
