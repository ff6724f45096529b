import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { knownSchemaVersion } from '../../src/db/migrate.ts'
import type { DispatcherStatus } from '../../src/delivery/dispatch/dispatcher.ts'
import { toExposition } from '../../src/insight/exposition.ts'
import { hourCounter } from '../../src/insight/hours/count-hours.ts'
import { createInsight } from '../../src/insight/insight.ts'
import { MINUTE, machineClock } from '../../src/lib/clock.ts'
import { createLog } from '../../src/log.ts'
import { caughtUp } from '../support/caught-up.ts'
import { world } from './support.ts'

const { database, db, folder, workspace, send, dispatch } = await world()
const STATUS: DispatcherStatus = { running: true, senders: 1, inHand: 0, handed: 5, settled: 5, claims: 2, trouble: null }
const known = await knownSchemaVersion()

function insightOf(wanted: { status?: DispatcherStatus | null; knownSchema?: number; lines?: string[] } = {}) {
  const lines = wanted.lines ?? []
  return createInsight({
    database,
    clock: machineClock,
    log: createLog({ level: 'info', target: { write: (line: string) => void lines.push(line) } }),
    version: '0.1.0',
    dataFolder: folder,
    blobFolder: folder,
    knownSchema: wanted.knownSchema ?? known,
    dispatcherStatus: () => (wanted.status === undefined ? STATUS : wanted.status),
    portTroubles: () => [],
  })
}

function valueIn(text: string, series: string): number | undefined {
  const found = text.split('\n').find((line) => line.startsWith(`${series} `))
  return found === undefined ? undefined : Number(found.slice(series.length + 1))
}

test('metrics count deliveries, outcomes and what the process does', async () => {
  const { id, routeId } = await workspace()
  await send(id, ['ann@example.org', 'bob@example.org', 'bounce@example.org'])
  await dispatch(3)
  await send(id, ['late@example.org'], { stream: 'bulk', now: new Date(Date.now() - 3 * MINUTE) })
  await caughtUp(database, hourCounter, new Date())
  const insight = insightOf()
  const text = await insight.metrics()
  await insight.stop()

  expect(valueIn(text, 'waybill_database_up')).toBe(1)
  expect(valueIn(text, 'waybill_deliveries{stream="conversation",state="sent"}')).toBe(2)
  expect(valueIn(text, 'waybill_deliveries{stream="bulk",state="queued"}')).toBe(1)
  expect(valueIn(text, 'waybill_outcomes_total{outcome="bounced"}')).toBe(1)
  expect(valueIn(text, 'waybill_oldest_due_seconds{stream="bulk"}')).toBeGreaterThanOrEqual(180)
  expect(valueIn(text, 'waybill_oldest_due_seconds{stream="transactional"}')).toBe(0)
  expect(valueIn(text, `waybill_route_circuit_open{route="${routeId}"}`)).toBe(0)
  expect(valueIn(text, 'waybill_follower_lag_seconds{follower="delivery.hours"}')).toBeLessThan(60)
  expect(valueIn(text, 'waybill_dispatcher_settled_total')).toBe(5)
  expect(valueIn(text, 'waybill_pool_limit')).toBe(6)
  expect(valueIn(text, 'waybill_database_commits_total')).toBeGreaterThan(0)
  expect(valueIn(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e6)
  expect(valueIn(text, `waybill_build_info{version="0.1.0",node="${process.version}"}`)).toBe(1)
})

test('every line is a comment or a series with a number, and every series has its help and type once', async () => {
  const insight = insightOf()
  const text = await insight.metrics()
  await insight.stop()
  expect(text.endsWith('\n')).toBe(true)
  const lines = text.trimEnd().split('\n')
  for (const line of lines) expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? -?[\d.e+-]+)$/)
  const typed = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2])
  expect(new Set(typed).size).toBe(typed.length)
  for (const line of lines.filter((one) => !one.startsWith('#'))) expect(typed).toContain(line.split(/[{ ]/, 1)[0])
})

test('labels and help are escaped as the format demands', () => {
  const text = toExposition([
    {
      name: 'a',
      type: 'gauge',
      help: 'one\ntwo \\',
      samples: [{ labels: { l: 'say "hi"\n\\' }, value: Number.POSITIVE_INFINITY }],
    },
  ])
  expect(text).toBe('# HELP a one\\ntwo \\\\\n# TYPE a gauge\na{l="say \\"hi\\"\\n\\\\"} +Inf\n')
})

test('while the database is away the process still tells what it knows', async () => {
  const away = { ...database, transaction: () => Promise.reject(new Error('Connection terminated')) }
  const insight = createInsight({
    database: away,
    clock: machineClock,
    log: createLog({ level: 'silent' }),
    version: '0.1.0',
    dataFolder: folder,
    blobFolder: folder,
    knownSchema: known,
    dispatcherStatus: () => STATUS,
    portTroubles: () => [],
  })
  const text = await insight.metrics()
  await insight.stop()
  expect(valueIn(text, 'waybill_database_up')).toBe(0)
  expect(valueIn(text, 'waybill_deliveries{stream="conversation",state="sent"}')).toBeUndefined()
  expect(valueIn(text, 'waybill_dispatcher_running')).toBe(1)
})

test('a process is ready when its database is there, of its version, and its dispatcher runs', async () => {
  const reasons = async (wanted: Parameters<typeof insightOf>[0]) => {
    const insight = insightOf(wanted)
    try {
      return await insight.reasonsNotReady()
    } finally {
      await insight.stop()
    }
  }
  expect(await reasons({})).toEqual([])
  expect(await reasons({ status: null })).toEqual([])
  expect(await reasons({ status: { ...STATUS, running: false } })).toEqual(['Sending is stopped in this process.'])
  expect(await reasons({ status: { ...STATUS, trouble: 'It hurts.' } })).toEqual(['It hurts.'])
  expect(await reasons({ knownSchema: known - 1 })).toEqual([expect.stringContaining('made by a newer Waybill')])
  expect(await reasons({ knownSchema: known + 1 })).toEqual([expect.stringContaining('has to be migrated')])
})

test('the watch tells a violated invariant in log, health and metrics, and once more when it holds again', async () => {
  const { id } = await workspace()
  const lines: string[] = []
  const insight = insightOf({ lines })
  insight.start()
  await sql`insert into delivery_count values (${id}, 'bulk', 'held', 1)`.execute(db)
  const look = async () => {
    // A second start looks again at once.
    await insight.stop()
    insight.start()
    await insight.stop()
  }
  await look()
  expect(insight.invariants()?.violations).toMatchObject([{ name: 'counts_agree', workspaceId: id }])
  expect((await insight.health(id)).items.map(({ sentence }) => sentence)).toContain(
    'A counter does not agree with the deliveries that are there.',
  )
  const text = await insight.metrics()
  expect(valueIn(text, 'waybill_invariant_violations{invariant="counts_agree"}')).toBe(1)
  expect(valueIn(text, 'waybill_invariants_violated')).toBe(1)

  await look()
  await sql`delete from delivery_count where workspace_id = ${id}`.execute(db)
  await look()
  expect(insight.invariants()?.violations).toEqual([])
  const told = lines
    .map((line) => JSON.parse(line) as { invariant?: string; msg: string })
    .filter(({ invariant }) => invariant === 'counts_agree')
  expect(told.map(({ msg }) => msg)).toEqual([
    'A counter does not agree with the deliveries that are there.',
    'an invariant that was violated holds again',
  ])
})
