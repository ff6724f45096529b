import { expect, test } from 'vitest'
import { newId } from '../../../src/lib/ids.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { world } from '../../support/world.ts'

/** Each look at the clock is a second later: as where the machine stood still in between. */
async function slowWorld() {
  const all = await world()
  let passedMs = 0
  return workflowWorld({ ...all, clock: { ...all.clock, monotonicMs: () => (passedMs += 1_000) } })
}

test('a run whose turn was over before it began is not lost', async () => {
  const work = await slowWorld()
  await work.publish(
    aGraph(
      {
        begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'set' } },
        set: { type: 'data.set@1', config: { values: { seen: '{{ event.key }}' } }, next: { out: 'end' } },
        end: { type: 'end@1', config: {} },
      },
      { vars: [{ key: 'seen', type: 'text' }] },
    ),
  )
  for (const key of ['a', 'b', 'c']) await work.told('go', key)
  await work.settle()
  expect((await work.runs()).map(({ status, vars }) => [status, vars.seen])).toEqual([
    ['completed', 'a'],
    ['completed', 'b'],
    ['completed', 'c'],
  ])
})

test('each turn does one thing at least, however late it is: what comes for a conversation is done in the end', async () => {
  const work = await slowWorld()
  await work.publish(
    aGraph(
      {
        begin: { type: 'trigger.agent_replied@1', config: {}, next: { out: 'wait' } },
        wait: { type: 'wait.event@1', config: { name: 'go.on', after: { for: '1d' } }, next: { came: 'end', timeout: 'end' } },
        end: { type: 'end@1', config: {} },
      },
      { subject: 'conversation', reentry: 'allow' },
    ),
  )
  const subjectId = newId() as string
  const replied = { type: 'conversation.replied' as const, subjectId, actor: 'user:ann', data: {} }
  await work.happens([replied, replied])
  await work.settle()
  await work.told('go.on')
  await work.settle()
  expect((await work.runs()).map(({ endReason }) => endReason)).toEqual(['end', 'end'])
})
