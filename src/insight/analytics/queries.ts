import { type RawBuilder, sql } from 'kysely'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { EventType } from '../../events/event.ts'
import { type LogPosition, stretchOfLog } from '../../events/follow.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import { FIGURES, type Figure, type Figures, SEEN_BY, type Split } from './figures.ts'

const TYPES = [
  'delivery.sent',
  'delivery.delivered',
  'delivery.bounced',
  'delivery.failed',
  'delivery.expired',
  'delivery.suppressed',
  'delivery.cancelled',
  'delivery.complained',
  'delivery.replaced',
  'message.opened',
  'message.clicked',
  'contact.unsubscribed',
  'campaign.replied',
] as const satisfies readonly EventType[]

const isType = (type: (typeof TYPES)[number]) => sql`type = ${sql.lit(type)}`
const who = (type: (typeof TYPES)[number], by: string) => sql`${isType(type)} and data ->> 'who' = ${sql.lit(by)}`

/** News of a mail of which nobody had heard that it was taken: the news itself says so. */
const SHOWS_ACCEPTANCE = sql`type in ('delivery.delivered', 'delivery.bounced') and data ? 'source' and data ->> 'was' not in ('sent', 'delivered')`

/** Which facts each figure counts. */
const COUNTS: Readonly<Record<Figure, RawBuilder<unknown>>> = {
  accepted: sql`accepts and (${isType('delivery.sent')} or ${SHOWS_ACCEPTANCE})`,
  delivered: sql`settles and ${isType('delivery.delivered')}`,
  bounced: sql`settles and ${isType('delivery.bounced')}`,
  returned: sql`settles and ${isType('delivery.bounced')} and data ? 'source'`,
  failed: sql`settles and ${isType('delivery.failed')}`,
  expired: sql`settles and ${isType('delivery.expired')}`,
  suppressed: sql`settles and ${isType('delivery.suppressed')}`,
  cancelled: sql`settles and ${isType('delivery.cancelled')}`,
  complained: isType('delivery.complained'),
  unsubscribed: isType('contact.unsubscribed'),
  replied: isType('campaign.replied'),
  ...(Object.fromEntries(
    SEEN_BY.flatMap((by) => [
      [`opened_${by}`, who('message.opened', by)],
      [`clicked_${by}`, who('message.clicked', by)],
    ]),
  ) as Record<Extract<Figure, `opened_${string}` | `clicked_${string}`>, RawBuilder<unknown>>),
}

const columns = sql.join(FIGURES.map((name) => sql.ref(name)))
const sums = sql.join(FIGURES.map((name) => sql`coalesce(sum(sign) filter (where ${COUNTS[name]}), 0)::int`))
const added = sql.join(FIGURES.map((name) => sql`${sql.ref(name)} = was.${sql.ref(name)} + excluded.${sql.ref(name)}`))

/** News that moves a mail's state; a complaint stands beside it. */
const MOVES = sql`'delivery.sent', 'delivery.delivered', 'delivery.bounced'`

/** One row of the log is before another. */
const before = (one: string, other: string) => sql.raw(`(${one}.txid, ${one}.seq) < (${other}.txid, ${other}.seq)`)
const sameMail = (one: string, other: string) =>
  sql.raw(
    `${one}.workspace_id = ${other}.workspace_id and ${one}.message_id = ${other}.message_id and ${one}.delivery_id = ${other}.delivery_id`,
  )
const sameThing = (one: string, other: string) =>
  sql.raw(`${one}.type = ${other}.type and ${one}.data ->> 'who' is not distinct from ${other}.data ->> 'who'`)

/**
 * Counts a stretch of the log into its campaigns; the log is read where it is. Three things make it more than adding up. What was said twice (leaving
 * again; opening when the first time is forgotten, tracking/settle-hits.ts) counts once. News that comes late takes the place of what a mail had come
 * to before. And from `delivery.replaced` on a mail counts no more: what it had added is taken away, what comes later is passed over. So at any
 * place of the log the figures are those of the mails that are not replaced there. Index: event_of_message, for the few that look back.
 *
 * `limit` and `offset` within the joins keep the planner from reading whole tables for a few thousand rows, of which it cannot know how few they are.
 */
export async function addFacts(tx: Tx, from: LogPosition, to: LogPosition): Promise<void> {
  await addFactsOf(tx, sql`select ${TOLD} from ${stretchOfLog(from, to, TYPES)} as e where delivery_id is not null`)
}

const TOLD = sql.raw('workspace_id, message_id, delivery_id, type, at, data, txid, seq')

/**
 * A campaign's figures anew, from all that the log has of it up to where the follower stands: it waits meanwhile. False where the follower has not begun.
 * Index: message_of_mailing.
 */
export async function recountFigures(tx: Tx, { workspaceId, campaignId }: CampaignKey, follower: string): Promise<boolean> {
  const { rows } = await sql<LogPosition>`
    select txid::text as txid, seq::text as seq from follower where name = ${follower} for update`.execute(tx)
  const [at] = rows
  if (!at) return false
  await sql`delete from campaign_figure where workspace_id = ${workspaceId} and campaign_id = ${campaignId}`.execute(tx)
  await addFactsOf(
    tx,
    sql`select e.workspace_id, e.message_id, e.delivery_id, e.type, e.at, e.data, e.txid, e.seq
          from campaign as c
          join message as m on m.workspace_id = c.workspace_id and m.mailing_id = c.mailing_id
         cross join lateral (
           select * from event where workspace_id = m.workspace_id and message_id = m.id
              and (txid, seq) <= (${at.txid}::xid8, ${at.seq}::bigint) and type = any (${plainArray(TYPES)}::text[]) and delivery_id is not null offset 0
         ) as e
         where c.workspace_id = ${workspaceId} and c.id = ${campaignId}`,
  )
  return true
}

export interface CampaignKey {
  readonly workspaceId: WorkspaceId
  readonly campaignId: string
}

/** Campaigns that moved since, whose figures are not what their mails came to. What the follower has not read yet may be among them. */
export async function selectDiffering(db: Db, since: Date, limit: number): Promise<CampaignKey[]> {
  const { rows } = await sql<CampaignKey>`
    select c.workspace_id as "workspaceId", c.id as "campaignId"
      from campaign as c
      cross join lateral (
        select coalesce(sum(n) filter (where state in ('sent', 'delivered')), 0) as reached, coalesce(sum(n) filter (where state = 'delivered'), 0) as delivered,
               coalesce(sum(n) filter (where state = 'bounced'), 0) as bounced,
               coalesce(sum(n) filter (where state in ('failed', 'expired', 'suppressed', 'cancelled')), 0) as ended
          from delivery_count as k where k.workspace_id = c.workspace_id and k.mailing_id = c.mailing_id
      ) as there
      cross join lateral (
        select coalesce(sum(accepted - returned), 0) as reached, coalesce(sum(delivered), 0) as delivered, coalesce(sum(bounced), 0) as bounced,
               coalesce(sum(failed + expired + suppressed + cancelled), 0) as ended
          from campaign_figure as f where f.workspace_id = c.workspace_id and f.campaign_id = c.id and f.split = 'all'
      ) as counted
     where c.state in ('paused', 'done', 'cancelled') and c.mailing_id is not null and c.moved_at > ${since}
       and (there.reached, there.delivered, there.bounced, there.ended) <> (counted.reached, counted.delivered, counted.bounced, counted.ended)
     order by c.moved_at desc
     limit ${limit}`.execute(db)
  return rows
}

async function addFactsOf(tx: Tx, told: RawBuilder<unknown>): Promise<void> {
  await sql`
    with told as materialized (${told}), mail as materialized (
      select t.workspace_id, t.message_id, (m.origin ->> 'campaign_id')::uuid as campaign_id, m.created_at as written_at
        from (select distinct workspace_id, message_id from told) as t
       cross join lateral (
         select origin, created_at, mailing_id from message as m where m.workspace_id = t.workspace_id and m.id = t.message_id limit 1
       ) as m
       where m.mailing_id is not null and m.origin ->> 'kind' = 'campaign'
    ), ours as materialized (
      select told.*, mail.campaign_id, mail.written_at, d.mailing_id is null as is_replaced, d.lane_id, lower(d.recipient) as recipient
        from told
        join mail using (workspace_id, message_id)
       cross join lateral (
         select mailing_id, lane_id, recipient from delivery as d where d.workspace_id = told.workspace_id and d.id = told.delivery_id limit 1
       ) as d
    ), standing as materialized (
      select *
        from ours as o
       where not (is_replaced and exists (select from event as r where ${sameMail('r', 'o')} and r.type = 'delivery.replaced' and ${before('r', 'o')}))
         and not ((type = 'contact.unsubscribed' or (type in ('message.opened', 'message.clicked') and at > written_at + interval '80 days'))
                  and exists (select from event as e where ${sameMail('e', 'o')} and ${sameThing('e', 'o')} and ${before('e', 'o')}))
    ), fact as (
      select workspace_id, campaign_id, lane_id, recipient, type, at, data, 1 as sign, true as accepts, true as settles from standing
      union all
      select late.workspace_id, late.campaign_id, late.lane_id, late.recipient, e.type, e.at, e.data, -1, false, true
        from standing as late
       cross join lateral (
         select type, at, data from event as e
          where ${sameMail('e', 'late')} and ${before('e', 'late')} and e.type = 'delivery.' || (late.data ->> 'was') offset 0
       ) as e
       where late.type in (${MOVES}) and late.data ->> 'was' in ('delivered', 'expired', 'failed', 'cancelled', 'suppressed')
      union all
      select r.workspace_id, r.campaign_id, r.lane_id, r.recipient, e.type, e.at, e.data, -1, true, e.settles
        from standing as r
       cross join lateral (
         select type, at, data,
                not exists (select from event as late where ${sameMail('late', 'e')} and ${before('e', 'late')} and ${before('late', 'r')}
                                                        and late.type in (${MOVES}) and e.type = 'delivery.' || (late.data ->> 'was') and e.type <> 'delivery.sent') as settles
           from event as e
          where ${sameMail('e', 'r')} and ${before('e', 'r')} and e.type = any (${plainArray(TYPES)}::text[])
            and not exists (select from event as first where ${sameMail('first', 'e')} and ${sameThing('first', 'e')} and ${before('first', 'e')})
         offset 0
       ) as e
       where r.type = 'delivery.replaced'
    ), placed as (
      select fact.*, coalesce(version.variant, '') as variant, to_char(date_trunc('hour', fact.at at time zone 'UTC'), 'YYYY-MM-DD"T"HH24') as hour,
             coalesce(fact.data ->> 'receiver', lane.receiver, known.lane_receiver, 'other') as receiver,
             case when fact.type in ('delivery.bounced', 'delivery.failed', 'delivery.expired') then coalesce(fact.data ->> 'class', 'unknown') end as class
        from fact
        left join (select c.workspace_id, c.id, c.winner from (select distinct workspace_id, campaign_id from mail) as m
                    join campaign as c on c.workspace_id = m.workspace_id and c.id = m.campaign_id
                   where c.ab is not null) as test on test.workspace_id = fact.workspace_id and test.id = fact.campaign_id
        left join lateral (
          select coalesce(r.variant, test.winner)::text as variant from campaign_recipient as r
           where test.id is not null and r.workspace_id = fact.workspace_id and r.campaign_id = fact.campaign_id and r.address = fact.recipient
             and r.state = 'prepared' limit 1
        ) as version on true
        left join lateral (
          select receiver from lane where lane.workspace_id = fact.workspace_id and lane.id = fact.lane_id and not fact.data ? 'receiver' limit 1
        ) as lane on true
        left join lateral (
          select lane_receiver from recipient_domain as k
           where not fact.data ? 'receiver' and lane.receiver is null and k.domain = substring(fact.recipient from '[^@]*$') limit 1
        ) as known on true
       where fact.type <> 'delivery.replaced'
    )
    insert into campaign_figure as was (workspace_id, campaign_id, variant, split, key, ${columns})
    select workspace_id, campaign_id, variant,
           case when grouping(hour) = 0 then 'hour' when grouping(receiver) = 0 then 'receiver' when grouping(class) = 0 then 'class' else 'all' end,
           coalesce(hour, receiver, class, ''), ${sums}
      from placed
     group by grouping sets ((workspace_id, campaign_id, variant), (workspace_id, campaign_id, variant, hour),
                             (workspace_id, campaign_id, variant, receiver), (workspace_id, campaign_id, variant, class))
    having grouping(class) = 1 or class is not null
     order by 1, 2, 3, 4, 5
    on conflict (workspace_id, campaign_id, split, key, variant) do update set ${added}`.execute(tx)
}

export interface FigureRow extends Figures {
  readonly campaignId: string
  readonly key: string
  readonly variant: string
}

/** A part of some campaigns, in the order of keys. A handful of rows each; of hours as many as people answered in. */
export async function selectFigures(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  campaignIds: readonly string[],
  split: Split,
  limit: number,
): Promise<FigureRow[]> {
  const { rows } = await sql<FigureRow>`
    select campaign_id as "campaignId", key, variant, ${columns}
      from campaign_figure
     where workspace_id = ${workspaceId} and campaign_id = any (${plainArray(campaignIds)}::uuid[]) and split = ${split}
     order by campaign_id, key, variant
     limit ${limit}`.execute(db)
  return rows
}

const summed = sql.join(FIGURES.map((name) => sql`sum(${sql.ref(name)})::int as ${sql.ref(name)}`))

/** A campaign's course: by hour, or by day where that is too many; variants together. The first come first. */
export async function selectCourse(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  campaignId: string,
  { by, limit }: { readonly by: 'hour' | 'day'; readonly limit: number },
): Promise<(Figures & { readonly at: string })[]> {
  const at = by === 'hour' ? sql`key` : sql`left(key, 10)`
  const { rows } = await sql<Figures & { at: string }>`
    select ${at} as at, ${summed}
      from campaign_figure
     where workspace_id = ${workspaceId} and campaign_id = ${campaignId} and split = 'hour'
     group by 1
     order by 1
     limit ${limit}`.execute(db)
  return rows
}

/** What came within so many hours of each campaign's start, the hour in which it began among them. */
export async function selectWithin(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  campaignIds: readonly string[],
  hours: number,
): Promise<(Figures & { readonly campaignId: string })[]> {
  const { rows } = await sql<Figures & { campaignId: string }>`
    select f.campaign_id as "campaignId", ${summed}
      from campaign_figure as f
      join campaign as c on c.workspace_id = f.workspace_id and c.id = f.campaign_id
     where f.workspace_id = ${workspaceId} and f.campaign_id = any (${plainArray(campaignIds)}::uuid[]) and f.split = 'hour'
       and f.key < to_char((c.started_at + ${hours} * interval '1 hour') at time zone 'UTC', 'YYYY-MM-DD"T"HH24')
     group by f.campaign_id`.execute(db)
  return rows
}

export interface LinkRow {
  readonly url: string
  readonly who: (typeof SEEN_BY)[number] | null
  readonly hits: number
  readonly deliveries: number
}

/** Where the links of a campaign's mails lead, and who followed them; link 0 is the picture. Index: message_of_mailing. */
export async function selectLinks(db: Db | Tx, workspaceId: WorkspaceId, mailingId: string, limit: number): Promise<LinkRow[]> {
  const { rows } = await sql<LinkRow>`
    with sets as (
      select distinct (tracking ->> 'link_set')::uuid as link_set
        from message where workspace_id = ${workspaceId} and mailing_id = ${mailingId} and tracking is not null
    ), link as (
      select link_set, n, url from sets join tracked_link as l using (link_set) where l.workspace_id = ${workspaceId}
    )
    select link.url, c.who, coalesce(sum(c.hits), 0)::int as hits, coalesce(sum(c.deliveries), 0)::int as deliveries
      from link
      left join tracking_count as c on c.workspace_id = ${workspaceId} and c.link_set = link.link_set and c.link = link.n
     group by link.url, c.who
     order by min(link.n), link.url
     limit ${limit}`.execute(db)
  return rows
}

/** How often the pictures of a campaign's mails were loaded, and their links followed, all in all. */
export async function selectHits(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  mailingId: string,
): Promise<{ readonly isOpen: boolean; readonly who: (typeof SEEN_BY)[number]; readonly hits: number }[]> {
  const { rows } = await sql<{ isOpen: boolean; who: (typeof SEEN_BY)[number]; hits: number }>`
    select c.link = 0 as "isOpen", c.who, sum(c.hits)::int as hits
      from (select distinct (tracking ->> 'link_set')::uuid as link_set
              from message where workspace_id = ${workspaceId} and mailing_id = ${mailingId} and tracking is not null) as sets
      join tracking_count as c on c.workspace_id = ${workspaceId} and c.link_set = sets.link_set
     group by 1, 2`.execute(db)
  return rows
}
