import { expect, test } from 'vitest'
import { mergeConversations, unmergeConversations } from '../../../src/helpdesk/triage/merge.ts'
import { MINUTE } from '../../../src/lib/clock.ts'
import { desk } from '../../helpdesk/desk.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { world } from '../../support/world.ts'

const WAIT = aGraph(
  {
    begin: { type: 'trigger.agent_replied@1', config: {}, next: { out: 'wait' } },
    wait: { type: 'wait.reply@1', config: { from: 'customer', after: { for: '9d' } }, next: { replied: 'end', timeout: 'end' } },
    end: { type: 'end@1', config: {} },
  },
  { subject: 'conversation' },
)

test('what waits for a conversation goes with it into another one and out again, whether it happens before the wait is seen or after', async () => {
  const all = await world()
  const help = await desk(all)
  const work = workflowWorld(all)
  await work.publish(WAIT)
  const deps = { blobs: all.blobs, secrets: all.secrets, url: 'https://waybill.example.com', db: all.database.db }
  const begun = async () => {
    const [{ conversation: source }, { conversation: target }] = [await help.conversation(), await help.conversation()]
    const merge = () => all.inWorkspace((tx) => mergeConversations(tx, deps, [source.id], target.id, help.agent, all.clock.now()))
    const part = () => all.inWorkspace((tx) => unmergeConversations(tx, deps, [source.id], help.agent, all.clock.now()))
    const statusOf = async () => (await work.runs()).find(({ subjectId }) => subjectId === source.id)?.status
    return { source: source.id, target: target.id, merge, part, statusOf }
  }
  const answered = (subjectId: string) => work.happens({ type: 'conversation.replied', subjectId, actor: 'user:ann', data: {} })
  const written = async (subjectId: string) => {
    all.clock.advance(MINUTE)
    await work.happens({ type: 'conversation.message_received', subjectId, data: {} })
  }

  const after = await begun()
  await answered(after.source)
  await work.settle()
  await written(after.target)
  await work.settle()
  expect(await after.statusOf()).toBe('running')
  await after.merge()
  await written(after.target)
  await work.settle()
  expect(await after.statusOf()).toBe('completed')

  const before = await begun()
  await answered(before.source)
  await before.merge()
  await written(before.target)
  await work.settle()
  expect(await before.statusOf()).toBe('completed')

  const parted = await begun()
  await answered(parted.source)
  await parted.merge()
  await work.settle()
  await parted.part()
  await written(parted.target)
  await work.settle()
  expect(await parted.statusOf()).toBe('running')
  await written(parted.source)
  await work.settle()
  expect(await parted.statusOf()).toBe('completed')
})
