import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE } from '../../../src/db/database.ts'
import { append } from '../../../src/events/append.ts'
import { DAY, HOUR, MINUTE } from '../../../src/lib/clock.ts'
import { subjectFacts } from '../../../src/workflows/facts/subject.ts'
import { publish } from '../../../src/workflows/publish.ts'
import { desk } from '../../helpdesk/desk.ts'
import { gate } from '../../support/gate.ts'
import { aGraph, workflowWorld } from '../../support/workflow.ts'
import { world } from '../../support/world.ts'

const REMIND = (after: string, config: object = {}) =>
  aGraph(
    {
      begin: { type: 'trigger.answer_overdue@1', config: { after, ...config }, next: { out: 'wait' } },
      again: { type: 'trigger.answer_overdue@1', config: { after: '2d' }, next: { out: 'late' } },
      wait: { type: 'wait.reply@1', config: { from: 'agent', after: { for: '5d' } }, next: { replied: 'end', timeout: 'late' } },
      late: { type: 'end@1', config: { outputs: { late: 'true' } } },
      end: { type: 'end@1', config: {} },
    },
    { subject: 'conversation', reentry: 'allow' },
  )

async function waiting() {
  const all = await world()
  const help = await desk(all)
  const work = workflowWorld(all, { readSubject: (tx, run) => subjectFacts(tx, run, async () => ({})) })
  const look = async () => {
    for (const job of work.engine.jobs) if (job.name === 'workflows.overdue') await job.run(all.clock.now())
    await work.settle()
  }
  const later = async (ms: number) => {
    all.clock.advance(ms)
    await look()
  }
  return { all, help, work, look, later, db: all.database.db }
}

test('each trigger begins once for each waiting of a customer, when its time has come; who waited too long before it listened is left alone', async () => {
  const { all, help, work, look, later, db } = await waiting()
  await help.conversation({ waitingSince: new Date(all.clock.now().getTime() - 5 * HOUR) })
  const { id } = await work.publish(REMIND('4h'))
  const { conversation } = await help.conversation()
  await later(4 * HOUR - MINUTE)
  expect(await work.runs()).toEqual([])
  await later(MINUTE)
  await look()
  expect(await work.runs()).toMatchObject([{ subjectId: conversation.id, status: 'running' }])
  // Published anew as it was, it goes on listening; nobody is told of twice.
  await all.database.transaction(ENGINE, (tx) => publish(tx, all.workspaceId, id, {}, null, all.clock.now()))
  await look()
  expect(await work.runs()).toHaveLength(1)
  // Answered, and written to once more: that is another waiting. The other trigger's time comes too.
  await sql`update conversation set waiting_since = ${all.clock.now()} where id = ${conversation.id}`.execute(db)
  await later(4 * HOUR)
  expect(await work.runs()).toHaveLength(2)
  await later(2 * DAY)
  expect((await work.runs()).filter(({ outputs }) => outputs.late)).toHaveLength(2)
  expect(await work.runs()).toHaveLength(4)
})

test('only in the inboxes that were chosen, and not what was closed, joined or deleted', async () => {
  const { all, help, work, later } = await waiting()
  const sales = await help.addInbox('Sales')
  await work.publish(REMIND('1h', { inboxes: [sales.id] }))
  await help.conversation()
  const { conversation: wanted } = await help.conversation({ inboxId: sales.id })
  await help.conversation({ inboxId: sales.id, status: 'spam' })
  await help.conversation({ inboxId: sales.id, mergedInto: wanted.id })
  await help.conversation({ inboxId: sales.id, deletedAt: all.clock.now() })
  await later(HOUR)
  expect(await work.runs()).toMatchObject([{ subjectId: wanted.id }])
  const asked = (await all.events('workflow.asked')).map(({ data }) => data)
  expect(asked).toMatchObject([{ conversation_id: wanted.id, waiting_since: wanted.waitingSince?.toISOString() }])
})

test('an answer that was under way when somebody looked counts as one after it', async () => {
  const { all, help, work, later } = await waiting()
  await work.publish(REMIND('1h'))
  const { conversation } = await help.conversation()
  const [{ open, opened }, written] = [gate(), gate()]
  // Its place in the log is before that of the event that begins the run.
  const answering = all.database.transaction(ENGINE, async (tx) => {
    const told = {
      type: 'conversation.replied' as const,
      workspaceId: all.workspaceId,
      subjectId: conversation.id,
      actor: 'user:ann',
    }
    await append(tx, { ...told, data: {} }, all.clock.now())
    written.open()
    await opened
  })
  await written.opened
  all.clock.advance(HOUR)
  for (const job of work.engine.jobs) if (job.name === 'workflows.overdue') await job.run(all.clock.now())
  open()
  await answering
  await later(MINUTE)
  expect(await work.runs()).toMatchObject([{ status: 'completed', outputs: {} }])
})
