import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ENGINE } from '../../src/db/database.ts'
import { append } from '../../src/events/append.ts'
import type { NewEvent } from '../../src/events/event.ts'
import { ConversationFilter } from '../../src/helpdesk/list/filter.ts'
import { listConversations } from '../../src/helpdesk/list/list.ts'
import { HOUR, MINUTE } from '../../src/lib/clock.ts'
import { newId } from '../../src/lib/ids.ts'
import { waitUntil } from '../../src/lib/wait.ts'
import { desk } from '../helpdesk/desk.ts'
import { aGraph, workflowWorld } from '../support/workflow.ts'
import { type World, world } from '../support/world.ts'

/** TIMERS=100000 EVENTS=10000 npm run chaos -- workflows-amounts */
const TIMERS = Number(process.env.TIMERS ?? 100_000)
const EVENTS = Number(process.env.EVENTS ?? 10_000)
const BATCH = 1_000

async function tellMany(all: World, count: number, event: (nth: number) => Omit<NewEvent, 'workspaceId'>): Promise<void> {
  for (let from = 0; from < count; from += BATCH) {
    const events = Array.from(
      { length: Math.min(BATCH, count - from) },
      (_, nth) => ({ ...event(from + nth), workspaceId: all.workspaceId }) as NewEvent,
    )
    await all.database.transaction(ENGINE, (tx) => append(tx, events, all.clock.now()))
  }
}

async function ended(all: World): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from workflow_run where status = 'completed'`.execute(
    all.database.db,
  )
  return rows[0]?.n ?? 0
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

test(`${TIMERS} timers of the same minute are drained; what comes meanwhile does not wait for them, nor does a page of the helpdesk`, async () => {
  const all = await world()
  const help = await desk(all)
  const { conversation } = await help.conversation()
  const work = workflowWorld(all, { atOnce: 4 })
  await work.publish(
    aGraph({
      begin: { type: 'trigger.event@1', config: { name: 'go' }, next: { out: 'wait' } },
      wait: { type: 'wait.time@1', config: { for: { for: '1h' } }, next: { out: 'end' } },
      end: { type: 'end@1', config: {} },
    }),
  )
  const other = await work.publish(
    aGraph({
      begin: { type: 'trigger.event@1', config: { name: 'other' }, next: { out: 'end' } },
      end: { type: 'end@1', config: {} },
    }),
  )
  await tellMany(all, TIMERS, (nth) => ({ type: 'event.received', data: { name: 'go', key: `k${nth}`, payload: {} } }))
  await work.settle()
  all.clock.advance(HOUR + MINUTE)
  const startedMs = performance.now()
  work.engine.start()
  const [pages, others]: [number[], number[]] = [[], []]
  let told = 0
  while ((await ended(all)) < TIMERS + told) {
    const pageMs = performance.now()
    const asked = { filter: ConversationFilter.parse({}), sort: 'first', after: null, limit: 50 } as const
    const { items } = await all.inWorkspace((tx) => listConversations(tx, help.agent, asked))
    expect(items).toMatchObject([{ id: conversation.id }])
    pages.push(performance.now() - pageMs)
    const otherMs = performance.now()
    await work.told('other')
    told += 1
    await waitUntil(async () => (await work.runs(other.id)).length === told, { limitMs: 60_000 })
    others.push(performance.now() - otherMs)
  }
  await work.engine.stop()
  const seconds = (performance.now() - startedMs) / 1_000
  process.stdout.write(
    `${TIMERS} timers in ${seconds.toFixed(1)} s (${Math.round(TIMERS / seconds)} a second); another workflow meanwhile ${median(others).toFixed(0)} ms, a page ${median(pages).toFixed(0)} ms (medians of ${others.length})\n`,
  )
  expect(await ended(all)).toBe(TIMERS + told)
}, 3_600_000)

test(`one conversation with ${EVENTS} events is worked through in their order`, async () => {
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
  const subjectId = newId() as string
  await tellMany(all, EVENTS, (nth) => ({ type: 'conversation.replied', subjectId, actor: 'user:ann', data: { nth } }))
  const startedMs = performance.now()
  await work.settle()
  const seconds = (performance.now() - startedMs) / 1_000
  process.stdout.write(
    `${EVENTS} events of one conversation in ${seconds.toFixed(1)} s (${Math.round(EVENTS / seconds)} a second)\n`,
  )
  const { rows } = await sql<{ nth: number }>`
    select (r.outputs ->> 'nth')::int as nth from workflow_step as s join workflow_run as r on r.workspace_id = s.workspace_id and r.id = s.run_id
     where s.what = 'ended' order by s.ctid`.execute(all.database.db)
  expect(rows.map(({ nth }) => nth)).toEqual(Array.from({ length: EVENTS }, (_, nth) => nth))
}, 3_600_000)
