import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../../src/db/database.ts'
import { newId } from '../../../src/lib/ids.ts'
import { waitUntil } from '../../../src/lib/wait.ts'
import { aGraph, engineOf, workflowWorld } from '../../support/workflow.ts'
import { type World, world } from '../../support/world.ts'

const ASK = aGraph(
  {
    begin: { type: 'trigger.agent_replied@1', config: {}, next: { out: 'count' } },
    count: { type: 'data.compute@1', config: { values: { n: 'vars.n + 1' } }, next: { out: 'wait' } },
    wait: { type: 'wait.reply@1', config: { from: 'customer', after: { for: '9d' } }, next: { replied: 'end', timeout: 'late' } },
    late: { type: 'end@1', config: {} },
    end: { type: 'end@1', config: { outputs: { n: 'vars.n' } } },
  },
  { subject: 'conversation', reentry: 'allow', vars: [{ key: 'n', type: 'number', default: 0 }] },
)

/** Engines that run by themselves, as in so many processes, each with one connection. */
function processes({ connection, clock }: World, count: number): void {
  const made = Array.from({ length: count }, () => {
    const database = openDatabase({ connection: { ...connection }, maxConnections: 1, applicationName: 'test worker' })
    const engine = engineOf({ database, clock }, { atOnce: 4 })
    engine.start()
    return { database, engine }
  })
  onTestFinished(async () => {
    for (const { database, engine } of made) {
      await engine.stop()
      await database.close()
    }
  })
}

async function completed({ database }: World): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from workflow_run where status = 'completed'`.execute(
    database.db,
  )
  return rows[0]?.n ?? 0
}

test('eight workers with one connection each share the work, and none waits for another in a circle', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(ASK)
  const conversations = Array.from({ length: 25 }, () => newId() as string)
  const rounds = [...conversations, ...conversations, ...conversations, ...conversations]
  const event = (type: 'conversation.replied' | 'conversation.message_received', subjectId: string) => ({
    ...{ type, subjectId, data: {} },
    ...(type === 'conversation.replied' && { actor: 'user:ann' }),
  })
  await work.happens(rounds.map((id) => event('conversation.replied', id)))
  await work.happens(conversations.map((id) => event('conversation.message_received', id)))
  processes(all, 8)
  await waitUntil(async () => (await completed(all)) === rounds.length, { limitMs: 60_000 })
  expect(await completed(all)).toBe(rounds.length)
  const { rows } = await sql<{
    deadlocks: number
  }>`select deadlocks from pg_stat_database where datname = current_database()`.execute(all.database.db)
  expect(rows[0]?.deadlocks).toBe(0)
  // Each went through its steps once.
  const { rows: lines } = await sql<{ n: number }>`select count(*) as n from workflow_step`.execute(all.database.db)
  expect(lines[0]?.n).toBe(rounds.length * 5)
}, 120_000)

test('what comes for one conversation is done in the order of the log', async () => {
  const all = await world()
  const work = workflowWorld(all)
  await work.publish(
    aGraph(
      {
        begin: { type: 'trigger.agent_replied@1', config: {}, next: { out: 'end' } },
        end: { type: 'end@1', config: { outputs: { nth: 'event.nth' } } },
      },
      { subject: 'conversation', reentry: 'allow' },
    ),
  )
  const conversation = newId() as string
  const MANY = 300
  await work.happens(
    Array.from({ length: MANY }, (_, nth) => ({
      type: 'conversation.replied',
      subjectId: conversation,
      actor: 'user:ann',
      data: { nth },
    })),
  )
  await work.settle()
  const { rows } = await sql<{ nth: number }>`
    select (outputs ->> 'nth')::int as nth from workflow_run order by started_at, id`.execute(all.database.db)
  const { rows: byStep } = await sql<{ nth: number }>`
    select (r.outputs ->> 'nth')::int as nth from workflow_step as s join workflow_run as r on r.id = s.run_id where s.what = 'ended' order by s.ctid`.execute(
    all.database.db,
  )
  expect(rows).toHaveLength(MANY)
  expect(byStep.map(({ nth }) => nth)).toEqual(Array.from({ length: MANY }, (_, nth) => nth))
}, 120_000)
