/**
 * A workflow sends, and the process ends in the middle of it: while the step is looked for, done, committed, read of; while its mail is claimed, said, taken and
 * written down. Each mail is there once, or the run goes on where nobody can tell; none is lost, and none of it asks for a person.
 */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { type Database, ENGINE } from '../../src/db/database.ts'
import { append } from '../../src/events/append.ts'
import type { WorkspaceId } from '../../src/lib/ids.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { desk } from '../helpdesk/desk.ts'
import { testClock } from '../support/clock.ts'
import { aGraph, workflowWorld } from '../support/workflow.ts'
import type { World } from '../support/world.ts'
import { scene } from './support.ts'

const ENGINE_POINTS = ['workflow_routed', 'workflow_claimed', 'workflow_node', 'workflow_before_commit', 'workflow_after_commit']
/** Where mail leaves; all its points are gone through by themselves in killed-at-every-point. */
const MAIL_POINTS = ['after_claim', 'after_dot', 'after_250_before_commit']

const ends = ['sent', 'failed', 'suppressed', 'expired', 'unknown']
const LETTER = aGraph({
  begin: { type: 'trigger.event@1', config: { name: 'order.made' }, next: { out: 'mail' } },
  mail: {
    type: 'email.send@1',
    config: {
      kind: 'conversation',
      to: { who: 'addresses', addresses: ['{{ event.key }}', 'copy-{{ event.key }}'] },
      content: { by: 'text', subject: 'Thank you', text: 'Hello.' },
    },
    next: Object.fromEntries(ends.map((port) => [port, port])),
  },
  ...Object.fromEntries(ends.map((port) => [port, { type: 'end@1', config: { outputs: { port: `"${port}"` } } }])),
})

async function aWorkspace(database: Database) {
  const { rows } = await sql<{ id: WorkspaceId }>`select id from workspace`.execute(database.db)
  const workspaceId = rows[0]!.id
  const where = { workspaceId, clock: testClock(), database }
  await desk(where as unknown as World)
  const work = workflowWorld(where)
  await work.publish(LETTER)
  const happens = (key: string) =>
    database.transaction(ENGINE, (tx) =>
      append(tx, { type: 'event.received', workspaceId, data: { name: 'order.made', key, payload: {} } }, new Date()),
    )
  return { work, happens }
}

test('killed at every point of a step that sends, and of its mail: none is lost, none is there twice', async () => {
  const { server, smtp, database, invariants } = await scene()
  expect(await server.start()).toBe('ready')
  const { work, happens } = await aWorkspace(database)
  // One at a time: then an end finds at most one mail on its way.
  await sql`update route set settings = jsonb_set(settings, '{max_connections}', '1')`.execute(database.db)
  await server.kill()
  const points = [...ENGINE_POINTS, ...MAIL_POINTS]
  for (const point of points) {
    await happens(`${point.replaceAll('_', '-')}@example.org`)
    await server.start({ WAYBILL_FAIL: point })
    expect([point, await server.ended]).toEqual([point, 'SIGKILL'])
  }
  expect(await server.start()).toBe('ready')
  const isOver = async () => {
    const runs = await work.runs()
    return runs.length === points.length && runs.every(({ status }) => status === 'completed')
  }
  const isDone = await waitUntil(isOver, { limitMs: 120_000 })
  const runs = await work.runs()
  expect({ isDone, held: runs.filter(({ held }) => held > 0).length }).toEqual({ isDone: true, held: 0 })
  expect(runs.filter(({ outputs }) => outputs.port !== 'sent' && outputs.port !== 'unknown')).toEqual([])

  const { rows } = await sql<{ recipient: string; state: string }>`select recipient, state from delivery order by id`.execute(
    database.db,
  )
  expect(rows).toHaveLength(2 * points.length)
  const arrived = Map.groupBy(smtp.received(), (recipient) => recipient)
  const wrong = rows.filter(({ recipient, state }) => {
    const times = arrived.get(recipient)?.length ?? 0
    return state === 'unknown' ? times > 1 : state !== 'sent' || times !== 1
  })
  expect(wrong).toEqual([])
  // Of what was not on its way when a process ended, everybody can tell.
  expect(rows.filter(({ state }) => state === 'unknown').length).toBeLessThanOrEqual(points.length)
  expect(await invariants()).toEqual([])
}, 600_000)
