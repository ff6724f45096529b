import { type RawBuilder, sql } from 'kysely'
import type { StagedBlob } from '../../blobs/blob-store.ts'
import { plainArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import { type DeliveryId, idFloor, type MailingId, type MessageId, type RouteId, type WorkspaceId } from '../../lib/ids.ts'
import type { Attempt } from '../attempt.ts'
import { type DeliveryState, SETTLED_STATES } from '../delivery.ts'
import type { Tracking } from '../message.ts'
import { revive } from '../revive.ts'
import type { Lane } from '../routing/picture.ts'
import type { Stream } from '../stream.ts'
import type { DeliverySummary, MessageSummary } from './story.ts'

export interface DeliveryFilter {
  readonly states?: readonly DeliveryState[] | undefined
  readonly recipient?: string | undefined
  readonly routeId?: string | undefined
  readonly stream?: Stream | undefined
  readonly receiver?: string | undefined
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  readonly messageId?: string | undefined
  readonly messageIds?: readonly string[] | undefined
  readonly id?: string | undefined
}

export interface Page {
  /** The id of the last item of the page before. */
  readonly after: string | null
  readonly limit: number
}

/** A delivery as its row says it; what a waiting one waits for is told by the rules and routes as they are now (read.ts). */
export type DeliveryRow = Omit<DeliverySummary, 'waitingOn'> & { readonly lane: Lane | null }

type SummaryRow = Omit<DeliveryRow, 'lane' | 'route'> & {
  routeId: string | null
  routeName: string | null
  laneId: number | null
  fromDomain: string | null
  receiver: string | null
  fine: string[] | null
  sortedBy: number | null
  viaRoute: RouteId | null
  mailingId: MailingId | null
}

/**
 * Deliveries, newest first. Each given filter is a plain condition, so that the planner sees only what is asked and takes the index made for
 * it: delivery_unwell, delivery_attention, or the primary key, whose UUIDv7 is the order of time.
 */
export async function selectDeliveries(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  filter: DeliveryFilter,
  page: Page,
): Promise<DeliveryRow[]> {
  const where: RawBuilder<unknown>[] = [sql`d.workspace_id = ${workspaceId}`]
  if (filter.states?.length === 1) where.push(sql`d.state = ${filter.states[0]}`)
  else if (filter.states) where.push(sql`d.state = any (${filter.states as string[]}::text[])`)
  if (filter.recipient !== undefined) {
    where.push(
      sql`d.id in (select delivery_id from delivery_address where workspace_id = ${workspaceId} and address = lower(${filter.recipient}))`,
    )
  }
  if (filter.routeId) where.push(sql`d.route_id = ${filter.routeId}`)
  if (filter.stream) where.push(sql`d.stream = ${filter.stream}`)
  if (filter.receiver)
    where.push(
      sql`d.lane_id in (select lane.id from lane where lane.workspace_id = ${workspaceId} and lane.receiver = ${filter.receiver})`,
    )
  if (filter.id) where.push(sql`d.id = ${filter.id}`)
  if (filter.messageId) {
    const ofMessage = sql`from message where workspace_id = ${workspaceId} and id = ${filter.messageId}`
    where.push(
      sql`d.message_id = ${filter.messageId} and d.id between (select first_delivery ${ofMessage}) and (select last_delivery ${ofMessage})`,
    )
  }
  if (filter.messageIds) {
    // Each message's deliveries are a short range of ids of their own: one range over all of them could span millions of others.
    where.push(sql`d.id in (
      select own.id
        from message as m
       cross join lateral (select id from delivery
                            where workspace_id = m.workspace_id and id between m.first_delivery and m.last_delivery and message_id = m.id) as own
       where m.workspace_id = ${workspaceId} and m.id = any (${filter.messageIds as string[]}::uuid[]))`)
  }
  if (filter.since) where.push(sql`d.id >= ${idFloor(filter.since)}::uuid`)
  if (filter.until) where.push(sql`d.id < ${idFloor(filter.until)}::uuid`)
  if (page.after) where.push(sql`d.id < ${page.after}::uuid`)
  const { rows } = await sql<SummaryRow>`
    with d as (
      select * from delivery as d where ${sql.join(where, sql` and `)} order by d.id desc limit ${page.limit}
    )
    select d.id, d.message_id as "messageId", d.recipient, d.stream, d.state, d.reason, d.due_at as "dueAt", d.attempt, d.failures, d.policy,
           d.expires_at as "expiresAt", d.created_at as "createdAt", d.settled_at as "settledAt", d.complained_at as "complainedAt", m.subject, m.sender, m.origin, m.mailing_id as "partOf",
           used.id as "routeId", used.name as "routeName",
           lane.id as "laneId", lane.from_domain as "fromDomain", lane.receiver, lane.fine, lane.sorted_by as "sortedBy", lane.via_route as "viaRoute",
           d.mailing_id as "mailingId"
      from d
      join message as m on m.workspace_id = d.workspace_id and m.id = d.message_id
      left join route as used on used.workspace_id = d.workspace_id and used.id = d.route_id
      left join lane on lane.id = d.lane_id
     order by d.id desc`.execute(db)
  return rows.map((row) => toRow(workspaceId, row))
}

function toRow(workspaceId: WorkspaceId, row: SummaryRow): DeliveryRow {
  const { routeId, routeName, laneId, fromDomain, receiver, fine, sortedBy, viaRoute, mailingId, ...rest } = row
  return {
    ...rest,
    reason: row.reason && revive(row.reason),
    route: routeId && routeName ? { id: routeId, name: routeName } : null,
    lane:
      laneId === null
        ? null
        : {
            workspaceId,
            id: laneId,
            stream: row.stream,
            fromDomain: fromDomain ?? '',
            receiver,
            fine: fine ?? [],
            sortedBy: sortedBy ?? 0,
            viaRoute,
            mailingId,
          },
  }
}

/**
 * How many deliveries are in these states and this stream. Zero answers a list at once that would otherwise be looked for in every row: a stream
 * that is not used, a state that nothing is in.
 */
export async function countOf(db: Db | Tx, workspaceId: WorkspaceId, { states, stream }: DeliveryFilter): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select coalesce(sum(n), 0) as n from delivery_count
     where workspace_id = ${workspaceId}
       and (${states ? [...states] : null}::text[] is null or state = any (${states ? [...states] : null}::text[]))
       and (${stream ?? null}::text is null or stream = ${stream ?? null})`.execute(db)
  return rows[0]?.n ?? 0
}

export async function selectAttempts(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  deliveryIds: readonly string[],
  limit: number,
): Promise<Attempt[]> {
  const { rows } = await sql<Omit<Attempt, 'route'> & { routeId: string; routeName: string | null }>`
    select a.delivery_id as "deliveryId", a.attempt, a.started_at as "startedAt", a.duration_ms as "durationMs", a.route_id as "routeId", route.name as "routeName",
           a.outcome, a.stage, a.class, a.host, a.address, a.port, a.tls, a.code, a.enhanced, a.text, a.stages_ms as "stagesMs", a.transcript
      from attempt as a
      left join route on route.workspace_id = a.workspace_id and route.id = a.route_id
     where a.workspace_id = ${workspaceId} and a.delivery_id = any (${deliveryIds as string[]}::uuid[])
     order by a.delivery_id, a.attempt
     limit ${limit}`.execute(db)
  return rows.map(({ routeId, routeName, ...row }) => ({ ...row, route: { id: routeId, name: routeName ?? 'a removed route' } }))
}

/** `message.tracking` as `Tracking` has it; null stays null. */
const TRACKING = `(select jsonb_build_object('standIn', m.tracking -> 'stand_in', 'linkSet', m.tracking -> 'link_set', 'opens', m.tracking -> 'opens',
                              'clicks', m.tracking -> 'clicks') where m.tracking is not null)`

const messageColumns = sql.raw(
  `m.id, m.created_at as "createdAt", m.stream, m.sender, m.envelope_sender as "envelopeSender", m.to_addresses as "to", m.cc_addresses as cc, m.bcc_addresses as bcc,
   m.subject, m.tags, m.metadata, m.rfc_message_id as "rfcMessageId", m.size_bytes as "sizeBytes", encode(m.content_hash, 'hex') as "contentHash",
   m.scheduled_at as "scheduledAt", m.expires_at as "expiresAt", m.resend_of as "resendOf", m.origin, m.mailing_id as "mailingId", ${TRACKING} as tracking,
   (select jsonb_object_agg(state, n) from (select state, count(*) as n from delivery as d where d.workspace_id = m.workspace_id and d.id between m.first_delivery and m.last_delivery and d.message_id = m.id group by state) as c) as counts,
   (select recipient from delivery as d where d.workspace_id = m.workspace_id and d.id between m.first_delivery and m.last_delivery and d.message_id = m.id order by d.id limit 1) as "firstRecipient"`,
)

export async function selectMessages(db: Db | Tx, workspaceId: WorkspaceId, page: Page): Promise<MessageSummary[]> {
  const { rows } = await sql<MessageSummary>`
    select ${messageColumns}
      from message as m
     where m.workspace_id = ${workspaceId} and (${page.after}::uuid is null or m.id < ${page.after}::uuid)
     order by m.id desc
     limit ${page.limit}`.execute(db)
  return rows.map((row) => ({ ...row, counts: row.counts ?? {} }))
}

export async function selectMessage(db: Db | Tx, workspaceId: WorkspaceId, id: MessageId): Promise<MessageSummary | null> {
  const { rows } = await sql<MessageSummary>`
    select ${messageColumns} from message as m where m.workspace_id = ${workspaceId} and m.id = ${id}`.execute(db)
  const row = rows[0]
  return row ? { ...row, counts: row.counts ?? {} } : null
}

/** A message in the form in which it can be submitted again, with the recipients whose delivery is settled. */
export interface StoredMessage {
  readonly stream: Stream
  readonly origin: Readonly<Record<string, unknown>>
  readonly envelopeSender: string
  readonly sender: string
  readonly fromDomain: string
  readonly to: readonly string[]
  readonly cc: readonly string[]
  readonly bcc: readonly string[]
  readonly subject: string
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  readonly rfcMessageId: string
  readonly content: StagedBlob
  readonly eightBit: boolean
  readonly internationalized: boolean
  readonly tracking: Tracking | null
  readonly mailingId: MailingId | null
  readonly settledRecipients: readonly string[]
}

export async function selectStoredMessage(db: Db | Tx, workspaceId: WorkspaceId, id: MessageId): Promise<StoredMessage | null> {
  const { rows } = await sql<Omit<StoredMessage, 'content'> & { hash: Buffer; sizeBytes: number }>`
    select stream, origin, envelope_sender as "envelopeSender", sender, from_domain as "fromDomain", to_addresses as "to", cc_addresses as cc, bcc_addresses as bcc, subject, tags, metadata,
           rfc_message_id as "rfcMessageId", content_hash as hash, size_bytes as "sizeBytes", eight_bit as "eightBit", internationalized, mailing_id as "mailingId", ${sql.raw(TRACKING)} as tracking,
           array(select recipient from delivery as d
                  where d.workspace_id = m.workspace_id and d.id between m.first_delivery and m.last_delivery and d.message_id = m.id and d.state = any (${[...SETTLED_STATES]}::text[])
                  order by d.id) as "settledRecipients"
      from message as m
     where m.workspace_id = ${workspaceId} and m.id = ${id}`.execute(db)
  const row = rows[0]
  if (!row) return null
  const { hash, sizeBytes, ...rest } = row
  // The content is in the store already: its row only has to be referred to again.
  return { ...rest, content: { workspaceId, hash, sizeBytes, ascii: null, bytes: null, location: '' } }
}

export interface StreamQueue {
  readonly stream: Stream
  readonly counts: Readonly<Partial<Record<DeliveryState, number>>>
  readonly oldestDueAt: Date | null
}

/** How much is where, from the counts and the head of each lane: never by counting deliveries. */
export async function selectQueues(db: Db | Tx, workspaceId: WorkspaceId): Promise<StreamQueue[]> {
  const { rows } = await sql<StreamQueue>`
    select s.stream,
           coalesce((select jsonb_object_agg(state, n)
                       from (select state, sum(n) as n from delivery_count as c
                              where c.workspace_id = ${workspaceId} and c.stream = s.stream group by state having sum(n) <> 0) as c), '{}') as counts,
           (select min(head.due_at) from lane
             cross join lateral (select due_at from delivery as d where d.lane_id = lane.id and d.state = 'queued' order by due_at limit 1) as head
             where lane.workspace_id = ${workspaceId} and lane.stream = s.stream) as "oldestDueAt"
      from unnest(array['transactional', 'conversation', 'bulk']) as s (stream)`.execute(db)
  return rows
}

export interface WaitingCount extends Lane {
  readonly n: number
}

const COUNTED_MAX = 10_000

/** How many deliveries wait in each lane, those of the future included; at most so many are counted in one lane. Index: delivery_due. */
export async function selectWaitingLanes(db: Db | Tx, workspaceId: WorkspaceId): Promise<WaitingCount[]> {
  const { rows } = await sql<WaitingCount>`
    select lane.workspace_id as "workspaceId", lane.id, lane.stream, lane.from_domain as "fromDomain", lane.receiver, lane.fine, lane.sorted_by as "sortedBy",
           lane.via_route as "viaRoute", lane.mailing_id as "mailingId", waiting.n
      from lane
      cross join lateral (
        select count(*) as n from (select from delivery as d where d.lane_id = lane.id and d.state = 'queued' limit ${sql.lit(COUNTED_MAX)}) as counted
      ) as waiting
     where lane.workspace_id = ${workspaceId} and waiting.n > 0`.execute(db)
  return rows
}

export interface LaneHead extends Lane {
  readonly dueAt: Date
}

const HEADS_MAX = 10_000

/** Lanes whose first delivery was due before then, of one workspace or (null) of all, the oldest first. Index: delivery_due, one look a lane. */
export async function selectOverdueLanes(db: Db | Tx, workspaceId: WorkspaceId | null, before: Date): Promise<LaneHead[]> {
  const { rows } = await sql<LaneHead>`
    select lane.workspace_id as "workspaceId", lane.id, lane.stream, lane.from_domain as "fromDomain", lane.receiver, lane.fine, lane.sorted_by as "sortedBy",
           lane.via_route as "viaRoute", lane.mailing_id as "mailingId", head.due_at as "dueAt"
      from lane
      cross join lateral (select due_at from delivery as d where d.lane_id = lane.id and d.state = 'queued' order by due_at limit 1) as head
     where head.due_at < ${before} and (${workspaceId}::uuid is null or lane.workspace_id = ${workspaceId}::uuid)
     order by head.due_at
     limit ${sql.lit(HEADS_MAX)}`.execute(db)
  return rows
}

export interface TrackedDelivery {
  readonly workspaceId: WorkspaceId
  readonly messageId: MessageId
  readonly tracking: Tracking
  /** When it was taken over; null while it is not. */
  readonly sentAt: Date | null
}

export interface MailOfDelivery {
  readonly workspaceId: WorkspaceId
  readonly messageId: MessageId
  readonly recipient: string
  readonly origin: Readonly<Record<string, unknown>>
}

/** Whose mail a delivery is, and what it was sent for. As of tracked ones: one look a workspace. */
export async function selectMailOfDelivery(db: Db, id: DeliveryId): Promise<MailOfDelivery | null> {
  const { rows } = await sql<MailOfDelivery>`
    select workspace.id as "workspaceId", found.*
      from workspace
     cross join lateral (
       select d.message_id as "messageId", d.recipient, m.origin
         from delivery as d
         join message as m on m.workspace_id = d.workspace_id and m.id = d.message_id
        where d.workspace_id = workspace.id and d.id = ${id}
     ) as found
     limit 1`.execute(db)
  return rows[0] ?? null
}

/** The same of several in one workspace, by their ids. */
export async function selectMailsOfDeliveries(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  ids: readonly DeliveryId[],
): Promise<ReadonlyMap<DeliveryId, { readonly messageId: MessageId; readonly recipient: string }>> {
  const { rows } = await sql<{ id: DeliveryId; messageId: MessageId; recipient: string }>`
    select id, message_id as "messageId", recipient from delivery where workspace_id = ${workspaceId} and id = any (${plainArray(ids)}::uuid[])`.execute(
    db,
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** A delivery of a tracked message. An id alone is no key of the table: one look a workspace, of which there are few. */
export async function selectTracked(db: Db, id: DeliveryId): Promise<TrackedDelivery | null> {
  const { rows } = await sql<TrackedDelivery>`
    select workspace.id as "workspaceId", found.*
      from workspace
     cross join lateral (
       select d.message_id as "messageId", d.settled_at as "sentAt", ${sql.raw(TRACKING)} as tracking
         from delivery as d
         join message as m on m.workspace_id = d.workspace_id and m.id = d.message_id
        where d.workspace_id = workspace.id and d.id = ${id} and m.tracking is not null
     ) as found
     limit 1`.execute(db)
  return rows[0] ?? null
}
