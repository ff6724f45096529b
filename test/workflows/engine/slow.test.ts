import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/lib/clock.ts'
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

test('runs that began late go by one statement all the same, now and later; what was switched off meanwhile does not begin', async () => {
  const all = await world()
  const work = workflowWorld(all)
  const nodes = {
    begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'end' } },
    end: { type: 'end@1', config: {} },
  }
  const [one, other] = [await work.publish(aGraph(nodes)), await work.publish(aGraph(nodes))]
  const statements: string[] = []
  all.database.pool.on('acquire', (client) => {
    const query = client.query.bind(client)
    if (!('isHeard' in client))
      Object.assign(client, {
        isHeard: true,
        query: (...given: Parameters<typeof query>) => {
          statements.push(typeof given[0] === 'string' ? given[0] : ((given[0] as { text?: string }).text ?? ''))
          return query(...given)
        },
      })
  })
  await work.told('go', 'a')
  all.clock.advance(MINUTE)
  await sql`update workflow set is_enabled = false where id = ${other.id}`.execute(all.database.db)
  await work.settle()
  expect((await work.runs(one.id)).map(({ status }) => status)).toEqual(['completed'])
  expect(await work.runs(other.id)).toEqual([])
  expect(await work.verdicts()).toEqual(['switched_off'])
  // What cannot begin is looked at under its lane's lock.
  expect(statements.filter((text) => text.includes('workflow_take'))).toHaveLength(1)
  statements.length = 0
  await sql`delete from workflow_trigger where workflow_id = ${other.id}`.execute(all.database.db)
  await work.told('go', 'b')
  await work.settle()
  expect(await work.runs(one.id)).toHaveLength(2)
  expect(statements.filter((text) => text.includes('workflow_take'))).toEqual([])
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
