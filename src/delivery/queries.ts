/** Deliveries that come in, and those that people and jobs move. Dispatching is in dispatch/queries.ts, what pages read in reading/queries.ts. */
import { sql } from 'kysely'
import { plainArray } from '../db/arrays.ts'
import type { Tx } from '../db/database.ts'
import type { DeliveryId, MessageId, RouteId, WorkspaceId } from '../lib/ids.ts'
import type { Reason } from './delivery.ts'
import type { Submission, SubmittedDelivery, Tracking } from './message.ts'
import type { Stream, UnknownPolicy } from './stream.ts'

/** Three statements for any number of messages. Every list travels as one JSON document (see events/queries.ts). */
export async function insertSubmissions(
  tx: Tx,
  submissions: readonly Submission[],
  deliveries: readonly (readonly SubmittedDelivery[])[],
  now: Date,
): Promise<void> {
  await sql`
    insert into message (workspace_id, id, stream, created_at, origin, envelope_sender, sender, to_addresses, cc_addresses, bcc_addresses, subject, tags,
                         metadata, rfc_message_id, content_hash, size_bytes, eight_bit, internationalized, scheduled_at, expires_at, resend_of,
                         first_delivery, last_delivery, from_domain, tracking)
    select workspace_id, id, stream, ${now}::timestamptz, origin, envelope_sender, sender, to_addresses, cc_addresses, bcc_addresses, subject, tags,
           metadata, rfc_message_id, decode(content_hash, 'base64'), size_bytes, eight_bit, internationalized, scheduled_at, expires_at, resend_of,
           first_delivery, last_delivery, from_domain, tracking
      from json_to_recordset(${JSON.stringify(submissions.map((submission, i) => toWireMessage(submission, deliveries[i] ?? [])))}::json)
             as m (workspace_id uuid, id uuid, stream text, origin jsonb, envelope_sender text, sender text, to_addresses text[], cc_addresses text[],
                   bcc_addresses text[], subject text, tags text[], metadata jsonb, rfc_message_id text, content_hash text, size_bytes bigint,
                   eight_bit boolean, internationalized boolean, scheduled_at timestamptz, expires_at timestamptz, resend_of uuid,
                   first_delivery uuid, last_delivery uuid, from_domain text, tracking jsonb)`.execute(tx)
  const wire = submissions.flatMap((submission, i) =>
    (deliveries[i] ?? []).map((delivery) => ({
      w: submission.workspaceId,
      i: delivery.id,
      m: submission.id,
      r: delivery.recipient,
      s: submission.stream,
      d: delivery.dueAt,
      e: submission.expiresAt,
      v: submission.viaRoute ?? undefined,
      f: submission.fromDomain,
    })),
  )
  // A receiver that has been looked up already puts a delivery into its lane at once; else the dispatcher asks and sorts it (dispatch/sort.ts).
  await sql`
    with wire as materialized (
      select d.*, known.lane_receiver as receiver
        from json_to_recordset(${JSON.stringify(wire)}::json) as d (w uuid, i uuid, m uuid, r text, s text, d timestamptz, e timestamptz, v uuid, f text)
        left join recipient_domain as known on known.domain = lower(substring(d.r from '[^@]*$')) and known.expires_at > ${now}
    ), lanes as materialized (
      select w, s, f, v, receiver, lane_of(w, s, f, receiver, '{}', 0, v) as lane_id
        from (select distinct w, s, f, v, receiver from wire) as each_kind
    ), added as (
      insert into delivery (workspace_id, id, message_id, recipient, stream, state, due_at, expires_at, lane_id, created_at)
      select w, i, m, r, s, 'queued', d, e, lane_id, ${now}::timestamptz
        from wire
        join lanes using (w, s, f)
       where lanes.v is not distinct from wire.v and lanes.receiver is not distinct from wire.receiver
      returning workspace_id, id, stream, recipient
    ), addressed as (
      insert into delivery_address (workspace_id, address, delivery_id) select workspace_id, lower(recipient), id from added
    )
    insert into delivery_count (workspace_id, stream, state, n)
    select workspace_id, stream, 'queued', count(*) from added group by workspace_id, stream`.execute(tx)
}

function toWireMessage(submission: Submission, deliveries: readonly SubmittedDelivery[]): object {
  return {
    workspace_id: submission.workspaceId,
    id: submission.id,
    stream: submission.stream,
    origin: submission.origin,
    envelope_sender: submission.envelopeSender,
    sender: submission.sender,
    to_addresses: submission.to,
    cc_addresses: submission.cc,
    bcc_addresses: submission.bcc,
    subject: submission.subject,
    tags: submission.tags,
    metadata: submission.metadata,
    rfc_message_id: submission.rfcMessageId,
    content_hash: submission.content.hash.toString('base64'),
    size_bytes: submission.content.sizeBytes,
    eight_bit: submission.eightBit,
    internationalized: submission.internationalized,
    scheduled_at: submission.scheduledAt,
    expires_at: submission.expiresAt,
    resend_of: submission.resendOf,
    first_delivery: deliveries[0]?.id,
    last_delivery: deliveries.at(-1)?.id,
    from_domain: submission.fromDomain,
    ...(submission.tracking && { tracking: toTrackingColumn(submission.tracking) }),
  }
}

function toTrackingColumn({ standIn, linkSet, opens, clicks }: Tracking): object {
  return { stand_in: standIn, link_set: linkSet, opens, clicks }
}

export interface Move {
  readonly id: DeliveryId
  readonly state: string
  readonly dueAt?: Date | null
  readonly failures?: number
  readonly resends?: number
  readonly reason?: Reason | null
  readonly policy?: UnknownPolicy | null
}

/**
 * Moves deliveries that the caller holds locked from the state it read to another one, and keeps the counts. `from` is checked again: a state
 * that changed in between leaves its row alone, and it is missing in the answer.
 */
export async function moveDeliveries(
  tx: Tx,
  workspaceId: WorkspaceId,
  from: string,
  moves: readonly Move[],
  now: Date,
): Promise<Set<string>> {
  if (moves.length === 0) return new Set()
  const wire = moves.map((m) => ({
    i: m.id,
    s: m.state,
    d: m.dueAt ?? undefined,
    f: m.failures,
    n: m.resends,
    r: m.reason ?? undefined,
    p: m.policy ?? undefined,
  }))
  const { rows } = await sql<{ id: string }>`
    with move as (
      select * from json_to_recordset(${JSON.stringify(wire)}::json) as m (i uuid, s text, d timestamptz, f smallint, n smallint, r jsonb, p text)
    ), moved as (
      update delivery as d
         set state = move.s, due_at = move.d, failures = coalesce(move.f, d.failures), resends = coalesce(move.n, d.resends), reason = move.r, policy = move.p,
             lease_owner = null, lease_position = null,
             settled_at = case when move.s in ('queued', 'sending', 'held', 'unknown') then null else ${now}::timestamptz end
        from move
       where d.workspace_id = ${workspaceId} and d.id = move.i and d.state = ${from}
      returning d.id, d.stream, d.state, d.mailing_id
    ), counted as (
      insert into delivery_count (workspace_id, stream, state, mailing_id, n)
      select ${workspaceId}::uuid, stream, state, mailing_id, count(*) from moved group by stream, state, mailing_id
      union all
      select ${workspaceId}::uuid, stream, ${from}, mailing_id, -count(*) from moved group by stream, mailing_id
    )
    select id from moved`.execute(tx)
  return new Set(rows.map((row) => row.id))
}

export interface LockedDelivery {
  readonly workspaceId: WorkspaceId
  readonly id: DeliveryId
  readonly messageId: MessageId
  readonly recipient: string
  readonly stream: Stream
  readonly state: string
  readonly policy: UnknownPolicy | null
  readonly resends: number
  readonly failures: number
  readonly attempt: number
  readonly expiresAt: Date
  readonly reason: Reason | null
  readonly routeId: RouteId | null
}

export interface ExpiredDelivery extends LockedDelivery {
  /** Why its route is closed, if that is what it waited for. */
  readonly routeReason: Reason | null
}

const lockedColumns = sql.raw(
  'd.workspace_id as "workspaceId", d.id, d.message_id as "messageId", d.recipient, d.stream, d.state, d.policy, d.resends, d.failures, d.attempt, d.expires_at as "expiresAt", d.reason, d.route_id as "routeId"',
)

export async function lockDelivery(tx: Tx, workspaceId: WorkspaceId, id: DeliveryId): Promise<LockedDelivery | null> {
  const { rows } = await sql<LockedDelivery>`
    select ${lockedColumns} from delivery as d where workspace_id = ${workspaceId} and id = ${id} for update`.execute(tx)
  return rows[0] ?? null
}

export async function lockDeliveries(tx: Tx, workspaceId: WorkspaceId, ids: readonly DeliveryId[]): Promise<LockedDelivery[]> {
  const { rows } = await sql<LockedDelivery>`
    select ${lockedColumns} from delivery as d
     where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])
     order by id
       for update`.execute(tx)
  return rows
}

export async function lockDeliveriesOf(tx: Tx, workspaceId: WorkspaceId, messageId: MessageId): Promise<LockedDelivery[]> {
  const { rows } = await sql<LockedDelivery>`
    select ${lockedColumns}
      from delivery as d
     where workspace_id = ${workspaceId} and message_id = ${messageId}
       and id between (select first_delivery from message where workspace_id = ${workspaceId} and id = ${messageId})
                  and (select last_delivery from message where workspace_id = ${workspaceId} and id = ${messageId})
     order by id
       for update`.execute(tx)
  return rows
}

/** Unheard answers whose policy is to send once more, old enough. Index: delivery_attention reaches few rows. */
export async function lockUnknownToResend(tx: Tx, before: Date, limit: number): Promise<LockedDelivery[]> {
  const { rows } = await sql<LockedDelivery>`
    select ${lockedColumns} from delivery as d
     where state = 'unknown' and policy = 'resend' and (reason ->> 'at')::timestamptz <= ${before}
     limit ${limit}
       for update skip locked`.execute(tx)
  return rows
}

/** Waiting deliveries whose life ended, wherever they wait (behind an open circuit nobody claims them). Index: delivery_expiring. */
export async function lockExpired(tx: Tx, limit: number, now: Date): Promise<ExpiredDelivery[]> {
  const { rows } = await sql<ExpiredDelivery>`
    select ${lockedColumns},
           case when d.state = 'queued' and d.due_at <= ${now}
                then (select circuit_reason from route
                       where route.workspace_id = d.workspace_id and circuit_reason is not null
                         and route.id = coalesce((select via_route from lane where lane.id = d.lane_id), d.route_id,
                                                 (select id from route as r where r.workspace_id = d.workspace_id and r.is_default))) end as "routeReason"
      from delivery as d
     where state in ('queued', 'held') and expires_at <= ${now}
     order by expires_at
     limit ${limit}
       for update skip locked`.execute(tx)
  return rows
}

/**
 * After a restore: what was due or on its way, behind `after`. Its like may have been sent since the copy was made; what is due later cannot have
 * been. By its key the table is read once, however many turns it takes: searching anew from its beginning would read what was moved each time.
 */
export async function lockOverdue(
  tx: Tx,
  after: Pick<LockedDelivery, 'workspaceId' | 'id'> | undefined,
  limit: number,
  now: Date,
): Promise<LockedDelivery[]> {
  const { rows } = await sql<LockedDelivery>`
    select ${lockedColumns} from delivery as d
     where ${after ? sql`(workspace_id, id) > (${after.workspaceId}, ${after.id})` : sql`true`}
       and ((state = 'queued' and due_at <= ${now} and mailing_id is null) or state = 'sending')
     order by workspace_id, id
     limit ${limit}
       for update`.execute(tx)
  return rows
}

/** After a restore: what was not heard is not sent once more by itself either. */
export async function askAboutUnknown(tx: Tx): Promise<void> {
  await sql`update delivery set policy = 'ask' where state = 'unknown' and policy = 'resend'`.execute(tx)
}

/** Deliveries that were to take a route that is going away take the default instead. */
export async function unpinRoute(tx: Tx, workspaceId: WorkspaceId, routeId: RouteId): Promise<void> {
  await sql`
    update delivery as d
       set lane_id = lane_of(lane.workspace_id, lane.stream, lane.from_domain, lane.receiver, lane.fine, lane.sorted_by, null, lane.mailing_id)
      from lane
     where lane.workspace_id = ${workspaceId} and lane.via_route = ${routeId} and d.lane_id = lane.id and d.workspace_id = ${workspaceId}
       and d.state in ('queued', 'held', 'sending', 'unknown')`.execute(tx)
}

/** A complaint is recorded once. */
export async function markComplained(tx: Tx, workspaceId: WorkspaceId, id: DeliveryId, now: Date): Promise<boolean> {
  const result = await sql`
    update delivery set complained_at = ${now} where workspace_id = ${workspaceId} and id = ${id} and complained_at is null`.execute(
    tx,
  )
  return result.numAffectedRows === 1n
}

/** Folds the deltas of a (workspace, stream, state) into one row. Rows of running transactions are not seen and stay for next time. */
export async function foldCounts(tx: Tx): Promise<void> {
  await sql`
    with gone as (
      delete from delivery_count returning workspace_id, stream, state, mailing_id, n
    )
    insert into delivery_count (workspace_id, stream, state, mailing_id, n)
    select workspace_id, stream, state, mailing_id, sum(n) from gone group by workspace_id, stream, state, mailing_id having sum(n) <> 0`.execute(
    tx,
  )
}
