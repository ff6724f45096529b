import { expect, test } from 'vitest'
import { DAY } from '../../../src/lib/clock.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { world } from '../../support/world.ts'

const ORDER = aGraph(
  {
    begin: { type: 'trigger.event@1', config: { name: 'order.made' }, next: { out: 'count' } },
    count: { type: 'data.compute@1', config: { values: { n: 'vars.n + 1' } }, next: { out: 'paid' } },
    paid: { type: 'wait.event@1', config: { name: 'order.paid', after: { for: '3d' } }, next: { came: 'done', timeout: 'late' } },
    late: { type: 'data.compute@1', config: { values: { n: 'vars.n + 10' } }, next: { out: 'done' } },
    done: { type: 'end@1', config: { outputs: { n: 'vars.n' } } },
  },
  { vars: [{ key: 'n', type: 'number', default: 0 }] },
)

test('a run begins with an event, waits, goes on by the next one, and is completed', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(ORDER)
  await work.told('order.made')
  await work.settle()
  expect(await work.runs()).toMatchObject([{ status: 'running', vars: { n: 1 } }])
  await work.told('order.paid')
  await work.settle()
  const [run] = await work.runs()
  expect(run).toMatchObject({ status: 'completed', endReason: 'end', outputs: { n: 1 } })
  expect(await work.story(run!.id)).toEqual(['begin done out', 'count done out', 'paid waits', 'paid hit came', 'done ended'])
})

test('what did not come in time leads on by the time-out', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(ORDER)
  await work.told('order.made')
  await work.settle()
  await work.later(3 * DAY - 1)
  expect(await work.runs()).toMatchObject([{ status: 'running' }])
  await work.later(1)
  expect(await work.runs()).toMatchObject([{ status: 'completed', outputs: { n: 11 } }])
})
