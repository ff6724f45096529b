import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { CampaignId } from '../../../src/campaigns/campaign.ts'
import { findGotten, leaveBy, takeBackBy } from '../../../src/campaigns/leaving/leaving.ts'
import { cancelCampaign, retryCampaign } from '../../../src/campaigns/life.ts'
import { type Feedback, recordFeedback } from '../../../src/delivery/record-feedback.ts'
import { append } from '../../../src/events/append.ts'
import { type Follower, followAll, followOnce } from '../../../src/events/follow.ts'
import { addFigures, FIGURES, type Figures, SPLITS } from '../../../src/insight/analytics/figures.ts'
import { figureFollower } from '../../../src/insight/analytics/follow.ts'
import { recountFigures, selectFigures } from '../../../src/insight/analytics/queries.ts'
import { readCourse, readReceivers, readResults } from '../../../src/insight/analytics/results.ts'
import { HOUR, MINUTE } from '../../../src/lib/clock.ts'
import type { DeliveryId, MessageId } from '../../../src/lib/ids.ts'
import { classifyReport } from '../../../src/mail/failure-report.ts'
import { follow, open } from '../../../src/tracking/record-hit.ts'
import { trackingJobs } from '../../../src/tracking/settle-hits.ts'
import { aText, campaignsOf } from '../../support/campaign.ts'
import { type World, world } from '../../support/world.ts'

const AGENTS = {
  human: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  proxy: 'Mozilla/5.0 (Windows NT 5.1) GoogleImageProxy',
  scanner: 'curl/8.0',
  unknown: 'Somebody',
} as const
type Who = keyof typeof AGENTS
const WHO = Object.keys(AGENTS) as Who[]

interface Mail {
  readonly id: DeliveryId
  readonly messageId: MessageId
  readonly recipient: string
}

/** The mails that count now, whoever has them. */
async function mailsOf(w: World, campaignId: string): Promise<Mail[]> {
  const { rows } = await sql<Mail>`
    select d.id, d.message_id as "messageId", d.recipient from campaign_recipient as r join delivery as d on d.workspace_id = r.workspace_id and d.id = r.delivery_id
     where r.workspace_id = ${w.workspaceId} and r.campaign_id = ${campaignId} order by d.recipient`.execute(w.database.db)
  return rows
}

/** The same numbers by another way: from the mails that people have now, their states, and what is known of each. */
async function recount(w: World, campaignId: string): Promise<Figures> {
  const seen = (kind: string, who: string) =>
    sql`count(*) filter (where exists (select from tracking_hit as h where h.workspace_id = d.workspace_id and h.delivery_id = d.id and h.kind = ${kind} and h.who = ${who} and h.settled_at is not null))::int`
  const told = (type: string) =>
    sql`count(*) filter (where exists (select from event as e where e.workspace_id = d.workspace_id and e.message_id = d.message_id and e.delivery_id = d.id and e.type = ${type}))::int`
  const state = (name: string) => sql`count(*) filter (where d.state = ${name})::int as ${sql.ref(name)}`
  const wasBack = sql`d.state = 'bounced' and exists (select from event as e where e.workspace_id = d.workspace_id and e.message_id = d.message_id and e.delivery_id = d.id and e.type = 'delivery.bounced' and e.data ? 'source')`
  const { rows } = await sql<Figures>`
    select count(*) filter (where d.state in ('sent', 'delivered') or (${wasBack}))::int as accepted,
           ${sql.join(['delivered', 'bounced', 'failed', 'expired', 'suppressed', 'cancelled'].map(state))},
           count(*) filter (where ${wasBack})::int as returned,
           ${told('delivery.complained')} as complained, ${told('contact.unsubscribed')} as unsubscribed, ${told('campaign.replied')} as replied,
           ${sql.join(WHO.flatMap((who) => [sql`${seen('open', who)} as ${sql.ref(`opened_${who}`)}`, sql`${seen('click', who)} as ${sql.ref(`clicked_${who}`)}`]))}
      from campaign_recipient as r
      join delivery as d on d.workspace_id = r.workspace_id and d.id = r.delivery_id
     where r.workspace_id = ${w.workspaceId} and r.campaign_id = ${campaignId}`.execute(w.database.db)
  return rows[0] as Figures
}

/** Every row that says something. */
async function partsOf(w: World, id: CampaignId) {
  const parts = []
  for (const split of SPLITS) parts.push(...(await selectFigures(w.database.db, w.workspaceId, [id], split, 10_000)))
  return parts.filter((row) => FIGURES.some((name) => row[name] !== 0))
}

const only = (figures: Figures) => Object.fromEntries(FIGURES.map((name) => [name, figures[name]]))

async function caughtUp(w: World): Promise<void> {
  await expect
    .poll(
      async () => {
        await followAll(w.database, [figureFollower], () => w.clock.now())
        const { rows } = await sql<{ n: number }>`
          select count(*)::int as n from event, follower as f where f.name = ${figureFollower.name} and (event.txid, event.seq) > (f.txid, f.seq)`.execute(
          w.database.db,
        )
        return rows[0]?.n
      },
      { timeout: 40_000 },
    )
    .toBe(0)
}

/** Dies when all of its work is done, and before it is kept. */
const dying: Follower = {
  ...figureFollower,
  async apply(tx, from, to, now) {
    await figureFollower.apply(tx, from, to, now)
    throw new Error('killed')
  },
}

let told = 0
function news(kind: 'delivered' | 'relayed' | 'bounced' | 'complained', at: Date): Feedback {
  const heard = {
    source: 'ses' as const,
    key: `news ${++told}`,
    happenedAt: at,
    status: null,
    diagnostic: null,
    feedbackId: null,
  }
  if (kind === 'complained') return { kind, heard, note: 'abuse' }
  if (kind !== 'bounced') return { kind, heard }
  const failure = classifyReport({ action: 'failed', diagnostic: '552 5.2.2 mailbox full', recipient: 'bob@example.org' })
  const { class: code, sentence, hint } = failure
  return { kind, heard, reason: { code, sentence, hint, failure, at } }
}

const LINKS = '<p>Dear {{ contact.first_name }}</p><a href="https://example.com/a">A</a> <a href="https://example.com/b">B</a>'

async function aCampaign(w: World, people: number, name: string) {
  const c = campaignsOf(w)
  const list = await c.newList(name)
  await c.addPeople(
    list,
    Array.from({ length: people }, (_, i) => ({ address: `${name}${i}@example.org` })),
  )
  const { content } = aText([list])
  const id = await c.started([list], { name, content: { ...content, body: LINKS }, tracking: { opens: true, clicks: true } })
  await c.prepare()
  return { c, id }
}

const asked = (who: Who) => ({ method: 'GET', userAgent: AGENTS[who], headers: {} })

const noTrouble = (error: unknown) => {
  throw error
}

async function settleHits(w: World): Promise<void> {
  w.clock.advance(MINUTE)
  for (const job of trackingJobs(w.database)) if (job.name === 'tracking.settle') await job.run(w.clock.now())
}

type Fact =
  | { readonly kind: 'news'; readonly of: number; readonly says: 'delivered' | 'relayed' | 'bounced' | 'complained' }
  | { readonly kind: 'open' | 'click'; readonly of: number; readonly who: Who; readonly link: number }
  | { readonly kind: 'leave' | 'return' | 'reply'; readonly of: number }
  | { readonly kind: 'dispatch' | 'retry' | 'cancel' | 'settle' | 'later' | 'follow' | 'die' }

const of = fc.nat({ max: 11 })
const aFact: fc.Arbitrary<Fact> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('news' as const),
      of,
      says: fc.constantFrom('delivered' as const, 'relayed' as const, 'bounced' as const, 'complained' as const),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('open' as const, 'click' as const),
      of,
      who: fc.constantFrom(...WHO),
      link: fc.integer({ min: 1, max: 2 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('leave' as const, 'return' as const, 'reply' as const), of }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('dispatch' as const, 'retry' as const, 'settle' as const, 'later' as const) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('follow' as const, 'die' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const) }) },
)

async function happen(w: World, { c, id }: { c: ReturnType<typeof campaignsOf>; id: CampaignId }, fact: Fact): Promise<void> {
  const { clock, database } = w
  const mails = await mailsOf(w, id)
  const mail = 'of' in fact ? mails[fact.of % mails.length] : undefined
  switch (fact.kind) {
    case 'news':
      if (mail) await c.engine((tx) => recordFeedback(tx, w.workspaceId, mail.id, news(fact.says, clock.now()), clock.now()))
      return
    case 'open':
      return mail && (await open(database, mail.id, asked(fact.who), clock.now()))
    case 'click':
      if (mail) await follow(database, mail.id, fact.link, asked(fact.who), clock.now(), noTrouble)
      return
    case 'leave':
    case 'return': {
      const gotten = mail && (await findGotten(database.db, mail.id))
      if (gotten && fact.kind === 'leave')
        await c.engine((tx) => leaveBy(tx, gotten, { by: 'page', everything: false, why: null }, clock.now()))
      if (gotten && fact.kind === 'return') await c.engine((tx) => takeBackBy(tx, gotten, clock.now()))
      return
    }
    case 'reply': {
      if (!mail) return
      const { rows } =
        await sql`select from event where workspace_id = ${w.workspaceId} and delivery_id = ${mail.id} and type = 'campaign.replied'`.execute(
          database.db,
        )
      const event = {
        type: 'campaign.replied' as const,
        workspaceId: w.workspaceId,
        messageId: mail.messageId,
        deliveryId: mail.id,
        subjectId: id,
      }
      if (rows.length === 0) await c.engine((tx) => append(tx, event, clock.now()))
      return
    }
    case 'dispatch':
      return await w.dispatch()
    case 'retry':
      await c.watch()
      await c.engine((tx) => retryCampaign(tx, id, null, c.actor, clock.now())).catch(() => {})
      return await c.prepare()
    case 'cancel':
      await c.engine((tx) => cancelCampaign(tx, id, c.actor, clock.now())).catch(() => {})
      return await c.watch()
    case 'settle':
      return await settleHits(w)
    case 'later':
      clock.advance(2 * HOUR)
      return
    case 'follow':
      await followOnce(database, figureFollower, clock.now())
      return
    case 'die':
      await expect(followOnce(database, dying, clock.now()).then((n) => n > 0 && Promise.reject(n)))
        .resolves.toBe(false)
        .catch(() => {})
  }
}

test('whatever happens in whatever order, and however often the counter dies, the figures are those of the mails that people have', async () => {
  const w = await world({ connections: 6 })
  for (const i of [0, 1, 2, 3]) {
    w.smtp.answer(`run${i}x2@example.org`, '552 5.2.2 mailbox full').thenAccept()
    w.smtp.answer(`run${i}x3@example.org`, '550 5.1.1 user unknown').always()
  }
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(aFact, { minLength: 20, maxLength: 60 }), async (facts) => {
      const campaign = await aCampaign(w, 12, `run${run++ % 1000}x`)
      for (const fact of facts) await happen(w, campaign, fact)
      await settleHits(w)
      await caughtUp(w)
      const { figures } = await readResults(w.database.db, w.workspaceId, campaign.id)
      expect(only(figures)).toEqual(await recount(w, campaign.id))
      const course = await readCourse(w.database.db, w.workspaceId, campaign.id, 'hour')
      expect(only(addFigures(course.map((point) => point.figures)))).toEqual(only(figures))
      const receivers = await readReceivers(w.database.db, w.workspaceId, campaign.id)
      expect(only(addFigures(receivers.map((one) => one.figures)))).toEqual(only(figures))
      const moved = await partsOf(w, campaign.id)
      const key = { workspaceId: w.workspaceId, campaignId: campaign.id }
      await campaign.c.engine((tx) => recountFigures(tx, key, figureFollower.name))
      expect(await partsOf(w, campaign.id)).toEqual(moved)
      expect(await w.invariants()).toEqual([])
    }),
    { numRuns: 4, endOnFailure: true },
  )
})
