/**
 * The invariants as SQL: each one selects what breaks it. Insight sees every folder's tables (docs/ARCHITECTURE.md): these statements only read.
 * Those that run every minute reach few rows through the partial indexes of live states, or a sample of the newest messages; with ten million
 * settled deliveries they cost what they cost with none.
 */
import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import { HOUR, MINUTE, SECOND } from '../../lib/clock.ts'

export interface Broken {
  /** Null where it concerns the whole server. */
  readonly workspaceId: string | null
  readonly size: number
  readonly samples: readonly string[]
}

/** A query for (workspace_id uuid, id text): what breaks the invariant. */
export type Selection = RawBuilder<unknown>

const COUNTED_MAX = 1_000
const SAMPLES = 5

/** Groups what a selection finds by workspace. Counted up to a limit: that something is wrong matters more than how often. */
export async function selectBroken(tx: Tx, selection: Selection): Promise<Broken[]> {
  const { rows } = await sql<Broken>`
    with broken as materialized (
      select workspace_id, id from (${selection}) as selected limit ${COUNTED_MAX}
    )
    select workspace_id as "workspaceId", count(*) as size, (array_agg(id order by id))[1:${sql.lit(SAMPLES)}] as samples
      from broken
     group by workspace_id
     order by count(*) desc
     limit 100`.execute(tx)
  return rows
}

/** Whether counting every delivery and conversation costs next to nothing: fewer than about 200,000 rows, by the planner's own estimate and by size. */
export async function isSmall(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ small: boolean }>`
    select bool_and(reltuples < 200000 and pg_relation_size(oid) < 128 * 1024 * 1024) as small
      from pg_class where oid in ('delivery'::regclass, 'conversation'::regclass, 'workflow_run'::regclass)`.execute(tx)
  return rows[0]?.small === true
}

/** Messages to look at: the newest of each of up to 100 workspaces (others each minute), or all of them. */
export function messagesToLookAt(thorough: boolean, now: Date): Selection {
  if (thorough) return sql`select workspace_id, id, content_hash, first_delivery, last_delivery from message`
  const minute = Math.floor(now.getTime() / MINUTE)
  return sql`
    select newest.*
      from (select id from workspace order by md5(id::text || ${minute}::text) limit 100) as w
      cross join lateral (
        select workspace_id, id, content_hash, first_delivery, last_delivery from message where workspace_id = w.id order by id desc limit 200
      ) as newest`
}

const ago = (now: Date, ms: number) => new Date(now.getTime() - ms)

/** The law of states stands in the tables; these are the sentences of that law. */
const LAWS = [
  'delivery_state_is_known',
  'delivery_due_only_when_queued',
  'delivery_lease_only_when_sending',
  'delivery_policy_only_when_unknown',
  'delivery_settled_only_at_the_end',
  'delivery_stop_explains_itself',
  'route_circuit_explains_itself',
  'route_open_circuit_has_an_end',
  'route_probe_has_an_owner',
  'attempt_that_failed_has_a_class',
]

/** A constraint that was dropped, or that is not enforced (PostgreSQL 18 can; before it, the column is missing). */
export function missingLaws(): Selection {
  return sql`
    select null::uuid as workspace_id, law as id
      from unnest(${LAWS}::text[]) as law
     where not exists (
       select from pg_constraint as c
        where c.conname = law and c.convalidated and coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true))`
}

/** Index: delivery_leased. A dispatcher that was just found lost is given the time to be cleared up after. */
export function sendingByNobody(now: Date): Selection {
  return sql`
    select d.workspace_id, d.id::text as id
      from delivery as d
      left join dispatcher on dispatcher.id = d.lease_owner
     where d.state = 'sending'
       and (dispatcher.id is null or dispatcher.state = 'stopped' or dispatcher.lease_expires_at < ${ago(now, MINUTE)})`
}

/** Index: delivery_expiring. */
export function waitingPastItsLife(now: Date): Selection {
  return sql`
    select workspace_id, id::text as id from delivery where state in ('queued', 'held') and expires_at < ${ago(now, 5 * MINUTE)}`
}

/** Index: delivery_attention. */
export function unheardAndForgotten(now: Date): Selection {
  return sql`
    select workspace_id, id::text as id
      from delivery
     where state = 'unknown' and policy = 'resend' and (reason ->> 'at')::timestamptz < ${ago(now, 5 * MINUTE)}`
}

/** Mail that no dispatcher looks for: its workspace has no default route, the route chosen for it is gone, or its lane does not exist. */
export function waitingForNoRoute(): Selection {
  return sql`
    select lane.workspace_id, d.id::text as id
      from lane
      cross join lateral (select id from delivery where lane_id = lane.id and state = 'queued' limit 1) as d
     where not exists (select from route
                        where route.workspace_id = lane.workspace_id and route.removed_at is null and coalesce(route.id = lane.via_route, route.is_default))
    union all
    select d.workspace_id, d.id::text
      from delivery as d
     where d.state = 'queued' and not exists (select from lane where lane.id = d.lane_id and lane.workspace_id = d.workspace_id and lane.stream = d.stream)`
}

/** Open circuits that somebody should have tried by now, since mail is due that would take them. */
export function circuitsNobodyTries(now: Date): Selection {
  return sql`
    select r.workspace_id, r.id::text as id
      from route as r
     where r.removed_at is null
       and ((r.circuit = 'open' and r.circuit_until < ${ago(now, 5 * MINUTE)}) or (r.circuit = 'probing' and r.probe_expires_at < ${ago(now, MINUTE)}))
       and exists (select from lane
                    cross join lateral (select due_at from delivery as d where d.lane_id = lane.id and d.state = 'queued' order by due_at limit 1) as head
                    where lane.workspace_id = r.workspace_id and coalesce(lane.via_route = r.id, r.is_default) and lane.receiver is not null
                      and head.due_at < ${ago(now, 5 * MINUTE)})`
}

/** Of the last hour: looked at every minute, and a message may be forgotten before what it told is. */
export function notificationsWithoutMail(now: Date): Selection {
  return sql`
    select n.workspace_id, n.id::text as id
      from notification as n
     where n.created_at > ${ago(now, HOUR)} and n.message_id is not null
       and not exists (select from message as m where m.workspace_id = n.workspace_id and m.id = n.message_id)`
}

/** What is due to a browser and was not taken by any process for a while. */
export function pushesNobodySends(now: Date): Selection {
  return sql`
    select workspace_id, id::text as id from push where state = 'waiting' and due_at < ${ago(now, 10 * MINUTE)}`
}

/** Stands for null where columns are compared: a join by columns finds no null. */
const NOBODY = sql.raw(`'00000000-0000-0000-0000-000000000000'::uuid`)

/** What the counts say beside what is there, in one snapshot. Where the table is large, only the states whose partial index holds few rows. */
export function wrongCounts(everything: boolean): Selection {
  const states = everything
    ? sql`select workspace_id, stream, state, mailing_id from delivery`
    : sql`select workspace_id, stream, state, mailing_id from delivery where state = 'sending'
          union all select workspace_id, stream, state, mailing_id from delivery where state = 'held'
          union all select workspace_id, stream, state, mailing_id from delivery where state = 'unknown'`
  const compared = everything ? sql`true` : sql`state in ('sending', 'held', 'unknown') or kept.n < 0`
  return sql`
    select workspace_id, format('%s %s: counted %s, there are %s', stream, state, coalesce(kept.n, 0), coalesce(there.n, 0)) as id
      from (select workspace_id, stream, state, coalesce(mailing_id, ${NOBODY}) as mailing_id, sum(n) as n from delivery_count group by 1, 2, 3, 4) as kept
      full join (select workspace_id, stream, state, coalesce(mailing_id, ${NOBODY}) as mailing_id, count(*) as n from (${states}) as d group by 1, 2, 3, 4) as there
           using (workspace_id, stream, state, mailing_id)
     where coalesce(kept.n, 0) <> coalesce(there.n, 0) and (${compared})`
}

/** Those that are past their preparation: whoever was prepared has one delivery in the campaign's mailing. Index: delivery_count_of_mailing. */
export function campaignsThatDiffer(): Selection {
  return sql`
    select c.workspace_id, c.id::text as id
      from campaign as c
     where c.state in ('sending', 'paused', 'done')
       and c.prepared <> (select coalesce(sum(n), 0) from delivery_count as k where k.workspace_id = c.workspace_id and k.mailing_id = c.mailing_id)
       -- Who waits for the winner of a test has none yet.
       and not (c.ab is not null and c.state <> 'done'
                and c.prepared > (select coalesce(sum(n), 0) from delivery_count as k where k.workspace_id = c.workspace_id and k.mailing_id = c.mailing_id))`
}

/** What settled mails are counted as, by the states that they are in. */
const SETTLED_AS = ['delivered', 'bounced', 'failed', 'expired', 'suppressed', 'cancelled'] as const

/**
 * The results of campaigns beside the states of their mails, where the follower that counts them has read everything: those that moved within a
 * day, or all. Whom it reached is who has it; hours and receivers each add up to all.
 */
export function figuresThatDiffer(everything: boolean, now: Date): Selection {
  const same = (name: string) => sql`coalesce(counted.${sql.ref(name)}, 0) = coalesce(there.${sql.ref(name)}, 0)`
  return sql`
    select c.workspace_id, format('%s: counted %s, there are %s', c.id, row_to_json(counted), row_to_json(there)) as id
      from campaign as c
      cross join lateral (
        select sum(n) filter (where state in ('sent', 'delivered')) as reached,
               ${sql.join(SETTLED_AS.map((state) => sql`sum(n) filter (where state = ${sql.lit(state)}) as ${sql.ref(state)}`))}
          from delivery_count as k where k.workspace_id = c.workspace_id and k.mailing_id = c.mailing_id
      ) as there
      cross join lateral (
        select sum(accepted - returned) filter (where split = 'all') as reached,
               ${sql.join(SETTLED_AS.map((state) => sql`sum(${sql.ref(state)}) filter (where split = 'all') as ${sql.ref(state)}`))},
               sum(accepted + clicked_human + opened_human) filter (where split = 'all') as whole,
               sum(accepted + clicked_human + opened_human) filter (where split = 'hour') as by_hour,
               sum(accepted + clicked_human + opened_human) filter (where split = 'receiver') as by_receiver
          from campaign_figure as f where f.workspace_id = c.workspace_id and f.campaign_id = c.id
      ) as counted
     where c.state in ('sending', 'paused', 'done', 'cancelled') and c.mailing_id is not null and (${everything} or c.moved_at > ${ago(now, 24 * HOUR)})
       and not (${sql.join(['reached', ...SETTLED_AS].map(same), sql` and `)} and counted.whole is not distinct from counted.by_hour
                and counted.whole is not distinct from counted.by_receiver)
       and exists (select from follower as f
                    where f.name = 'campaigns.figures' and not exists (
                      select from event as e where (e.txid, e.seq) > (f.txid, f.seq) and e.delivery_id is not null))`
}

/** Of link sets of which no request was forgotten yet (tracking/settle-hits.ts), what is counted beside what is there. */
export function linkCountsThatDiffer(everything: boolean, now: Date): Selection {
  return sql`
    select workspace_id, format('link %s of %s by %s: counted %s, there are %s', link, link_set, who, coalesce(kept.hits, 0), coalesce(there.hits, 0)) as id
      from (select workspace_id, link_set, link, who, hits, deliveries from tracking_count where ${everything} and since > ${ago(now, 80 * 24 * HOUR)}) as kept
      full join (select workspace_id, link_set, coalesce(link, 0)::smallint as link, who, count(*) as hits, count(distinct delivery_id) as deliveries
                   from tracking_hit where ${everything} and settled_at is not null and at > ${ago(now, 80 * 24 * HOUR)} group by 1, 2, 3, 4) as there
           using (workspace_id, link_set, link, who)
     where (kept.hits, kept.deliveries) is distinct from (there.hits, there.deliveries)
       and not exists (select from tracking_count as old where old.workspace_id = there.workspace_id and old.link_set = there.link_set and old.since <= ${ago(now, 80 * 24 * HOUR)})`
}

const PLACE = sql.raw(
  `case when deleted_at is not null then 'deleted' when snoozed_until is not null then 'snoozed' else status end`,
)

/** The same of conversations. Where there are many, the places with few: what sleeps and what is deleted, by their indexes. */
export function wrongConversationCounts(everything: boolean): Selection {
  const conversations = everything
    ? sql`select workspace_id, inbox_id, ${PLACE} as status, assignee_id, team_id from conversation where merged_into is null`
    : sql`select workspace_id, inbox_id, 'snoozed' as status, assignee_id, team_id
            from conversation where snoozed_until is not null and deleted_at is null and merged_into is null`
  const compared = everything ? sql`true` : sql`status = 'snoozed' or kept.n < 0`
  const key = sql`workspace_id, inbox_id, status, assignee_id, team_id`
  return sql`
    select workspace_id, format('%s of inbox %s, assignee %s, team %s: counted %s, there are %s', status, inbox_id, assignee_id, team_id, coalesce(kept.n, 0), coalesce(there.n, 0)) as id
      from (select ${key}, sum(n) as n from (
              select workspace_id, inbox_id, status, coalesce(assignee_id, ${NOBODY}) as assignee_id, coalesce(team_id, ${NOBODY}) as team_id, n from conversation_count) as c group by ${key}) as kept
      full join (select ${key}, count(*) as n from (
              select workspace_id, inbox_id, status, coalesce(assignee_id, ${NOBODY}) as assignee_id, coalesce(team_id, ${NOBODY}) as team_id from (${conversations}) as every) as c group by ${key}) as there
           using (workspace_id, inbox_id, status, assignee_id, team_id)
     where coalesce(kept.n, 0) <> coalesce(there.n, 0) and (${compared})`
}
/** What was said in a conversation stands in the index of words: in all of them, or in the newest of each of up to 100 workspaces. */
export function conversationsWithoutText(everything: boolean): Selection {
  const looked = everything
    ? sql`select workspace_id, id, number from conversation where merged_into is null`
    : sql`select newest.* from (select id from workspace order by id desc limit 100) as w
           cross join lateral (select workspace_id, id, number from conversation where workspace_id = w.id and merged_into is null order by id desc limit 50) as newest`
  return sql`
    select c.workspace_id, format('conversation #%s', c.number) as id
      from (${looked}) as c
     where exists (select from conversation_item as i
                    where i.workspace_id = c.workspace_id and i.conversation_id = c.id and i.kind <> 'activity' and i.hidden_at is null)
       and not exists (select from conversation_text as t where t.workspace_id = c.workspace_id and t.conversation_id = c.id)`
}

/**
 * The deliveries of a message lie between its first and its last: there is no index on the message. `offset 0` keeps the planner from making a
 * join of it, for which it would read the whole table: it cannot know how narrow that range is.
 */
const DELIVERIES = sql.raw(`cross join lateral (
        select workspace_id, id, recipient, stream, state, mailing_id, attempt, failures, resends, settled_at
          from delivery
         where workspace_id = m.workspace_id and id between m.first_delivery and m.last_delivery and message_id = m.id
        offset 0
      ) as d`)

/** A message is submitted with its deliveries and one event that says how many, in one transaction. */
export function incompleteMessages(messages: Selection): Selection {
  return sql`
    select m.workspace_id, m.id::text as id
      from (${messages}) as m
      cross join lateral (
        select count(*) as n
          from delivery as d
         where d.workspace_id = m.workspace_id and d.id between m.first_delivery and m.last_delivery and d.message_id = m.id
      ) as deliveries
      cross join lateral (
        select count(*) as n, max((data ->> 'recipients')::int) as recipients
          from event where event.workspace_id = m.workspace_id and event.message_id = m.id and event.type = 'message.submitted'
      ) as submitted
     where submitted.n <> 1 or deliveries.n = 0 or deliveries.n <> submitted.recipients`
}

const SETTLEMENTS = sql.raw(
  `'delivery.sent', 'delivery.delivered', 'delivery.bounced', 'delivery.failed', 'delivery.expired', 'delivery.suppressed', 'delivery.cancelled'`,
)

/**
 * A settled delivery never comes back, so its settlements are all in its story: each kind once, the last one is its state (feedback may
 * add one to `sent`). A live one has none. Ordered by number: what moves one delivery waits for its row, and transaction ids begin again lower
 * in a cluster that a backup was restored to.
 */
export function unexplainedStates(messages: Selection): Selection {
  return sql`
    with m as (${messages}),
    story as (
      select event.workspace_id, event.delivery_id, array_agg(substr(event.type, 10) order by event.seq) as settlements
        from m
        join event on event.workspace_id = m.workspace_id and event.message_id = m.id
       where event.delivery_id is not null and event.type in (${SETTLEMENTS})
       group by event.workspace_id, event.delivery_id
    )
    select d.workspace_id, d.id::text as id
      from m
      ${DELIVERIES}
      left join story on story.workspace_id = d.workspace_id and story.delivery_id = d.id
     where case
             when d.settled_at is null then story.settlements is not null
             else story.settlements is null
                  or story.settlements[cardinality(story.settlements)] <> d.state
                  or cardinality(story.settlements) <> (select count(distinct s) from unnest(story.settlements) as s)
           end`
}

/** Attempts beside the delivery they belong to: never more than claims, never accepted twice unless an answer was not heard in between. */
export function impossibleAttempts(messages: Selection): Selection {
  return sql`
    select d.workspace_id, d.id::text as id
      from (${messages}) as m
      ${DELIVERIES}
      left join lateral (
        select count(*) filter (where a.outcome = 'accepted') as accepted, bool_or(a.outcome = 'unknown') as unheard, max(a.attempt) as latest
          from attempt as a where a.workspace_id = d.workspace_id and a.delivery_id = d.id
      ) as tried on true
     where d.failures > d.attempt
        or coalesce(tried.latest, 0) > d.attempt
        or (tried.accepted > 1 and d.resends = 0 and not tried.unheard)`
}

/** Five minutes: what had been claimed when the address was suppressed may still have been on its way. */
export function sentToSuppressed(messages: Selection): Selection {
  return sql`
    select d.workspace_id, d.id::text as id
      from (${messages}) as m
      ${DELIVERIES}
      join suppression as s on s.workspace_id = d.workspace_id and s.address = lower(d.recipient)
                            and (s.stream in ('all', d.stream) or s.stream = any (select unnest(scopes) from mailing as g where g.workspace_id = d.workspace_id and g.id = d.mailing_id))
     where exists (select from attempt as a
                    where a.workspace_id = d.workspace_id and a.delivery_id = d.id and a.outcome = 'accepted'
                      and a.started_at > s.created_at + interval '5 minutes')`
}

/** Who was written to can be looked up: the list of addresses holds every delivery. */
export function unlistedAddresses(messages: Selection): Selection {
  return sql`
    select d.workspace_id, d.id::text as id
      from (${messages}) as m
      ${DELIVERIES}
     where not exists (select from delivery_address as a
                        where a.workspace_id = d.workspace_id and a.address = lower(d.recipient) and a.delivery_id = d.id)`
}

/** The foreign key keeps the row; the bytes in it must be as many as it says. */
export function spoiltContents(messages: Selection): Selection {
  return sql`
    select m.workspace_id, m.id::text as id
      from (${messages}) as m
      left join blob on blob.workspace_id = m.workspace_id and blob.hash = m.content_hash
     where blob.hash is null or coalesce(octet_length(blob.bytes), octet_length(blob.ascii)) <> blob.size_bytes`
}

export interface StoredFile {
  readonly workspaceId: string
  readonly messageId: string
  readonly location: string
  readonly sizeBytes: number
}

/** Contents kept in files, the newest first. */
export async function selectFiles(tx: Tx, messages: Selection, limit: number): Promise<StoredFile[]> {
  const { rows } = await sql<StoredFile>`
    select m.workspace_id as "workspaceId", m.id as "messageId", blob.location, blob.size_bytes as "sizeBytes"
      from (${messages}) as m
      join blob on blob.workspace_id = m.workspace_id and blob.hash = m.content_hash
     where blob.location is not null
     order by m.id desc
     limit ${limit}`.execute(tx)
  return rows
}

/** Followers whose next event is older than a minute. A transaction that runs for long stops them all. */
export function laggingFollowers(now: Date): Selection {
  return sql`
    select null::uuid as workspace_id, follower.name as id
      from follower
      cross join lateral (
        select at from event where (event.txid, event.seq) > (follower.txid, follower.seq) order by event.txid, event.seq limit 1
      ) as next
     where next.at < ${ago(now, 60 * SECOND)}`
}

export function forgottenJobs(now: Date): Selection {
  return sql`
    select null::uuid as workspace_id, name as id
      from periodic_job
     where due_at < ${ago(now, 10 * MINUTE)} and (lease_expires_at is null or lease_expires_at < ${ago(now, MINUTE)})`
}

/** Rows that no month took are a clock that is far off; a month that does not exist yet will be needed. */
export function partitionsOutOfOrder(now: Date): Selection {
  const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1))
  const suffix = `_${next.getUTCFullYear()}_${String(next.getUTCMonth() + 1).padStart(2, '0')}`
  return sql`
    select null::uuid as workspace_id, 'rows of event outside every month' as id where exists (select from event_other)
    union all
    select null, 'rows of attempt outside every month' where exists (select from attempt_other)
    union all
    select null, 'no partition ' || parent || ${suffix} from unnest(array['event', 'attempt']) as parent where to_regclass(parent || ${suffix}) is null`
}
