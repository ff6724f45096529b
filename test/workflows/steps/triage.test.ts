import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { subjectFacts } from '../../../src/workflows/facts/subject.ts'
import { deskSteps } from '../../../src/workflows/steps/desk.ts'
import { desk } from '../../helpdesk/desk.ts'
import { inlet } from '../../inbound/support.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { world } from '../../support/world.ts'

test('whoever sets it off may get it; a note tells whom it names; what is deleted for good is gone, with everything in it', async () => {
  const w = await world()
  const d = await desk(w)
  const steps = deskSteps({ ...inlet(w).deps, db: w.database.db })
  const flows = workflowWorld(w, { steps, readSubject: (tx, run) => subjectFacts(tx, run, async () => ({})) })
  const eve = await d.hire('Eve')
  const does = (name: string, type: string, config: object) =>
    flows.publish(
      aGraph(
        {
          begin: { type: 'trigger.event@1', config: { name }, next: { out: 'do' } },
          do: { type, config, next: { out: 'end' } },
          end: { type: 'end@1', config: {} },
        },
        { subject: 'conversation' },
      ),
    )
  await does('note', 'conversation.note@1', { text: 'Have a look, @Eve: {{ conversation.subject }}' })
  const { id } = await does('gone', 'conversation.delete@1', { for_good: true })
  const { conversation } = await d.conversation()
  const happens = async (name: string, actor: string | null = null) => {
    await flows.happens({ type: 'event.received', actor, data: { name, conversation_id: conversation.id } })
    await flows.settle()
  }
  // Whoever set it off gets it; where a program did, somebody is asked what is to happen.
  const mine = await does('mine', 'conversation.assign@1', { who: 'starter' })
  await happens('mine', `user:${eve.id}`)
  const ends = async () => {
    await flows.settle()
    return (await flows.runs(mine.id)).map(({ status, held }) => `${status} ${held}`)
  }
  await expect.poll(ends, { timeout: 30_000 }).toEqual(['completed 0'])
  expect(await d.find(conversation.id)).toMatchObject({ assigneeId: eve.id })
  await happens('mine', 'key:01900000-0000-7000-8000-00000000aaaa')
  await expect.poll(ends, { timeout: 30_000 }).toEqual(['completed 0', 'running 1'])
  await happens('note')
  const told = await sql<{ user_id: string; reason: string }>`
    select user_id, reason from notification where conversation_id = ${conversation.id} and reason = 'mentioned'`.execute(
    w.database.db,
  )
  expect(told.rows).toEqual([{ user_id: eve.id, reason: 'mentioned' }])
  await happens('gone')
  expect(await flows.runs(id)).toMatchObject([{ status: 'completed' }])
  const left = await sql`
    select id from conversation where id = ${conversation.id} union all
    select id from conversation_item where conversation_id = ${conversation.id}`.execute(w.database.db)
  expect(left.rows).toEqual([])
  const { rows } = await sql<{ actor: string }>`select actor from event where type = 'conversation.removed'`.execute(
    w.database.db,
  )
  expect(rows).toMatchObject([{ actor: expect.stringMatching(/^workflow:/) }])
})
