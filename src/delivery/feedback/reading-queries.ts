/** What was told, for people: shown and read again. */
import { sql } from 'kysely'
import type { Tx } from '../../db/database.ts'
import type { DeliveryId, RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { FeedbackSource, FeedbackState } from './news.ts'
import type { FeedbackId } from './queries.ts'

export interface FeedbackFilter {
  readonly state: FeedbackState | null
  readonly source: FeedbackSource | null
  readonly routeId: RouteId | null
}

export interface FeedbackSummary {
  readonly id: FeedbackId
  readonly source: FeedbackSource
  readonly route: { readonly id: string; readonly name: string } | null
  readonly receivedAt: Date
  readonly happenedAt: Date | null
  readonly state: FeedbackState
  readonly reason: string | null
  readonly dueAt: Date | null
  readonly parkedUntil: Date | null
  readonly appliedAt: Date | null
  readonly events: number
  readonly sizeBytes: number
  /** Whether it can still be looked at and read again. */
  readonly isKept: boolean
}

const summaryColumns = sql.raw(`
  f.id, f.source, case when route.id is not null then json_build_object('id', route.id, 'name', route.name) end as route, f.received_at as "receivedAt",
  f.happened_at as "happenedAt", f.state, f.reason, f.due_at as "dueAt", f.parked_until as "parkedUntil", f.applied_at as "appliedAt", f.events,
  f.size_bytes as "sizeBytes", f.body is not null as "isKept"`)

export async function selectFeedback(
  tx: Tx,
  workspaceId: WorkspaceId,
  { state, source, routeId }: FeedbackFilter,
  page: { readonly after: string | null; readonly limit: number },
): Promise<FeedbackSummary[]> {
  const { rows } = await sql<FeedbackSummary>`
    select ${summaryColumns}
      from feedback as f
      left join route on route.workspace_id = f.workspace_id and route.id = f.route_id
     where f.workspace_id = ${workspaceId}
       and ${state === null ? sql`true` : sql`f.state = ${state}`}
       and ${source === null ? sql`true` : sql`f.source = ${source}`}
       and ${routeId === null ? sql`true` : sql`f.route_id = ${routeId}`}
       and (${page.after}::uuid is null or f.id < ${page.after}::uuid)
     order by f.id desc
     limit ${page.limit}`.execute(tx)
  return rows
}

export interface NewsOfFeedback {
  readonly kind: string
  readonly deliveryId: DeliveryId
  readonly messageId: string
  readonly recipient: string
  readonly state: string
}

export interface FeedbackDetail extends FeedbackSummary {
  readonly headers: Readonly<Record<string, string>>
  /** What it told that was not known before. */
  readonly news: readonly NewsOfFeedback[]
}

const MAX_NEWS_SHOWN = 200

export async function selectDetail(tx: Tx, workspaceId: WorkspaceId, id: FeedbackId): Promise<FeedbackDetail | null> {
  const { rows } = await sql<Omit<FeedbackDetail, 'news'>>`
    select ${summaryColumns}, f.headers
      from feedback as f
      left join route on route.workspace_id = f.workspace_id and route.id = f.route_id
     where f.workspace_id = ${workspaceId} and f.id = ${id}`.execute(tx)
  const [found] = rows
  if (!found) return null
  const { rows: news } = await sql<NewsOfFeedback>`
    select n.kind, delivery.id as "deliveryId", delivery.message_id as "messageId", delivery.recipient, delivery.state
      from delivery_news as n
      join delivery on delivery.workspace_id = n.workspace_id and delivery.id = n.delivery_id
     where n.workspace_id = ${workspaceId} and n.feedback_id = ${id}
     order by delivery.id
     limit ${MAX_NEWS_SHOWN}`.execute(tx)
  return { ...found, news }
}

export async function selectBody(tx: Tx, workspaceId: WorkspaceId, id: FeedbackId): Promise<Buffer | null> {
  const { rows } = await sql<{ body: Buffer | null }>`
    select body from feedback where workspace_id = ${workspaceId} and id = ${id}`.execute(tx)
  return rows[0]?.body ?? null
}

export async function reopenOne(tx: Tx, workspaceId: WorkspaceId, id: FeedbackId, now: Date): Promise<void> {
  await sql`
    update feedback set state = 'received', due_at = ${now}, reason = null, parked_until = null, tries = 0, applied_at = null
     where workspace_id = ${workspaceId} and id = ${id} and body is not null`.execute(tx)
}

export interface ReplayFilter extends FeedbackFilter {
  readonly since: Date | null
  readonly until: Date | null
}

const MAX_REPLAYED = 10_000

export async function reopenFeedback(
  tx: Tx,
  workspaceId: WorkspaceId,
  { state, source, routeId, since, until }: ReplayFilter,
  now: Date,
): Promise<number> {
  const result = await sql`
    update feedback as f
       set state = 'received', due_at = ${now}, reason = null, parked_until = null, tries = 0, applied_at = null
      from (select id from feedback
             where workspace_id = ${workspaceId} and body is not null
               and ${state === null ? sql`true` : sql`state = ${state}`}
               and ${source === null ? sql`true` : sql`source = ${source}`}
               and ${routeId === null ? sql`true` : sql`route_id = ${routeId}`}
               and ${since === null ? sql`true` : sql`received_at >= ${since}`}
               and ${until === null ? sql`true` : sql`received_at < ${until}`}
             order by id
             limit ${MAX_REPLAYED}
               for update) as wanted
     where f.workspace_id = ${workspaceId} and f.id = wanted.id`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}

/** How long news takes to come, by its own words for when it happened; over the latest of it. */
export interface Lag {
  readonly count: number
  readonly p50Seconds: number | null
  readonly p95Seconds: number | null
}

const LAG_OVER = 500

export async function selectLag(tx: Tx, workspaceId: WorkspaceId, routeId: RouteId): Promise<Lag> {
  const { rows } = await sql<Lag>`
    select count(*)::int as count, percentile_disc(0.5) within group (order by lag)::float as "p50Seconds",
           percentile_disc(0.95) within group (order by lag)::float as "p95Seconds"
      from (select greatest(0, round(extract(epoch from received_at - happened_at))) as lag
              from feedback
             where workspace_id = ${workspaceId} and route_id = ${routeId} and state = 'applied' and happened_at is not null
             order by id desc
             limit ${LAG_OVER}) as latest`.execute(tx)
  return rows[0] ?? { count: 0, p50Seconds: null, p95Seconds: null }
}
