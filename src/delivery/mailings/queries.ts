import { type RawBuilder, sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { DeliveryId, MailingId, MessageId, WorkspaceId } from '../../lib/ids.ts'
import type { DeliveryState, Reason } from '../delivery.ts'
import type { PacePeriod } from '../pace/gcra.ts'
import { revive } from '../revive.ts'
import type { Lane } from '../routing/picture.ts'
import type { Mailing } from './mailing.ts'
import type { MailingChunk, Placed } from './submit-mailing.ts'

const columns = sql.raw(
  'workspace_id as "workspaceId", id, state, reason, scopes, created_at as "createdAt", changed_at as "changedAt", settled_at as "settledAt"',
)

export async function insertMailing(tx: Tx, { workspaceId, id, scopes, createdAt }: Mailing): Promise<void> {
  await sql`
    insert into mailing (workspace_id, id, state, scopes, created_at, changed_at)
    values (${workspaceId}, ${id}, 'running', ${textArray(scopes)}::text[], ${createdAt}, ${createdAt})`.execute(tx)
}

function toMailing(row: Mailing): Mailing {
  return { ...row, reason: row.reason && revive(row.reason) }
}

/** Locked against claims and other changes: a claim under way is waited for. */
export async function lockMailing(tx: Tx, workspaceId: WorkspaceId, id: MailingId): Promise<Mailing | null> {
  const { rows } = await sql<Mailing>`
    select ${columns} from mailing where workspace_id = ${workspaceId} and id = ${id} for update`.execute(tx)
  return rows[0] ? toMailing(rows[0]) : null
}

export async function selectMailing(db: Db | Tx, workspaceId: WorkspaceId, id: MailingId): Promise<Mailing | null> {
  const { rows } = await sql<Mailing>`select ${columns} from mailing where workspace_id = ${workspaceId} and id = ${id}`.execute(
    db,
  )
  return rows[0] ? toMailing(rows[0]) : null
}

export async function saveMailing(tx: Tx, { workspaceId, id, state, reason, changedAt, settledAt }: Mailing): Promise<void> {
  await sql`
    update mailing set state = ${state}, reason = ${reason && JSON.stringify(reason)}::jsonb, changed_at = ${changedAt}, settled_at = ${settledAt}
     where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** Mailings that run and are not over, all of them: what is done after a restore. */
export async function pauseRunning(tx: Tx, reason: Reason, now: Date): Promise<number> {
  const result = await sql`
    update mailing set state = 'paused', reason = ${JSON.stringify(reason)}::jsonb, changed_at = ${now}
     where state = 'running' and settled_at is null`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}

/** Cancelled mailings that still have something, the longest cancelled first. Index: mailing_stopped. */
export async function selectUnsettled(db: Db): Promise<Pick<Mailing, 'workspaceId' | 'id' | 'reason'>[]> {
  const { rows } = await sql<Mailing>`
    select ${columns} from mailing where state = 'cancelled' and settled_at is null order by changed_at limit 100`.execute(db)
  return rows.map(toMailing)
}

export interface WaitingDelivery {
  readonly id: DeliveryId
  readonly messageId: MessageId
  readonly state: 'queued' | 'held'
}

/** What waits in a mailing's lanes, locked. Index: delivery_due, lane by lane; delivery_attention for the few that are held. */
export async function lockWaiting(tx: Tx, workspaceId: WorkspaceId, id: MailingId, limit: number): Promise<WaitingDelivery[]> {
  const { rows } = await sql<WaitingDelivery>`
    select d.id, d.message_id as "messageId", d.state
      from lane
      join delivery as d on d.lane_id = lane.id and d.state = 'queued'
     where lane.mailing_id = ${id}
     limit ${limit}
       for update of d skip locked`.execute(tx)
  if (rows.length > 0) return rows
  const { rows: held } = await sql<WaitingDelivery>`
    select d.id, d.message_id as "messageId", d.state
      from delivery as d
     where d.workspace_id = ${workspaceId} and d.state = 'held' and d.mailing_id = ${id}
     limit ${limit}
       for update skip locked`.execute(tx)
  return held
}

export type MailingCounts = Readonly<Partial<Record<DeliveryState, number>>>

/** How many of a mailing are in each state: a base and the deltas since. Index: delivery_count_of_mailing. */
export async function selectMailingCounts(db: Db | Tx, workspaceId: WorkspaceId, id: MailingId): Promise<MailingCounts> {
  const { rows } = await sql<{ state: DeliveryState; n: number }>`
    select state, sum(n)::float8 as n from delivery_count
     where workspace_id = ${workspaceId} and mailing_id = ${id}
     group by state having sum(n) <> 0`.execute(db)
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]))
}

/** The same of several mailings at once. */
export async function selectCountsOf(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly MailingId[],
): Promise<ReadonlyMap<MailingId, MailingCounts>> {
  const { rows } = await sql<{ id: MailingId; state: DeliveryState; n: number }>`
    select mailing_id as id, state, sum(n)::float8 as n from delivery_count
     where workspace_id = ${workspaceId} and mailing_id = any (${plainArray(ids)}::uuid[])
     group by mailing_id, state having sum(n) <> 0`.execute(db)
  const counts = new Map<MailingId, Partial<Record<DeliveryState, number>>>()
  for (const { id, state, n } of rows) counts.set(id, { ...counts.get(id), [state]: n })
  return counts
}

/** How many of those that wait were tried before, up to a limit. Index: delivery_deferred. */
export async function countDeferred(db: Db | Tx, workspaceId: WorkspaceId, id: MailingId, limit: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n
      from (select from delivery
             where workspace_id = ${workspaceId} and mailing_id = ${id} and state = 'queued' and attempt > 0
             limit ${limit}) as d`.execute(db)
  return rows[0]?.n ?? 0
}

/** The lanes of mailings that ended long ago: nothing will come into them, and late news about their mail has come. */
export async function deleteOldLanes(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from lane
     where id in (select lane.id from mailing join lane on lane.mailing_id = mailing.id
                   where mailing.settled_at < ${before} and not exists (select from delivery where lane_id = lane.id and state = 'queued')
                   limit ${limit})`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}

export interface MailingPace {
  readonly amount: number
  readonly per: PacePeriod
}

/** A mailing has one limit at most. A change of it begins anew: what was said about when the next may leave was under the old one. */
export async function putPace(
  tx: Tx,
  workspaceId: WorkspaceId,
  mailingId: MailingId,
  pace: (MailingPace & { readonly id: string }) | null,
  now: Date,
): Promise<void> {
  await sql`delete from pace where workspace_id = ${workspaceId} and scope = 'mailing' and subject = ${mailingId}`.execute(tx)
  if (!pace) return
  await sql`
    insert into pace (workspace_id, id, scope, subject, per, amount, created_at, updated_at)
    values (${workspaceId}, ${pace.id}, 'mailing', ${mailingId}, ${pace.per}, ${pace.amount}, ${now}, ${now})`.execute(tx)
}

export async function selectPace(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  id: MailingId,
): Promise<(MailingPace & { nextAt: Date | null }) | null> {
  const { rows } = await sql<MailingPace & { nextAt: Date | null }>`
    select amount, per, next_at as "nextAt" from pace where workspace_id = ${workspaceId} and scope = 'mailing' and subject = ${id} limit 1`.execute(
    db,
  )
  return rows[0] ?? null
}

/**
 * One message and its deliveries, in three statements however many they are. As `insertSubmissions`, with arrays, and the values of the stencil's
 * places beside each delivery: those travel as one array of arrays in JSON, since lists of lists of text have no shorter way.
 */
export async function insertChunk(tx: Tx, chunk: MailingChunk, placed: readonly Placed[], now: Date): Promise<void> {
  await sql`
    insert into message (workspace_id, id, stream, created_at, origin, envelope_sender, sender, to_addresses, subject, tags, metadata, rfc_message_id, content_hash,
                         size_bytes, eight_bit, internationalized, scheduled_at, expires_at, resend_of, first_delivery, last_delivery, from_domain, tracking, mailing_id)
    values (${chunk.workspaceId}, ${chunk.messageId}, 'bulk', ${now}, ${JSON.stringify(chunk.origin)}::jsonb, ${chunk.envelopeSender}, ${chunk.sender}, '{}',
            ${chunk.subject}, ${textArray(chunk.tags)}::text[], '{}', ${chunk.rfcMessageId}, ${chunk.content.hash}, ${chunk.content.sizeBytes}, false, false, null,
            ${chunk.expiresAt}, ${chunk.resendOf}, ${placed[0]?.deliveryId}, ${placed.at(-1)?.deliveryId}, ${chunk.fromDomain},
            ${chunk.tracking && JSON.stringify({ stand_in: '', link_set: chunk.tracking.linkSet, opens: chunk.tracking.opens, clicks: chunk.tracking.clicks })}::jsonb,
            ${chunk.mailingId})`.execute(tx)
  await sql`
    with wire as materialized (
      select d.*, known.lane_receiver as receiver
        from unnest(${plainArray(placed.map(({ deliveryId }) => deliveryId))}::uuid[], ${textArray(placed.map(({ recipient }) => recipient))}::text[],
                    ${plainArray(placed.map(({ dueAt }) => `"${dueAt.toISOString()}"`))}::timestamptz[]) as d (i, r, d)
        left join recipient_domain as known on known.domain = lower(substring(d.r from '[^@]*$')) and known.expires_at > ${now}
    ), lanes as materialized (
      select receiver, lane_of(${chunk.workspaceId}::uuid, 'bulk', ${chunk.fromDomain}, receiver, '{}', 0, null, ${chunk.mailingId}::uuid) as lane_id
        from (select distinct receiver from wire) as each_kind
    ), added as (
      insert into delivery (workspace_id, id, message_id, recipient, stream, state, due_at, expires_at, lane_id, mailing_id, created_at)
      select ${chunk.workspaceId}::uuid, i, ${chunk.messageId}::uuid, r, 'bulk', 'queued', d, ${chunk.expiresAt}::timestamptz, lane_id, ${chunk.mailingId}::uuid,
             ${now}::timestamptz
        from wire
        join lanes on lanes.receiver is not distinct from wire.receiver
      returning id, recipient
    ), addressed as (
      insert into delivery_address (workspace_id, address, delivery_id) select ${chunk.workspaceId}::uuid, lower(recipient), id from added
    )
    insert into delivery_count (workspace_id, stream, state, mailing_id, n)
    select ${chunk.workspaceId}::uuid, 'bulk', 'queued', ${chunk.mailingId}::uuid, count(*) from added having count(*) > 0`.execute(
    tx,
  )
  await sql`
    insert into delivery_slots (workspace_id, delivery_id, slots)
    select ${chunk.workspaceId}::uuid, s.i, s.v
      from json_to_recordset(${JSON.stringify(placed.map(({ deliveryId, slots }) => ({ i: deliveryId, v: slots })))}::json) as s (i uuid, v text[])`.execute(
    tx,
  )
}

/** What is kept of deliveries of a mailing for sending them again. */
export async function selectSlots(
  tx: Tx,
  workspaceId: WorkspaceId,
  messageId: MessageId,
  recipients: readonly string[] | null,
): Promise<{ recipient: string; slots: string[] }[]> {
  const wanted: RawBuilder<unknown> = recipients === null ? sql`true` : sql`d.recipient = any (${textArray(recipients)}::text[])`
  const { rows } = await sql<{ recipient: string; slots: string[] }>`
    select d.recipient, s.slots
      from message as m
      join delivery as d on d.workspace_id = m.workspace_id and d.message_id = m.id and d.id between m.first_delivery and m.last_delivery
      join delivery_slots as s on s.workspace_id = d.workspace_id and s.delivery_id = d.id
     where m.workspace_id = ${workspaceId} and m.id = ${messageId} and ${wanted}
     order by d.id`.execute(tx)
  return rows
}

export interface StencilCopy {
  readonly recipient: string
  readonly slots: string[] | null
  readonly contentHash: string
  readonly standIn: string | null
  readonly fromDomain: string
  readonly createdAt: Date
  readonly settledAt: Date | null
}

/** What a delivery's mail is made of. */
export async function selectCopy(db: Db | Tx, workspaceId: WorkspaceId, id: DeliveryId): Promise<StencilCopy | null> {
  const { rows } = await sql<StencilCopy>`
    select d.recipient, s.slots, encode(m.content_hash, 'hex') as "contentHash", m.tracking ->> 'stand_in' as "standIn", m.from_domain as "fromDomain",
           d.created_at as "createdAt", d.settled_at as "settledAt"
      from delivery as d
      join message as m on m.workspace_id = d.workspace_id and m.id = d.message_id
      left join delivery_slots as s on s.workspace_id = d.workspace_id and s.delivery_id = d.id
     where d.workspace_id = ${workspaceId} and d.id = ${id}`.execute(db)
  return rows[0] ?? null
}

export interface FailedDelivery {
  readonly id: DeliveryId
  readonly messageId: MessageId
  readonly recipient: string
  readonly slots: string[]
}

/** Of these deliveries of a mailing, those that came to nothing: all, or where the failure is of these classes. With what is filled in for them. */
export async function selectFailed(
  tx: Tx,
  workspaceId: WorkspaceId,
  mailingId: MailingId,
  ids: readonly DeliveryId[],
  classes: readonly string[] | null,
): Promise<FailedDelivery[]> {
  const { rows } = await sql<FailedDelivery>`
    select d.id, d.message_id as "messageId", d.recipient, s.slots
      from delivery as d
      join delivery_slots as s on s.workspace_id = d.workspace_id and s.delivery_id = d.id
     where d.workspace_id = ${workspaceId} and d.id = any (${plainArray(ids)}::uuid[]) and d.mailing_id = ${mailingId}
       and d.state in ('bounced', 'failed', 'expired')
       and (${classes === null} or d.reason ->> 'code' = any (${textArray(classes ?? [])}::text[]) or d.reason #>> '{failure,class}' = any (${textArray(classes ?? [])}::text[]))
     order by d.id`.execute(tx)
  return rows
}

/** Others take their place: these are of the mailing no more, and its counts say so. */
export async function leaveMailing(
  tx: Tx,
  workspaceId: WorkspaceId,
  mailingId: MailingId,
  ids: readonly DeliveryId[],
): Promise<void> {
  await sql`
    with left_it as (
      update delivery set mailing_id = null
       where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[]) and mailing_id = ${mailingId}
      returning stream, state
    )
    insert into delivery_count (workspace_id, stream, state, mailing_id, n)
    select ${workspaceId}::uuid, stream, state, ${mailingId}::uuid, -count(*) from left_it group by stream, state
    union all
    select ${workspaceId}::uuid, stream, state, null, count(*) from left_it group by stream, state`.execute(tx)
}

export interface MailingLane extends Lane {
  readonly dueAt: Date
}

/** The lanes of a mailing in which something waits, with the first of each. Index: delivery_due. */
export async function selectLanesOf(db: Db | Tx, workspaceId: WorkspaceId, id: MailingId): Promise<MailingLane[]> {
  const { rows } = await sql<MailingLane>`
    select lane.workspace_id as "workspaceId", lane.id, lane.stream, lane.from_domain as "fromDomain", lane.receiver, lane.fine, lane.sorted_by as "sortedBy",
           lane.via_route as "viaRoute", lane.mailing_id as "mailingId", head.due_at as "dueAt"
      from lane
      cross join lateral (select due_at from delivery as d where d.lane_id = lane.id and d.state = 'queued' order by due_at limit 1) as head
     where lane.mailing_id = ${id} and lane.workspace_id = ${workspaceId}
     limit 1000`.execute(db)
  return rows
}

/** When the last of what waits is due; null where nothing waits. Index: delivery_due, from its end. */
export async function selectLastDue(db: Db | Tx, workspaceId: WorkspaceId, id: MailingId): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select max(tail.due_at) as at
      from lane
      cross join lateral (select due_at from delivery as d where d.lane_id = lane.id and d.state = 'queued' order by due_at desc limit 1) as tail
     where lane.mailing_id = ${id} and lane.workspace_id = ${workspaceId}`.execute(db)
  return rows[0]?.at ?? null
}

/** Whether something of a mailing waits for its very first try, or is on its way. Index: delivery_due, lane by lane. */
export async function selectUntried(db: Db | Tx, workspaceId: WorkspaceId, id: MailingId): Promise<boolean> {
  const { rows } = await sql`
    select
      from lane
      join delivery as d on d.lane_id = lane.id and d.state = 'queued' and d.attempt = 0
     where lane.mailing_id = ${id} and lane.workspace_id = ${workspaceId}
     limit 1`.execute(db)
  return rows.length > 0
}
