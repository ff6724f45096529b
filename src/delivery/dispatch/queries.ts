/** The statements whose shape is the design: find what waits, claim, settle, lease, recover. */
import { type RawBuilder, sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import { insertingEventsOf } from '../../events/append.ts'
import type { DeliveryId, DispatcherId, MailingId, MessageId, RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { Reason } from '../delivery.ts'
import type { Lane } from '../routing/picture.ts'
import { STREAM_RULES, type Stream, type UnknownPolicy } from '../stream.ts'

/** A lane that has queued mail, and when the first of it is due. */
export interface WaitingLane extends Lane {
  readonly nextDueAt: Date
}

/** More lanes than this are not looked at in one round; what is due longest comes first, so that none is forgotten. */
const MAX_LANES = 10_000

/**
 * Every lane that has queued mail. PostgreSQL jumps from one lane to the next in the partial index instead of reading all of it: the cost is the
 * number of lanes, not of deliveries.
 */
export async function selectLanes(db: Db | Tx): Promise<WaitingLane[]> {
  const { rows } = await sql<WaitingLane>`
    with recursive head as (
      (select lane_id, due_at from delivery where state = 'queued' order by lane_id, due_at limit 1)
      union all
      select next.lane_id, next.due_at
        from head
        cross join lateral (
          select lane_id, due_at from delivery where state = 'queued' and lane_id > head.lane_id order by lane_id, due_at limit 1
        ) as next
    )
    select lane.workspace_id as "workspaceId", lane.id, lane.stream, lane.from_domain as "fromDomain", lane.receiver, lane.fine, lane.sorted_by as "sortedBy",
           lane.via_route as "viaRoute", lane.mailing_id as "mailingId", head.due_at as "nextDueAt"
      from head
      join lane on lane.id = head.lane_id
     order by head.due_at
     limit ${sql.lit(MAX_LANES)}`.execute(db)
  return rows
}

export interface Claim {
  readonly lane: Pick<Lane, 'workspaceId' | 'id' | 'stream' | 'mailingId'>
  readonly routeId: RouteId
  readonly dispatcherId: DispatcherId
  /** The claimer's place counter: the first delivery gets this + 1. */
  readonly afterPosition: number
  readonly limit: number
}

export interface Claimed {
  readonly id: DeliveryId
  readonly messageId: MessageId
  readonly recipient: string
  readonly attempt: number
  readonly failures: number
  readonly resends: number
  readonly expiresAtMs: number
  readonly position: number
  /** `sending`, or where the claim itself found the delivery to end. */
  readonly state: 'sending' | 'suppressed' | 'expired'
  readonly envelopeSender: string
  readonly contentHash: string
  readonly sizeBytes: number
  readonly eightBit: boolean
  readonly internationalized: boolean
  /** What stands in the content for this delivery's own token; null: every recipient gets the same. */
  readonly standIn: string | null
  /** Where the content is a stencil: this recipient's values. */
  readonly slots: readonly string[] | null
}

/**
 * Leases up to `limit` due deliveries of one lane. Choosing and marking is one statement, so no two dispatchers hold the same recipient; `skip
 * locked` keeps them from waiting for one another. Suppression and the end of a message's life are looked at in the same moment: nothing can
 * be claimed past them. `fate` is materialized, or the planner would look a suppression up once for every column that depends on it; rows
 * are found again by their place in the table (ctid), which their lock holds still. Of a mailing nothing is taken unless it runs, and the lists that
 * it is for are looked at, too; its patience with a delivery begins with the first try. Index: delivery_due.
 */
export async function claimDue(
  tx: Tx,
  claim: Claim,
  reasons: { suppressed: Reason; expired: Reason },
  now: Date,
): Promise<Claimed[]> {
  const { workspaceId, mailingId: mailing } = claim.lane
  const { rows } = await sql<Claimed>`
    with ${mailing ? going(workspaceId, mailing) : sql``} due as materialized (
      select ctid as place, id, due_at, expires_at, stream, recipient
        from delivery
       where state = 'queued' and lane_id = ${claim.lane.id} and due_at <= ${now} ${mailing ? sql`and exists (select from going)` : sql``}
       order by due_at, id
       limit ${claim.limit}
         for update skip locked
    ), fate as materialized (
      select place, row_number() over (order by due_at, id) as number,
             case
               when expires_at <= ${now} then 'expired'
               when exists (select from suppression as s
                             where s.workspace_id = ${workspaceId} and s.address = lower(due.recipient)
                               and ${mailing ? sql`s.stream = any (array['all', due.stream] || (select scopes from going))` : sql`s.stream in ('all', due.stream)`}
                               and (s.expires_at is null or s.expires_at > ${now})) then 'suppressed'
               else 'sending'
             end as state
        from due
    ), claimed as (
      update delivery as d
         set state = fate.state,
             attempt = d.attempt + case when fate.state = 'sending' then 1 else 0 end,
             due_at = null,
             reason = case fate.state when 'sending' then null when 'suppressed' then ${JSON.stringify(reasons.suppressed)}::jsonb else ${JSON.stringify(reasons.expired)}::jsonb end,
             route_id = case when fate.state = 'sending' then ${claim.routeId}::uuid else d.route_id end,
             lease_owner = case when fate.state = 'sending' then ${claim.dispatcherId}::uuid end,
             lease_position = case when fate.state = 'sending' then ${claim.afterPosition}::bigint + fate.number end,
             ${mailing ? sql`expires_at = case when fate.state = 'sending' and d.attempt = 0 then least(d.expires_at, ${new Date(now.getTime() + STREAM_RULES[claim.lane.stream].lifetimeMs)}) else d.expires_at end,` : sql``}
             settled_at = case when fate.state = 'sending' then null else ${now}::timestamptz end
        from fate
       where d.ctid = fate.place
      returning d.id, d.message_id, d.recipient, d.attempt, d.failures, d.resends, d.expires_at, d.lease_position, d.state
    ), counted as (
      insert into delivery_count (workspace_id, stream, state, mailing_id, n)
      select ${workspaceId}::uuid, ${claim.lane.stream}, state, ${mailing}::uuid, count(*) from claimed group by state
      union all
      select ${workspaceId}::uuid, ${claim.lane.stream}, 'queued', ${mailing}::uuid, -count(*) from claimed having count(*) > 0
    )
    select claimed.id, message_id as "messageId", recipient, attempt, failures, resends, extract(epoch from claimed.expires_at)::float8 * 1000 as "expiresAtMs",
           lease_position as "position", state, envelope_sender as "envelopeSender", encode(content_hash, 'hex') as "contentHash", size_bytes as "sizeBytes",
           eight_bit as "eightBit", internationalized, tracking ->> 'stand_in' as "standIn", ${mailing ? sql`to_json(s.slots) as slots` : sql`null as slots`}
      from claimed
      join message on message.workspace_id = ${workspaceId} and message.id = claimed.message_id
      ${mailing ? sql`left join delivery_slots as s on s.workspace_id = ${workspaceId} and s.delivery_id = claimed.id` : sql``}
     order by lease_position`.execute(tx)
  return rows
}

/**
 * A mailing that may go on. Its row is held until the claim is committed: whoever pauses it waits that long, and nothing is claimed after the pause.
 */
function going(workspaceId: WorkspaceId, mailingId: MailingId): RawBuilder<unknown> {
  return sql`going as materialized (
      select scopes from mailing where workspace_id = ${workspaceId} and id = ${mailingId} and state = 'running' for share
    ),`
}

/** Deliveries that one hop took, all with the same words but for the text: by far the most, and so written with the least. */
export interface SentBatch {
  readonly workspaceId: WorkspaceId
  readonly routeId: RouteId
  readonly dispatcherId: DispatcherId
  readonly hop: {
    readonly host: string
    readonly address: string | null
    readonly port: number | null
    readonly tls: string | null
  }
  readonly code: number
  readonly enhanced: string | null
  /** What the rows' `startedMs` count from. */
  readonly since: Date
  readonly rows: readonly {
    id: string
    attempt: number
    startedMs: number
    durationMs: number
    text: string
    stagesMs: string
    receiver: string
  }[]
}

/**
 * Ours still. On purpose nothing that an index serves or whose share of the rows the planner believes to know: of a dispatcher that has just begun it
 * would expect one row, read all deliveries for it, and compare each with each of the batch.
 */
function isHeldBy(dispatcherId: DispatcherId): RawBuilder<unknown> {
  return sql`case when d.state = 'sending' then d.lease_owner = ${dispatcherId}::uuid end`
}

/** As settleBatch, for deliveries that were taken, with their events. */
export async function settleSent(tx: Tx, batch: SentBatch, now: Date): Promise<Set<string>> {
  const { hop, rows: sent } = batch
  const logged = insertingEventsOf(
    {
      type: 'delivery.sent',
      workspaceId: batch.workspaceId,
      from: sql`settled`,
      messageId: sql`message_id`,
      deliveryId: sql`id`,
      data: sql`jsonb_build_object('attempt', attempt, 'route_id', ${batch.routeId}::text, 'receiver', receiver)`,
    },
    now,
  )
  const { rows } = await sql<{ id: string }>`
    with result as materialized (
      select * from unnest(${plainArray(sent.map((row) => row.id))}::uuid[], ${plainArray(sent.map((row) => row.attempt))}::int[],
                           ${plainArray(sent.map((row) => row.startedMs))}::float8[], ${plainArray(sent.map((row) => row.durationMs))}::int[],
                           ${textArray(sent.map((row) => row.text))}::text[], ${textArray(sent.map((row) => row.stagesMs))}::json[],
                           ${textArray(sent.map((row) => row.receiver))}::text[])
                 as r (id, attempt, started_ms, duration_ms, text, stages_ms, receiver)
    ), settled as (
      update delivery as d
         set state = 'sent', lease_owner = null, lease_position = null, settled_at = ${now}
        from result
       where d.workspace_id = ${batch.workspaceId} and d.id = result.id and d.attempt = result.attempt
         and ${isHeldBy(batch.dispatcherId)}
      returning d.id, d.message_id, d.stream, d.mailing_id, d.attempt, result.started_ms, result.duration_ms, result.text, result.stages_ms, result.receiver
    ), counted as (
      insert into delivery_count (workspace_id, stream, state, mailing_id, n)
      select ${batch.workspaceId}::uuid, stream, 'sent', mailing_id, count(*) from settled group by stream, mailing_id
      union all
      select ${batch.workspaceId}::uuid, stream, 'sending', mailing_id, -count(*) from settled group by stream, mailing_id
    ), tried as (
      insert into attempt (workspace_id, delivery_id, attempt, started_at, duration_ms, route_id, outcome, stage, host, address, port, tls, code, enhanced, text, stages_ms)
      select ${batch.workspaceId}::uuid, id, attempt, ${batch.since}::timestamptz + started_ms * interval '1 ms', duration_ms, ${batch.routeId}::uuid, 'accepted', 'dot',
             ${hop.host}, ${hop.address}, ${hop.port}::int, ${hop.tls}, ${batch.code}::smallint, ${batch.enhanced}, text, stages_ms
        from settled
    ), logged as (
      ${logged}
    )
    select id from settled`.execute(tx)
  return new Set(rows.map((row) => row.id))
}

/** One finished attempt, as the settle statement takes it: short names, since hundreds of them travel in one JSON document. */
export interface SettleRow {
  /** delivery, attempt: together with the dispatcher they fence an answer that comes too late. */
  readonly i: string
  readonly a: number
  /** state, due, failures, reason, policy. */
  readonly s: string
  readonly d?: Date | undefined
  readonly f: number
  readonly r?: Reason | undefined
  readonly p?: UnknownPolicy | undefined
  /** The attempt's own row, absent when nothing was tried: started, duration, outcome, stage, class, host, address, port, tls, reply, evidence. */
  readonly o?: string | undefined
  readonly t?: Date | undefined
  readonly ms?: number | undefined
  readonly g?: string | undefined
  readonly c?: string | undefined
  readonly h?: string | undefined
  readonly ad?: string | undefined
  readonly po?: number | undefined
  readonly tl?: string | undefined
  readonly co?: number | undefined
  readonly en?: string | undefined
  readonly x?: string | undefined
  readonly sm?: Readonly<Record<string, number>> | undefined
  readonly tr?: string | undefined
}

export interface SettleBatch {
  readonly workspaceId: WorkspaceId
  readonly routeId: RouteId
  readonly dispatcherId: DispatcherId
  readonly rows: readonly SettleRow[]
}

/**
 * Writes what became of a batch: only deliveries that are still `sending`, on this attempt, for this dispatcher. Returns those; a missing one
 * was taken over in the meantime and its late answer changes nothing. Index: delivery's primary key.
 */
export async function settleBatch(tx: Tx, batch: SettleBatch, now: Date): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    with result as (
      select * from json_to_recordset(${JSON.stringify(batch.rows)}::json)
        as r (i uuid, a int, s text, d timestamptz, f smallint, r jsonb, p text, o text, t timestamptz, ms int, g text, c text, h text, ad text, po int,
              tl text, co smallint, en text, x text, sm json, tr text)
    ), settled as (
      update delivery as d
         set state = result.s, due_at = result.d, failures = result.f, reason = result.r, policy = result.p, lease_owner = null, lease_position = null,
             settled_at = case when result.s in ('queued', 'held', 'unknown') then null else ${now}::timestamptz end
        from result
       where d.workspace_id = ${batch.workspaceId} and d.id = result.i and d.attempt = result.a
         and ${isHeldBy(batch.dispatcherId)}
      returning d.id, d.stream, d.state, d.mailing_id
    ), counted as (
      insert into delivery_count (workspace_id, stream, state, mailing_id, n)
      select ${batch.workspaceId}::uuid, stream, state, mailing_id, count(*) from settled group by stream, state, mailing_id
      union all
      select ${batch.workspaceId}::uuid, stream, 'sending', mailing_id, -count(*) from settled group by stream, mailing_id
    ), tried as (
      insert into attempt (workspace_id, delivery_id, attempt, started_at, duration_ms, route_id, outcome, stage, class, host, address, port, tls, code, enhanced,
                           text, stages_ms, transcript)
      select ${batch.workspaceId}::uuid, i, a, t, ms, ${batch.routeId}::uuid, o, g, c, h, ad, po, tl, co, en, x, sm, tr
        from result
       where o is not null and i in (select id from settled)
    )
    select id from settled`.execute(tx)
  return new Set(rows.map((row) => row.id))
}

/** How often each delivery was turned away together with its route after MAIL. Index: attempt's primary key, in each month. */
export async function countRefusals(
  tx: Tx,
  workspaceId: WorkspaceId,
  ids: readonly DeliveryId[],
): Promise<Map<DeliveryId, number>> {
  const { rows } = await sql<{ id: DeliveryId; n: number }>`
    select delivery_id as id, count(*) as n
      from attempt
     where workspace_id = ${workspaceId} and delivery_id = any (${plainArray(ids)}::uuid[]) and outcome = 'blocked' and stage in ('mail', 'rcpt', 'data', 'body', 'dot')
     group by delivery_id`.execute(tx)
  return new Map(rows.map(({ id, n }) => [id, n]))
}

/** What providers call the mails they took, so that their news can be told whose they are. */
export async function insertMarks(
  tx: Tx,
  marks: readonly {
    workspace_id: WorkspaceId
    route_id: RouteId
    provider_id: string
    delivery_id: DeliveryId
    message_id: MessageId
    wire_message_id: string | null
  }[],
  now: Date,
): Promise<void> {
  await sql`
    insert into provider_message (workspace_id, route_id, provider_id, delivery_id, message_id, wire_message_id, created_at)
    select workspace_id, route_id, provider_id, delivery_id, message_id, wire_message_id, ${now}::timestamptz
      from json_to_recordset(${JSON.stringify(marks)}::json)
             as m (workspace_id uuid, route_id uuid, provider_id text, delivery_id uuid, message_id uuid, wire_message_id text)
    on conflict do nothing`.execute(tx)
}

export interface Unsorted {
  readonly id: DeliveryId
  readonly recipient: string
  readonly tags: readonly string[]
  readonly sizeBytes: number
}

/** Mail that is due in a lane that has to be sorted. Nothing is locked: whoever else sorts it comes to the same. Index: delivery_due. */
export async function selectUnsorted(
  db: Db,
  lane: Pick<Lane, 'workspaceId' | 'id'>,
  limit: number,
  now: Date,
): Promise<Unsorted[]> {
  const { rows } = await sql<Unsorted>`
    select d.id, d.recipient, m.tags, m.size_bytes as "sizeBytes"
      from (select * from delivery where state = 'queued' and lane_id = ${lane.id} and due_at <= ${now} order by due_at, id limit ${limit}) as d
      join message as m on m.workspace_id = d.workspace_id and m.id = d.message_id
     where d.workspace_id = ${lane.workspaceId}`.execute(db)
  return rows
}

/** Puts deliveries that still wait in `from` into the lane of these facts. */
export async function moveToLane(
  tx: Tx,
  from: Pick<Lane, 'workspaceId' | 'id'>,
  to: Pick<Lane, 'stream' | 'fromDomain' | 'receiver' | 'fine' | 'sortedBy' | 'viaRoute' | 'mailingId'>,
  ids: readonly DeliveryId[],
): Promise<void> {
  await sql`
    update delivery set lane_id = lane.id
      from (select lane_of(${from.workspaceId}::uuid, ${to.stream}, ${to.fromDomain}, ${to.receiver}, ${plainArray(to.fine)}::uuid[], ${to.sortedBy}::int, ${to.viaRoute}::uuid, ${to.mailingId}::uuid) as id) as lane
     where delivery.workspace_id = ${from.workspaceId} and delivery.id = any (${plainArray(ids)}::uuid[]) and state = 'queued' and lane_id = ${from.id}`.execute(
    tx,
  )
}

/** Registers a sender of one route in one process. */
export async function insertDispatcher(
  db: Db,
  dispatcher: { id: DispatcherId; routeId: RouteId; host: string; pid: number; leaseExpiresAt: Date },
  now: Date,
): Promise<void> {
  await sql`
    insert into dispatcher (id, route_id, host, pid, state, started_at, lease_expires_at)
    values (${dispatcher.id}, ${dispatcher.routeId}, ${dispatcher.host}, ${dispatcher.pid}, 'live', ${now}, ${dispatcher.leaseExpiresAt})`.execute(
    db,
  )
}

/** Prolongs the lease and moves the window in one durable write. False: somebody declared this dispatcher lost, it must not send. */
export async function moveWindow(db: Db, id: DispatcherId, position: number, leaseExpiresAt: Date): Promise<boolean> {
  const result = await sql`
    update dispatcher set window_position = greatest(window_position, ${position}), lease_expires_at = ${leaseExpiresAt}
     where id = ${id} and state = 'live'`.execute(db)
  return result.numAffectedRows === 1n
}

/** A sender that finished. Refused while it still holds deliveries: then it is left to be found lost. */
export async function stopDispatcher(db: Db, id: DispatcherId): Promise<void> {
  await sql`
    update dispatcher set state = 'stopped'
     where id = ${id} and state = 'live' and not exists (select from delivery where lease_owner = ${id} and state = 'sending')`.execute(
    db,
  )
}

/**
 * A sender whose last claim ended without an answer. Declared lost, so that whatever that claim took is found, even if it becomes visible
 * later; nothing behind `position` was ever handed over, whatever the window foresaw.
 */
export async function abandonDispatcher(db: Db, id: DispatcherId, position: number): Promise<void> {
  await sql`
    update dispatcher set state = 'lost', window_position = least(window_position, ${position})
     where id = ${id} and state = 'live'`.execute(db)
}

/** Live dispatchers of this host, with their process: one whose process is gone need not wait for its lease to end. */
export async function selectLocalDispatchers(db: Db, host: string): Promise<{ id: DispatcherId; pid: number }[]> {
  const { rows } = await sql<{ id: DispatcherId; pid: number }>`
    select id, pid from dispatcher where state = 'live' and host = ${host}`.execute(db)
  return rows
}

/** Those that are known to be gone, and all whose lease has ended but our own. */
export async function markLost(
  db: Db,
  { gone, ours }: { gone: readonly DispatcherId[]; ours: readonly DispatcherId[] },
  now: Date,
): Promise<void> {
  await sql`
    update dispatcher set state = 'lost'
     where state = 'live' and ((lease_expires_at < ${now} and id <> all (${plainArray(ours)}::uuid[])) or id = any (${plainArray(gone)}::uuid[]))`.execute(
    db,
  )
}

export interface Orphan {
  readonly workspaceId: WorkspaceId
  readonly id: DeliveryId
  readonly messageId: MessageId
  readonly stream: Stream
  readonly attempt: number
  readonly failures: number
  readonly resends: number
  readonly leasePosition: number
  readonly windowPosition: number
}

/** Deliveries held by lost dispatchers, locked. Index: delivery_leased. */
export async function lockOrphans(tx: Tx, limit: number): Promise<Orphan[]> {
  const { rows } = await sql<Orphan>`
    select d.workspace_id as "workspaceId", d.id, d.message_id as "messageId", d.stream, d.attempt, d.failures, d.resends,
           d.lease_position as "leasePosition", dispatcher.window_position as "windowPosition"
      from dispatcher
      join delivery as d on d.lease_owner = dispatcher.id and d.state = 'sending'
     where dispatcher.state = 'lost'
     limit ${limit}
       for update of d skip locked`.execute(tx)
  return rows
}

/** Lost dispatchers that hold nothing any more, and stopped ones, go after a day: until then they tell what happened. */
export async function deleteOldDispatchers(db: Db, before: Date): Promise<void> {
  await sql`
    delete from dispatcher
     where state <> 'live' and lease_expires_at < ${before}
       and not exists (select from delivery where lease_owner = dispatcher.id and state = 'sending')`.execute(db)
}
