import { sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { DeliveryId, Id, RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { FeedbackSource, FeedbackState } from './news.ts'

export type FeedbackId = Id<'feedback'>

export interface NewFeedback {
  readonly workspaceId: WorkspaceId
  readonly id: FeedbackId
  readonly source: FeedbackSource
  readonly routeId: RouteId | null
  readonly dedupeKey: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Of the whole; what is kept may be less. */
  readonly sizeBytes: number
}

/** False when it was told before. */
export async function insertFeedback(db: Db | Tx, feedback: NewFeedback, now: Date): Promise<boolean> {
  const { workspaceId, id, source, routeId, dedupeKey, headers, body, sizeBytes } = feedback
  const result = await sql`
    insert into feedback (workspace_id, id, source, route_id, received_at, dedupe_key, headers, body, size_bytes, state, due_at)
    values (${workspaceId}, ${id}, ${source}, ${routeId}, ${now}, ${dedupeKey}, ${JSON.stringify(headers)}::jsonb, ${body}, ${sizeBytes}, 'received', ${now})
    on conflict on constraint feedback_is_stored_once do nothing`.execute(db)
  return result.numAffectedRows === 1n
}

/** What is being worked on. `tries` fences: whoever took it later settles it. */
export interface ClaimedFeedback {
  readonly workspaceId: WorkspaceId
  readonly id: FeedbackId
  readonly source: FeedbackSource
  readonly routeId: RouteId | null
  readonly receivedAt: Date
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
  readonly tries: number
  readonly parkedUntil: Date | null
}

/** Takes what is due for `leaseUntil`: should this process disappear, it is due again then. */
export async function claimFeedback(db: Db, limit: number, leaseUntil: Date, now: Date): Promise<ClaimedFeedback[]> {
  const { rows } = await sql<ClaimedFeedback>`
    with due as (
      select workspace_id, id from feedback
       where state in ('received', 'parked') and due_at <= ${now}
       order by due_at, id
       limit ${limit}
         for update skip locked
    )
    update feedback as f
       set due_at = ${leaseUntil}, tries = f.tries + 1
      from due
     where f.workspace_id = due.workspace_id and f.id = due.id
    returning f.workspace_id as "workspaceId", f.id, f.source, f.route_id as "routeId", f.received_at as "receivedAt", f.headers, f.body, f.tries,
              f.parked_until as "parkedUntil"`.execute(db)
  return rows
}

/** Holds a claimed row for its settling. False when somebody else took it since. */
export async function lockFeedback(tx: Tx, { workspaceId, id, tries }: ClaimedFeedback): Promise<boolean> {
  const { rows } = await sql`
    select from feedback
     where workspace_id = ${workspaceId} and id = ${id} and tries = ${tries} and state in ('received', 'parked')
       for update`.execute(tx)
  return rows.length === 1
}

export interface FeedbackOutcome {
  readonly state: FeedbackState
  readonly reason: string | null
  readonly dueAt: Date | null
  readonly parkedUntil: Date | null
  readonly events: number
  readonly happenedAt: Date | null
}

export async function settleFeedback(
  tx: Tx,
  { workspaceId, id }: Pick<ClaimedFeedback, 'workspaceId' | 'id'>,
  outcome: FeedbackOutcome,
  now: Date,
): Promise<void> {
  const { state, reason, dueAt, parkedUntil, events, happenedAt } = outcome
  await sql`
    update feedback
       set state = ${state}, reason = ${reason}, due_at = ${dueAt}, parked_until = ${parkedUntil}, events = ${events},
           happened_at = coalesce(${happenedAt}, happened_at), applied_at = case when ${state} = 'applied' then ${now}::timestamptz end
     where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
}

/** What turns out to be a complaint was stored as what most mail to these addresses is. */
export async function nameSource(tx: Tx, { workspaceId, id }: ClaimedFeedback, source: FeedbackSource): Promise<void> {
  await sql`
    update feedback as f set source = ${source}
     where workspace_id = ${workspaceId} and id = ${id} and source <> ${source}
       and not exists (select from feedback as o where o.workspace_id = f.workspace_id and o.source = ${source} and o.dedupe_key = f.dedupe_key)`.execute(
    tx,
  )
}

export interface NewsRow {
  readonly workspaceId: WorkspaceId
  readonly deliveryId: DeliveryId
  readonly key: Buffer
  readonly kind: string
  readonly source: string
  readonly feedbackId: string | null
}

/** False when it is known already. */
export async function insertNews(tx: Tx, news: NewsRow, now: Date): Promise<boolean> {
  const { workspaceId, deliveryId, key, kind, source, feedbackId } = news
  const result = await sql`
    insert into delivery_news (workspace_id, delivery_id, key, kind, source, heard_at, feedback_id)
    values (${workspaceId}, ${deliveryId}, ${key}, ${kind}, ${source}, ${now}, ${feedbackId})
    on conflict (workspace_id, delivery_id, key) do nothing`.execute(tx)
  return result.numAffectedRows === 1n
}

/** Whose mailbox it is, as far as its lane knows. */
export async function selectReceiver(tx: Tx, workspaceId: WorkspaceId, id: DeliveryId): Promise<string | null> {
  const { rows } = await sql<{ receiver: string | null }>`
    select lane.receiver
      from delivery
      join lane on lane.id = delivery.lane_id
     where delivery.workspace_id = ${workspaceId} and delivery.id = ${id}`.execute(tx)
  return rows[0]?.receiver ?? null
}

/** Whose delivery it is. An id alone is no key of the table: one look a workspace, of which there are few. */
export async function selectWorkspaceOf(db: Db, id: DeliveryId): Promise<WorkspaceId | null> {
  const { rows } = await sql<{ id: WorkspaceId }>`
    select workspace.id
      from workspace
     cross join lateral (select from delivery where delivery.workspace_id = workspace.id and delivery.id = ${id}) as found
     limit 1`.execute(db)
  return rows[0]?.id ?? null
}

export async function isWorkspace(db: Db, id: WorkspaceId): Promise<boolean> {
  const { rows } = await sql`select from workspace where id = ${id}`.execute(db)
  return rows.length === 1
}

export interface Candidate {
  readonly id: DeliveryId
  readonly recipient: string
}

/** The deliveries of the message that this delivery is of, itself first. */
export async function selectSiblings(tx: Tx, workspaceId: WorkspaceId, id: DeliveryId): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select other.id, other.recipient
      from delivery as named
      join message on message.workspace_id = named.workspace_id and message.id = named.message_id
      join delivery as other on other.workspace_id = named.workspace_id and other.message_id = named.message_id
                            and other.id between message.first_delivery and message.last_delivery
     where named.workspace_id = ${workspaceId} and named.id = ${id}
     order by other.id <> named.id, other.id
     limit 1000`.execute(tx)
  return rows
}

export async function selectByProviderId(
  tx: Tx,
  workspaceId: WorkspaceId,
  routeId: RouteId,
  providerId: string,
): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select delivery.id, delivery.recipient
      from provider_message
      join delivery on delivery.workspace_id = provider_message.workspace_id and delivery.id = provider_message.delivery_id
     where provider_message.workspace_id = ${workspaceId} and provider_message.route_id = ${routeId} and provider_message.provider_id = ${providerId}
     limit 1000`.execute(tx)
  return rows
}

/** What left under this Message-ID, ours or the one a provider put in its place; the latest first, since mail sent again keeps its Message-ID. */
export async function selectByMessageId(
  tx: Tx,
  workspaceId: WorkspaceId,
  messageId: string,
  recipient: string | null,
): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    with named as (
      select id, first_delivery, last_delivery from message where workspace_id = ${workspaceId} and rfc_message_id = ${messageId}
      union
      select message.id, message.first_delivery, message.last_delivery
        from provider_message
        join message on message.workspace_id = provider_message.workspace_id and message.id = provider_message.message_id
       where provider_message.workspace_id = ${workspaceId} and provider_message.wire_message_id = trim(both '<>' from ${messageId}::text)
    )
    select delivery.id, delivery.recipient
      from named
      join delivery on delivery.workspace_id = ${workspaceId} and delivery.message_id = named.id
                   and delivery.id between named.first_delivery and named.last_delivery
     where (${recipient}::text is null or lower(delivery.recipient) = lower(${recipient})) and delivery.attempt > 0
     order by delivery.id desc
     limit 10`.execute(tx)
  return rows
}

export async function isDelivery(tx: Tx, workspaceId: WorkspaceId, id: DeliveryId): Promise<boolean> {
  const { rows } = await sql`select from delivery where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
  return rows.length === 1
}

/** The workspace of a route of this kind whose news come in at this generation's address. */
export async function selectInletOwner(db: Db, routeId: RouteId, kind: string, generation: number): Promise<WorkspaceId | null> {
  const { rows } = await sql<{ id: WorkspaceId }>`
    select workspace.id
      from workspace
     cross join lateral (select from route where route.workspace_id = workspace.id and route.id = ${routeId} and kind = ${kind} and removed_at is null) as found
      left join feedback_inlet as inlet on inlet.workspace_id = workspace.id and inlet.route_id = ${routeId}
     where coalesce(inlet.generation, 1) = ${generation}
     limit 1`.execute(db)
  return rows[0]?.id ?? null
}

/** At most once a second: many requests come at a time, and all would wait for this one row. */
export async function noteReceived(db: Db, workspaceId: WorkspaceId, routeId: RouteId, now: Date): Promise<void> {
  await sql`
    insert into feedback_inlet as inlet (workspace_id, route_id, last_received_at) values (${workspaceId}, ${routeId}, ${now})
    on conflict (workspace_id, route_id) do update set last_received_at = excluded.last_received_at
     where inlet.last_received_at is null or inlet.last_received_at < excluded.last_received_at - interval '1 second'`.execute(db)
}

/** What came was proven to be the provider's; at most once a second, as above. */
export async function noteBelieved(db: Db, workspaceId: WorkspaceId, routeId: RouteId, now: Date): Promise<void> {
  await sql`
    insert into feedback_inlet as inlet (workspace_id, route_id, last_believed_at) values (${workspaceId}, ${routeId}, ${now})
    on conflict (workspace_id, route_id) do update set last_believed_at = excluded.last_believed_at
     where inlet.last_believed_at is null or inlet.last_believed_at < excluded.last_believed_at - interval '1 second'`.execute(db)
}

export async function noteSeenTopic(db: Db, workspaceId: WorkspaceId, routeId: RouteId, topic: string): Promise<void> {
  await sql`
    insert into feedback_inlet as inlet (workspace_id, route_id, seen_topic) values (${workspaceId}, ${routeId}, ${topic})
    on conflict (workspace_id, route_id) do update set seen_topic = excluded.seen_topic
     where inlet.seen_topic is distinct from excluded.seen_topic`.execute(db)
}

export async function noteConfirmed(db: Db, workspaceId: WorkspaceId, routeId: RouteId, now: Date): Promise<void> {
  await sql`
    insert into feedback_inlet as inlet (workspace_id, route_id, confirmed_at) values (${workspaceId}, ${routeId}, ${now})
    on conflict (workspace_id, route_id) do update set confirmed_at = excluded.confirmed_at, seen_topic = null`.execute(db)
}

export interface InletToPoll {
  readonly workspaceId: WorkspaceId
  readonly routeId: RouteId
  readonly cursor: Date | null
}

/** Routes to Scaleway of which nothing was told since, that were not asked about since either, and that took mail at all. */
export async function selectInletsToPoll(
  db: Db,
  before: { readonly polled: Date; readonly told: Date },
  limit: number,
): Promise<InletToPoll[]> {
  const { rows } = await sql<InletToPoll>`
    select route.workspace_id as "workspaceId", route.id as "routeId", inlet.poll_cursor as cursor
      from route
      left join feedback_inlet as inlet on inlet.workspace_id = route.workspace_id and inlet.route_id = route.id
     where route.kind = 'scaleway' and route.removed_at is null and route.secret is not null
       and (inlet.polled_at is null or inlet.polled_at <= ${before.polled})
       and (inlet.last_believed_at is null or inlet.last_believed_at <= ${before.told})
       and exists (select from provider_message as sent where sent.workspace_id = route.workspace_id and sent.route_id = route.id)
     order by inlet.polled_at nulls first
     limit ${limit}`.execute(db)
  return rows
}

export async function notePolled(db: Db, workspaceId: WorkspaceId, routeId: RouteId, cursor: Date, now: Date): Promise<void> {
  await sql`
    insert into feedback_inlet (workspace_id, route_id, polled_at, poll_cursor) values (${workspaceId}, ${routeId}, ${now}, ${cursor})
    on conflict (workspace_id, route_id) do update set polled_at = excluded.polled_at, poll_cursor = excluded.poll_cursor, poll_error = null`.execute(
    db,
  )
}

export async function notePollFailed(
  db: Db,
  workspaceId: WorkspaceId,
  routeId: RouteId,
  error: string,
  now: Date,
): Promise<void> {
  await sql`
    insert into feedback_inlet (workspace_id, route_id, polled_at, poll_error) values (${workspaceId}, ${routeId}, ${now}, ${error})
    on conflict (workspace_id, route_id) do update set polled_at = excluded.polled_at, poll_error = excluded.poll_error`.execute(
    db,
  )
}

/** What came more than a week ago is not kept as it came. Index: feedback_kept. */
export async function forgetBodies(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`
    update feedback as f set body = null, headers = '{}'
      from (select workspace_id, id from feedback where received_at <= ${before} and body is not null and state not in ('received', 'parked')
             order by received_at limit ${limit} for update skip locked) as old
     where f.workspace_id = old.workspace_id and f.id = old.id`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}

export async function deleteOldFeedback(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from feedback as f
     using (select workspace_id, id from feedback where received_at <= ${before} and state not in ('received', 'parked')
             order by received_at limit ${limit} for update skip locked) as old
     where f.workspace_id = old.workspace_id and f.id = old.id`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}
