import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { retryCampaign } from '../../../src/campaigns/life.ts'
import { followAll } from '../../../src/events/follow.ts'
import { NO_FIGURES, ratesOf } from '../../../src/insight/analytics/figures.ts'
import { figureFollower, mendFigures } from '../../../src/insight/analytics/follow.ts'
import { compareCampaigns, readLinks, readReceivers, readResults } from '../../../src/insight/analytics/results.ts'
import { comparisonTable, tableOf } from '../../../src/insight/analytics/tables.ts'
import { HOUR, MINUTE } from '../../../src/lib/clock.ts'
import type { DeliveryId } from '../../../src/lib/ids.ts'
import { follow, open } from '../../../src/tracking/record-hit.ts'
import { trackingJobs } from '../../../src/tracking/settle-hits.ts'
import { aText, campaignsOf } from '../../support/campaign.ts'
import { type World, world } from '../../support/world.ts'

const PERSON = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const asked = (userAgent: string) => ({ method: 'GET', userAgent, headers: {} })

async function counted(w: World): Promise<void> {
  w.clock.advance(MINUTE)
  for (const job of trackingJobs(w.database)) if (job.name === 'tracking.settle') await job.run(w.clock.now())
  await expect
    .poll(
      async () => {
        await followAll(w.database, [figureFollower], () => w.clock.now())
        const { rows } =
          await sql`select from event, follower as f where f.name = ${figureFollower.name} and (event.txid, event.seq) > (f.txid, f.seq) limit 1`.execute(
            w.database.db,
          )
        return rows.length
      },
      { timeout: 40_000 },
    )
    .toBe(0)
}

test('people count once and how often is apart; links that nobody followed are there; what is sent again counts by its latest mail', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(
    list,
    ['ann', 'bob', 'full', 'gone'].map((name) => ({ address: `${name}@example.org` })),
  )
  w.smtp.answer('full@example.org', '552 5.2.2 mailbox full').thenAccept()
  w.smtp.answer('gone@example.org', '550 5.1.1 user unknown').always()
  const body = '<p>{{ contact.first_name }}</p><a href="https://example.com/a">A</a> <a href="https://example.com/b">B</a>'
  const id = await c.started([list], { content: { ...aText([list]).content, body }, tracking: { opens: true, clicks: true } })
  await c.prepare()
  await w.dispatch()
  await c.watch()
  await counted(w)
  const before = await readResults(w.database.db, w.workspaceId, id)
  expect(before.figures).toMatchObject({ accepted: 2, bounced: 2 })
  expect(before.classes.map(({ class: name, figures }) => [name, figures.bounced])).toEqual(
    expect.arrayContaining([
      ['mailbox_full', 1],
      ['recipient_unknown', 1],
    ]),
  )
  const { rows: mails } = await sql<{ id: DeliveryId; recipient: string }>`select id, recipient from delivery`.execute(
    w.database.db,
  )
  const ann = mails.find(({ recipient }) => recipient === 'ann@example.org')?.id as DeliveryId
  const click = (link: number, agent: string) =>
    follow(w.database, ann, link, asked(agent), w.clock.now(), (error) => {
      throw error
    })
  w.clock.advance(HOUR)
  for (const _ of [1, 2, 3]) {
    await open(w.database, ann, asked(PERSON), w.clock.now())
    await click(1, PERSON)
    w.clock.advance(MINUTE)
  }
  await click(2, 'curl/8.0')
  await open(w.database, ann, asked('Mozilla/5.0 GoogleImageProxy'), w.clock.now())
  await c.engine((tx) => retryCampaign(tx, id, ['mailbox_full'], c.actor, w.clock.now()))
  await c.prepare()
  await w.dispatch()
  await c.watch()
  await counted(w)
  const { figures, rates, opens, clicks, classes, variants } = await readResults(w.database.db, w.workspaceId, id)
  expect(figures).toMatchObject({
    accepted: 3,
    bounced: 1,
    opened_human: 1,
    opened_proxy: 1,
    clicked_human: 1,
    clicked_scanner: 1,
  })
  expect({ opens, clicks }).toEqual({
    opens: { human: 3, proxy: 1, scanner: 0, unknown: 0 },
    clicks: { human: 3, proxy: 0, scanner: 1, unknown: 0 },
  })
  expect(rates).toMatchObject({ basis: 'reached', of: 3, bounced: 1 / 4, opened: 1 / 3, clicked: 1 / 3, unsubscribed: 0 })
  expect(classes.map((one) => one.class)).toEqual(['recipient_unknown'])
  expect(variants).toEqual([])
  const links = await readLinks(w.database.db, w.workspaceId, id)
  expect(links.map(({ url, people, clicks: often }) => [url, people.human, often.human, often.scanner])).toEqual([
    ['https://example.com/a', 1, 3, 0],
    ['https://example.com/b', 0, 0, 1],
  ])
  const receivers = await readReceivers(w.database.db, w.workspaceId, id)
  expect(receivers.reduce((sum, one) => sum + one.figures.accepted, 0)).toBe(3)

  await sql`update campaign_figure set bounced = bounced + 7, opened_human = 9 where split in ('all', 'hour')`.execute(
    w.database.db,
  )
  expect((await w.invariants()).map(({ name }) => name)).toEqual(['campaign_figures_agree'])
  expect([await mendFigures(w.database, w.clock.now()), await mendFigures(w.database, w.clock.now())]).toEqual([1, 0])
  expect((await readResults(w.database.db, w.workspaceId, id)).figures).toEqual(figures)

  const [whole] = await compareCampaigns(w.database.db, w.workspaceId, [id], null)
  const [early] = await compareCampaigns(w.database.db, w.workspaceId, [id], 1)
  expect([whole?.figures.clicked_human, early?.figures.clicked_human, early?.figures.bounced]).toEqual([1, 0, 1])
  const csv = (await tableOf(w.database.db, w.workspaceId, id, 'links')).split('\r\n')
  expect(csv.slice(0, 2)).toEqual([
    'url,human_people,proxy_people,scanner_people,unknown_people,human_clicks,proxy_clicks,scanner_clicks,unknown_clicks',
    'https://example.com/a,1,0,0,0,3,0,0,0',
  ])
  for (const table of ['summary', 'receivers', 'hours', 'days', 'classes'] as const) {
    const rows = (await tableOf(w.database.db, w.workspaceId, id, table)).trim().split('\r\n')
    expect(new Set(rows.map((row) => row.split(',').length)).size, table).toBe(1)
    expect(rows.length).toBeGreaterThan(1)
  }
  expect(await comparisonTable(w.database.db, w.workspaceId, [id], null)).toContain('Spring news,')
})

test('of a test of versions each has its own figures, and those of all are their sum', async () => {
  const w = await world()
  const c = campaignsOf(w)
  const list = await c.newList('News')
  await c.addPeople(
    list,
    Array.from({ length: 30 }, (_, i) => ({ address: `p${i}@example.org` })),
  )
  const variants = [{ subject: 'Another', sender: null, content: null }]
  const ab = { variants, share: 100, measure: 'by_hand' as const, afterMinutes: 60, unclear: 'ask' as const }
  const id = await c.started([list], { ab })
  await c.prepare()
  await w.dispatch()
  await counted(w)
  const { figures, variants: told } = await readResults(w.database.db, w.workspaceId, id)
  expect(figures.accepted).toBe(30)
  expect(told.map(({ variant }) => variant)).toEqual(['0', '1'])
  const { rows } = await sql<{ variant: string; n: number }>`
    select variant::text, count(*)::int as n from campaign_recipient where campaign_id = ${id} group by 1 order by 1`.execute(
    w.database.db,
  )
  expect(told.map(({ variant, figures: { accepted } }) => ({ variant, n: accepted }))).toEqual(rows)
})

test('rates are of confirmed deliveries where nearly all are confirmed, else of whom it reached, and of nobody they are nothing', () => {
  const some = { ...NO_FIGURES, accepted: 100, returned: 10, bounced: 15, opened_human: 45, opened_proxy: 80 }
  expect(ratesOf(some)).toMatchObject({ basis: 'reached', of: 90, opened: 0.5, bounced: 15 / 105 })
  expect(ratesOf({ ...some, delivered: 88 })).toMatchObject({ basis: 'delivered', of: 88 })
  expect(ratesOf({ ...some, delivered: 40 })).toMatchObject({ basis: 'reached', of: 90 })
  expect(ratesOf(NO_FIGURES)).toMatchObject({ basis: 'nobody', of: 0, opened: null, bounced: null })
})
