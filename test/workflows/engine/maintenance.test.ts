import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ensurePartitions } from '../../../src/db/partitions.ts'
import { DAY } from '../../../src/lib/clock.ts'
import { newId } from '../../../src/lib/ids.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { aMessage, type World, world } from '../../support/world.ts'

async function rows({ database }: World) {
  const { rows: found } = await sql<Record<string, number>>`
    select (select count(*) from workflow_run) as runs, (select count(*) from workflow_step) as steps,
           (select count(*) from workflow_lane) as lanes, (select count(*) from workflow_verdict) as verdicts`.execute(
    database.db,
  )
  return found[0]
}

test('a run ends with its last day; lanes in which nothing is go, and what ended long ago is forgotten', async () => {
  const all = await world()
  const work = workflowWorld(all)
  const jobs = async () => {
    for (const job of work.engine.jobs) await job.run(all.clock.now())
    await work.settle()
  }
  await work.publish(
    aGraph(
      {
        begin: { type: 'trigger.agent_replied@1', config: {}, next: { out: 'wait' } },
        wait: { type: 'wait.event@1', config: { name: 'never', after: null }, next: { came: 'end' } },
        end: { type: 'end@1', config: {} },
      },
      { subject: 'conversation', limits: { days: 2 } },
    ),
  )
  const subjectId = newId() as string
  const replied = { type: 'conversation.replied' as const, subjectId, actor: 'user:ann', data: {} }
  await work.happens([replied, replied])
  await work.settle()
  await jobs()
  expect(await rows(all)).toMatchObject({ runs: 1, lanes: 1, verdicts: 1 })
  await work.later(2 * DAY)
  await jobs()
  const [run] = await work.runs()
  expect(run).toMatchObject({ status: 'cancelled', endReason: 'deadline' })
  await jobs()
  expect(await rows(all)).toMatchObject({ runs: 1, lanes: 0 })
  // Ids of one process only grow: where another test's clock was ahead, so are they.
  const made = Number.parseInt(`${run?.id.slice(0, 8)}${run?.id.slice(9, 13)}`, 16)
  await work.later(Math.max(0, made - all.clock.now().getTime()) + 181 * DAY)
  await ensurePartitions(all.database, all.clock.now())
  await jobs()
  expect(await rows(all)).toEqual({ runs: 0, steps: 0, lanes: 0, verdicts: 0 })
})

test('mail that was sent is waited for by its message, and its recipient is known', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(
    aGraph(
      {
        begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'wait' } },
        wait: {
          type: 'wait.any@1',
          config: { arms: [{ port: 'sent', event: 'delivery.sent', of: 'value', value: "'message:' + event.payload.id" }] },
          next: { sent: 'end' },
          set: { recipient: 'result.recipient' },
        },
        end: { type: 'end@1', config: { outputs: { recipient: 'vars.recipient' } } },
      },
      { vars: [{ key: 'recipient', type: 'text' }] },
    ),
  )
  const { id } = await all.submit(aMessage({ to: ['ann@example.org'] }))
  await work.told('go', 'one', { id })
  await work.settle()
  expect(await work.runs()).toMatchObject([{ status: 'running' }])
  await all.dispatch()
  await work.settle()
  expect(await work.runs()).toMatchObject([{ status: 'completed', outputs: { recipient: 'ann@example.org' } }])
})
