/** What was told, on its way through the reader. */
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
