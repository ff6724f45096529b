import Fastify from 'fastify'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { servePreferences } from '../../src/api/preferences.ts'
import { serveTracking } from '../../src/api/tracking.ts'
import { serveUnsubscribe } from '../../src/api/unsubscribe.ts'
import { copyCampaign } from '../../src/campaigns/manage.ts'
import { ENGINE } from '../../src/db/database.ts'
import { type Feedback, recordFeedback } from '../../src/delivery/record-feedback.ts'
import { listOutcomes } from '../../src/insight/campaigns/outcomes.ts'
import type { DeliveryId } from '../../src/lib/ids.ts'
import { classifyReport } from '../../src/mail/failure-report.ts'
import { parseMail } from '../../src/mail/parse.ts'
import { SETTLE_AFTER_MS, trackingJobs } from '../../src/tracking/settle-hits.ts'
import { campaignsOf } from '../support/campaign.ts'
import { type World, world } from '../support/world.ts'

const people = (...names: string[]) => names.map((name) => ({ address: `${name}@example.org`, firstName: name }))

const outcomes = async (w: World, id: string) => {
  const { items } = await listOutcomes(w.database.db, w.workspaceId, id, {}, { after: null, limit: 100 })
  return new Map(items.map((one) => [one.address.split('@')[0] ?? '', one]))
}

test('whoever complains of one mail, or turns out not to exist by it, gets nothing of the campaign that waits meanwhile', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, people('ann', 'bob', 'cid'))
  const first = await c.started([list])
  await c.prepare()
  await w.dispatch()
  const second = await c.started([list])
  await c.prepare()
  expect((await c.progress(second)).deliveries).toEqual({ queued: 3 })
  const had = await outcomes(w, first)
  const heard = (key: string) => ({
    source: 'dsn' as const,
    key,
    happenedAt: null,
    status: null,
    diagnostic: null,
    feedbackId: null,
  })
  const failure = classifyReport({ action: 'failed', diagnostic: '550 5.1.1 no such user', recipient: 'cid@example.org' })
  const reason = { code: failure.class, sentence: failure.sentence, hint: failure.hint, failure, at: w.clock.now() }
  const news: [string, Feedback][] = [
    ['bob', { kind: 'complained', heard: heard('a'), note: 'abuse' }],
    ['cid', { kind: 'bounced', heard: heard('b'), reason }],
  ]
  for (const [name, one] of news) {
    const id = had.get(name)?.deliveryId as DeliveryId
    expect(await w.database.transaction(ENGINE, (tx) => recordFeedback(tx, w.workspaceId, id, one, w.clock.now()))).toBe(
      'recorded',
    )
  }
  const known = w.smtp.received().length
  await w.dispatch()
  await c.watch()
  expect(w.smtp.received().slice(known)).toEqual(['ann@example.org'])
  const end = await outcomes(w, second)
  expect(['ann', 'bob', 'cid'].map((name) => end.get(name)?.state)).toEqual(['sent', 'suppressed', 'suppressed'])
  // And a third one says so before it is sent.
  const third = await c.started([list])
  await c.prepare()
  expect((await c.progress(third)).excluded).toEqual([{ reason: 'suppressed', n: 2 }])
})

test('a program that fetches every link of a mail within a second unsubscribes nobody, and counts as no person', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(list, people('ann'))
  const { content } = await c.draft([list])
  const links = [1, 2, 3].map((n) => `<a href="https://example.com/${n}">Read ${n}</a>`).join('')
  const body = `${content.body}${links}<a href="{{ preferences_url }}">Preferences</a>`
  const id = await c.started([list], { tracking: { clicks: true, opens: true }, content: { ...content, body } })
  await c.prepare()
  await w.dispatch()
  const fastify = Fastify({ logger: false, exposeHeadRoutes: false, routerOptions: { maxParamLength: 2000 } })
  const deps = {
    database: w.database,
    secrets: w.secrets,
    clock: w.clock,
    url: 'https://waybill.example.com',
    log: { warn() {}, error() {} },
  } as never
  serveTracking(fastify, deps)
  await serveUnsubscribe(fastify, deps)
  await servePreferences(fastify, deps)
  onTestFinished(() => fastify.close())
  const read = await parseMail(Buffer.from(w.smtp.messages[0]?.content ?? '', 'latin1'))
  const mail = read.kind === 'parsed' ? read.mail : null
  const found = [...(mail?.html ?? '').matchAll(/(?:href|src)="(https:\/\/waybill\.example\.com[^"]+)"/g)].map(
    ([, url]) => url ?? '',
  )
  expect(found.length).toBeGreaterThanOrEqual(7)
  // Long after it left: only that they come together gives it away.
  w.clock.advance(3_600_000)
  const statuses = []
  for (const url of found) {
    const headers = {
      'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
    }
    statuses.push((await fastify.inject({ method: 'GET', url: new URL(url).pathname, headers })).statusCode)
    w.clock.advance(50)
  }
  expect(statuses.every((status) => status < 400)).toBe(true)
  w.clock.advance(SETTLE_AFTER_MS + 1_000)
  for (const job of trackingJobs(w.database)) await job.run(w.clock.now())
  const { rows: hits } = await sql<{ who: string }>`select distinct who from tracking_hit where kind = 'click'`.execute(
    w.database.db,
  )
  expect(hits).toEqual([{ who: 'scanner' }])
  const { rows: left } = await sql`select status from list_member`.execute(w.database.db)
  expect(left).toEqual([{ status: 'subscribed' }])
  expect((await sql`select from suppression`.execute(w.database.db)).rows).toEqual([])
  // Nobody opened it, so it goes to those who did not: a copy with what won, and nothing to try any more.
  const copy = await c.engine((tx) => copyCampaign(tx, id, { forWhom: 'not_opened', name: 'Again' }, c.actor, w.clock.now()))
  expect(copy).toMatchObject({ audience: { kind: 'not_opened', campaignId: id }, ab: null })
})

test('of a test of versions, a copy for those who did not open it says what won', async () => {
  const w = await world({ endsWell: false })
  const c = campaignsOf(w)
  const list = await c.newList('News')
  const ab = {
    variants: [{ subject: 'B', sender: 'Anna <anna@example.com>', content: null }],
    share: 50,
    measure: 'clicked' as const,
    afterMinutes: 60,
    unclear: 'best' as const,
  }
  const { id } = await c.draft([list], { ab })
  await sql`update campaign set started_at = now(), winner = 1, decision = '{}' where id = ${id}`.execute(w.database.db)
  const copy = (forWhom: 'same' | 'not_opened') =>
    c.engine((tx) => copyCampaign(tx, id, { forWhom, name: 'Copy' }, c.actor, w.clock.now()))
  expect(await copy('not_opened')).toMatchObject({ content: { subject: 'B' }, sender: 'Anna <anna@example.com>', ab: null })
  expect(await copy('same')).toMatchObject({ content: { subject: 'News for {{ contact.first_name }}' }, ab })
})
