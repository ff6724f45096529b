import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { actOn } from '../../src/inbound/arrivals/act.ts'
import { countJobs, noMatchToday } from '../../src/inbound/counts.ts'
import { noMatchJobs } from '../../src/inbound/no-match.ts'
import { listOpenIncidents } from '../../src/incidents/incidents.ts'
import { createInsight } from '../../src/insight/insight.ts'
import { DAY } from '../../src/lib/clock.ts'
import { createLog } from '../../src/log.ts'
import { desk } from '../helpdesk/desk.ts'
import { type World, world } from '../support/world.ts'
import { inlet } from './support.ts'

const mail = (n: number) =>
  `From: bob@customer.example\nTo: support@example.com\nMessage-ID: <${n}@customer.example>\nSubject: ${n}\n\nWords of ${n}.\n`

async function counted(w: World): Promise<string[]> {
  const { rows } = await sql<{ outcome: string; n: number }>`select outcome, n from inbound_count order by outcome, n`.execute(
    w.database.db,
  )
  return rows.map(({ outcome, n }) => `${n} × ${outcome}`)
}

test('what came in is counted by inbox and outcome: folded once a minute, measured, and nothing is lost by it', async () => {
  const w = await world()
  const d = await desk(w, { no_match: 'ignore' })
  const sales = await d.addInbox('Sales', { no_match: 'quarantine' })
  const i = inlet(w)
  await i.storeAll([mail(1), mail(2), mail(3)], { inboxId: d.inbox.id })
  await i.storeAll([mail(4), mail(5)], { inboxId: sales.id })
  await i.take(mail(6).replace('support@', 'nobody@'))
  const fold = async () => {
    for (const job of countJobs(w.database)) await job.run(w.clock.now())
  }
  const today = () => noMatchToday(w.database.db, w.workspaceId, w.clock.now())
  const before = await today()
  expect(before).toEqual(
    new Map([
      [d.inbox.id, 3],
      [sales.id, 2],
    ]),
  )
  await Promise.all([fold(), fold()])
  expect(await today()).toEqual(before)
  expect(await counted(w)).toEqual([
    '3 × ignored:update_only_no_match',
    '1 × quarantined:no_inbox',
    '2 × quarantined:update_only_no_match',
  ])
  w.clock.advance(DAY)
  expect(await today()).toEqual(new Map())

  const insight = createInsight({
    database: w.database,
    clock: w.clock,
    log: createLog({ level: 'silent' }),
    version: '0.1.0',
    dataFolder: w.blobFolder,
    blobFolder: w.blobFolder,
    knownSchema: 1,
    dispatcherStatus: () => null,
    portTroubles: () => [],
  })
  const lines = (await insight.metrics()).split('\n')
  await insight.stop()
  expect(lines).toContain(`waybill_inbound_total{inbox="${d.inbox.id}",outcome="ignored",reason="update_only_no_match"} 3`)
  expect(lines).toContain('waybill_inbound_total{inbox="none",outcome="quarantined",reason="no_inbox"} 1')
  expect(lines).toContain('waybill_inbound_oldest_due_seconds 0')
})

test('the incident about mail that belongs to nothing ends by itself: on a new day, by another setting, and when such mail was dealt with', async () => {
  const w = await world()
  const d = await desk(w, { no_match: 'quarantine', no_match_alert: 2 })
  const i = inlet(w)
  const look = async () => {
    for (const job of noMatchJobs(w.database)) await job.run(w.clock.now())
    const open = await listOpenIncidents(w.database.db, w.workspaceId, 10)
    return open.filter(({ kind }) => kind === 'inbound.no_match').length
  }
  const set = (alert: number | null) =>
    sql`update inbox set no_match_alert = ${alert} where id = ${d.inbox.id}`.execute(w.database.db)
  let n = 0
  const come = async () => (await i.take(mail((n += 1)), { inboxId: d.inbox.id })).id
  await come()
  expect(await look()).toBe(0)
  const second = await come()
  expect(await look()).toBe(1)
  w.clock.advance(DAY)
  expect(await look()).toBe(0)
  await come()
  await come()
  expect(await look()).toBe(1)
  await set(3)
  expect(await look()).toBe(0)
  const fifth = await come()
  expect(await look()).toBe(1)
  const ignore = { act: 'ignore', inboxId: null, number: null, whole: 'address', others: false } as const
  await w.inWorkspace((tx) => actOn(tx, { ...ignore, target: { ids: [second] } }, d.agent, w.clock.now()))
  expect(await look()).toBe(1)
  await w.inWorkspace((tx) => actOn(tx, { ...ignore, target: { ids: [fifth] } }, d.agent, w.clock.now()))
  expect(await look()).toBe(0)
})
