import { type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from '../../db/database.ts'
import type { LogPosition } from '../../events/follow.ts'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import { type Figures, TIME_EDGES } from './figures.ts'
import type { AlertKind, Usual } from './verdict.ts'

/** One route towards one receiver. */
export interface Lane {
  readonly workspaceId: WorkspaceId
  readonly routeId: RouteId
  readonly receiver: string
}

const LANE = sql`workspace_id as "workspaceId", route_id as "routeId", receiver`
const COUNTS = ['sent', 'deferred', 'blocked', 'bounced', 'returned', 'complained', 'delivered', 'unknown'] as const

const added = sql.join(COUNTS.map((name) => sql`${sql.ref(name)} = was.${sql.ref(name)} + excluded.${sql.ref(name)}`))
const columns = sql.join(COUNTS.map((name) => sql.ref(name)))
const sums = sql.join(COUNTS.map((name) => sql`sum(${sql.ref(name)})::float8 as ${sql.ref(name)}`))

/**
 * Counts a stretch of the log into its five minutes; the log is read where it is. How long an acceptance took counts from the submission, or
 * from the time for which it was scheduled. An event that does not name its receiver or route has those of its delivery.
 */
export async function addSlots(tx: Tx, from: LogPosition, to: LogPosition): Promise<void> {
  const placeOf = sql`width_bucket(greatest(0, extract(epoch from told.at - greatest(m.created_at, coalesce(m.scheduled_at, m.created_at)))), array[${sql.join(TIME_EDGES.map((edge) => sql.lit(edge)))}]::numeric[])`
  const times = sql`array[${sql.join(Array.from({ length: TIME_EDGES.length + 1 }, (_, place) => sql`count(*) filter (where type = 'delivery.sent' and place = ${sql.lit(place)})`))}]::int[]`
  await sql`
    with told as (
      select e.workspace_id, e.at, e.type, e.message_id, e.data ->> 'source' as source,
             coalesce((e.data ->> 'route_id')::uuid, d.route_id) as route_id, coalesce(e.data ->> 'receiver', lane.receiver, 'other') as receiver
        from event as e
        left join delivery as d on not (e.data ? 'receiver' and e.data ? 'route_id') and d.workspace_id = e.workspace_id and d.id = e.delivery_id
        left join lane on lane.workspace_id = d.workspace_id and lane.id = d.lane_id
       where (e.txid, e.seq) > (${from.txid}::xid8, ${from.seq}::bigint) and (e.txid, e.seq) <= (${to.txid}::xid8, ${to.seq}::bigint)
         and e.delivery_id is not null
         and e.type in ('delivery.sent', 'delivery.deferred', 'delivery.blocked', 'delivery.bounced', 'delivery.complained', 'delivery.delivered', 'delivery.unknown')
         -- What a way out cannot carry was refused by ourselves: no receiver has seen it.
         and e.data ->> 'class' is distinct from 'content_unsupported'
    ), placed as (
      select told.*, case when told.type = 'delivery.sent' then ${placeOf} end as place
        from told
        left join message as m on told.type = 'delivery.sent' and m.workspace_id = told.workspace_id and m.id = told.message_id
       where told.route_id is not null
    )
    insert into receiver_slot as was (workspace_id, route_id, receiver, at, ${columns}, times)
    select workspace_id, route_id, receiver, date_bin('5 minutes', at, '2000-01-01T00:00:00Z'),
           count(*) filter (where type = 'delivery.sent'), count(*) filter (where type = 'delivery.deferred'),
           count(*) filter (where type = 'delivery.blocked'), count(*) filter (where type = 'delivery.bounced'),
           count(*) filter (where type = 'delivery.bounced' and source is not null), count(*) filter (where type = 'delivery.complained'),
           count(*) filter (where type = 'delivery.delivered'), count(*) filter (where type = 'delivery.unknown'),
           case when count(place) > 0 then ${times} else '{}' end
      from placed
     group by 1, 2, 3, 4
     order by 1, 2, 3, 4
    on conflict (workspace_id, route_id, receiver, at) do update set ${added}, times = add_counts(was.times, excluded.times)`.execute(
    tx,
  )
}

/** Moves whole days of slots from before `before` (a midnight) into days. Removing and adding are one statement: nothing is counted twice or lost. */
export async function foldSlots(tx: Tx, before: Date, limit: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with gone as (
      delete from receiver_slot where ctid in (select ctid from receiver_slot where at < ${before} order by at limit ${limit} for update skip locked)
      returning *
    ), folded as (
      insert into receiver_day as was (workspace_id, route_id, receiver, at, ${columns}, times)
      select workspace_id, route_id, receiver, date_trunc('day', at, 'UTC'), ${sql.join(COUNTS.map((name) => sql`sum(${sql.ref(name)})`))}, sum_counts(times)
        from gone
       group by 1, 2, 3, 4
      on conflict (workspace_id, route_id, receiver, at) do update set ${added}, times = add_counts(was.times, excluded.times)
    )
    select count(*)::int as n from gone`.execute(tx)
  return rows[0]?.n ?? 0
}

export async function deleteDays(tx: Tx, before: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from receiver_day where ctid in (select ctid from receiver_day where at < ${before} limit ${limit})`.execute(tx)
  return Number(result.numAffectedRows ?? 0)
}

export interface PresentRow extends Lane {
  readonly routeName: string | null
  readonly widthMs: number
  readonly figures: Figures
  readonly relayed: number
  readonly deliveredSince: number
}

/**
 * The present of every lane that moved within the widest width, at each width. `relayed`: taken in a stretch of that width which ended
 * `lagMs` ago. Index: receiver_slot_by_time.
 */
export async function selectPresents(
  db: Db | Tx,
  { widthsMs, lagMs, limit }: { readonly widthsMs: readonly number[]; readonly lagMs: number; readonly limit: number },
  now: Date,
): Promise<PresentRow[]> {
  const widest = Math.max(...widthsMs)
  const { rows } = await sql<
    Lane & Figures & { routeName: string | null; widthMs: number; relayed: number; deliveredSince: number }
  >`
    with recent as (
      select * from receiver_slot where at >= ${new Date(now.getTime() - widest - lagMs)} and at <= ${now}
    ), looked as (
      select width.ms as width_ms, workspace_id, route_id, receiver,
             ${sql.join(COUNTS.map((name) => sql`coalesce(sum(${sql.ref(name)}) filter (where at > ${now}::timestamptz - width.ms * interval '1 ms'), 0)::float8 as ${sql.ref(name)}`))},
             coalesce(sum(sent) filter (where at > ${now}::timestamptz - (width.ms + ${lagMs}::int) * interval '1 ms' and at <= ${now}::timestamptz - ${lagMs}::int * interval '1 ms'), 0)::float8 as relayed,
             coalesce(sum(delivered) filter (where at > ${now}::timestamptz - (width.ms + ${lagMs}::int) * interval '1 ms'), 0)::float8 as delivered_since
        from recent
        cross join unnest(array[${sql.join(widthsMs.map((width) => sql.lit(width)))}]) as width (ms)
       group by 1, 2, 3, 4
    )
    select looked.workspace_id as "workspaceId", looked.route_id as "routeId", looked.receiver, looked.width_ms as "widthMs", ${columns},
           relayed, delivered_since as "deliveredSince", route.name as "routeName"
      from looked
      left join route on route.workspace_id = looked.workspace_id and route.id = looked.route_id
     order by 1, 2, 3, 4
     limit ${limit}`.execute(db)
  return rows.map(({ workspaceId, routeId, receiver, routeName, widthMs, relayed, deliveredSince, ...figures }) => ({
    workspaceId,
    routeId,
    receiver,
    routeName,
    widthMs,
    relayed,
    deliveredSince,
    figures: { ...figures, times: [] },
  }))
}

/**
 * What is usual at one width, of every lane: shares over the whole stretch, and of its windows with enough mail the worst but one in fifty.
 * The stretch ends before the present begins, so that a bad hour is not held against itself.
 */
export async function saveUsual(
  tx: Tx,
  {
    widthMs,
    since,
    until,
    minSample,
  }: { readonly widthMs: number; readonly since: Date; readonly until: Date; readonly minSample: number },
  now: Date,
): Promise<void> {
  const attempts = sql`(sent + deferred + blocked + bounced - returned)`
  const answers = sql`(sent + bounced - returned)`
  await sql`
    with windowed as (
      select workspace_id, route_id, receiver, ${sums}
        from receiver_slot
       where at >= ${since} and at < ${until}
       group by workspace_id, route_id, receiver, date_bin(${widthMs}::int * interval '1 ms', at, '2000-01-01T00:00:00Z')
    )
    insert into receiver_usual (workspace_id, route_id, receiver, width_ms, relayed, attempts, windows, delivered, put_off, refused, worst_delivered, worst_put_off, worst_refused, computed_at)
    select workspace_id, route_id, receiver, ${widthMs}::int, sum(sent), sum(${attempts}), count(*) filter (where ${attempts} >= ${minSample}::int),
           least(1, coalesce(sum(delivered) / nullif(sum(sent), 0), 0)), coalesce(sum(deferred + blocked) / nullif(sum(${attempts}), 0), 0),
           coalesce(sum(bounced - returned) / nullif(sum(${answers}), 0), 0),
           percentile_disc(0.02) within group (order by least(1, delivered / nullif(sent, 0))) filter (where sent >= ${minSample}::int),
           percentile_disc(0.98) within group (order by (deferred + blocked) / nullif(${attempts}, 0)) filter (where ${attempts} >= ${minSample}::int),
           percentile_disc(0.98) within group (order by (bounced - returned) / nullif(${answers}, 0)) filter (where ${answers} >= ${minSample}::int),
           ${now}::timestamptz
      from windowed
     group by 1, 2, 3
    on conflict (workspace_id, route_id, receiver, width_ms) do update
       set relayed = excluded.relayed, attempts = excluded.attempts, windows = excluded.windows, delivered = excluded.delivered, put_off = excluded.put_off,
           refused = excluded.refused, worst_delivered = excluded.worst_delivered, worst_put_off = excluded.worst_put_off,
           worst_refused = excluded.worst_refused, computed_at = excluded.computed_at`.execute(tx)
}

/** Of lanes that nothing went through in all of the stretch. */
export async function deleteUsual(tx: Tx, computedBefore: Date): Promise<void> {
  await sql`delete from receiver_usual where computed_at < ${computedBefore}`.execute(tx)
}

export type UsualRow = Lane & Usual

export async function selectUsual(db: Db | Tx, workspaceId: WorkspaceId | null, limit: number): Promise<UsualRow[]> {
  const { rows } = await sql<UsualRow>`
    select ${LANE}, width_ms as "widthMs", relayed, attempts, windows, delivered, put_off as "putOff", refused,
           worst_delivered as "worstDelivered", worst_put_off as "worstPutOff", worst_refused as "worstRefused"
      from receiver_usual
     where ${workspaceId}::uuid is null or workspace_id = ${workspaceId}::uuid
     order by workspace_id, route_id, receiver, width_ms
     limit ${limit}`.execute(db)
  return rows
}

export interface Alert extends Lane {
  readonly kind: AlertKind
  readonly usual: number
  readonly sentence: string
  readonly since: Date
  readonly seenAt: Date
}

export async function selectAlerts(db: Db | Tx, workspaceId: WorkspaceId | null): Promise<Alert[]> {
  const { rows } = await sql<Alert>`
    select ${LANE}, kind, usual, sentence, since, seen_at as "seenAt"
      from receiver_alert
     where ${workspaceId}::uuid is null or workspace_id = ${workspaceId}::uuid
     order by since desc, route_id, receiver, kind
     limit 5000`.execute(db)
  return rows
}

/** What was usual when it began stays; what is seen now replaces what was seen before. */
export async function saveAlert(tx: Tx, alert: Alert): Promise<void> {
  const { workspaceId, routeId, receiver, kind, usual, sentence, since, seenAt } = alert
  await sql`
    insert into receiver_alert as was (workspace_id, route_id, receiver, kind, usual, sentence, since, seen_at)
    values (${workspaceId}, ${routeId}, ${receiver}, ${kind}, ${usual}, ${sentence}, ${since}, ${seenAt})
    on conflict (workspace_id, route_id, receiver, kind) do update
       set sentence = excluded.sentence, seen_at = greatest(was.since, excluded.seen_at)`.execute(tx)
}

export async function deleteAlert(tx: Tx, { workspaceId, routeId, receiver, kind }: Alert): Promise<void> {
  await sql`
    delete from receiver_alert
     where workspace_id = ${workspaceId} and route_id = ${routeId} and receiver = ${receiver} and kind = ${kind}`.execute(tx)
}

export interface BoardFilter {
  readonly since: Date
  readonly routeId?: RouteId | undefined
  readonly receiver?: string | undefined
}

export interface BoardRow {
  readonly routeId: RouteId
  readonly routeName: string | null
  readonly receiver: string
  /** Which step of the window; null: all of it. */
  readonly step: number | null
  readonly figures: Figures
}

/**
 * The figures of the lanes with the most mail, as a whole (`step` is null) and step by step, from slots and days together: a moment is in one of them.
 * Index: receiver_slot_of_workspace, receiver_day_of_workspace.
 */
export async function selectBoard(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  filter: BoardFilter,
  { stepMs, lanes }: { readonly stepMs: number; readonly lanes: number },
): Promise<BoardRow[]> {
  const where: RawBuilder<unknown>[] = [sql`workspace_id = ${workspaceId}`, sql`at >= ${filter.since}`]
  if (filter.routeId) where.push(sql`route_id = ${filter.routeId}`)
  if (filter.receiver) where.push(sql`receiver = ${filter.receiver}`)
  const wanted = sql`where ${sql.join(where, sql` and `)}`
  const { rows } = await sql<Omit<BoardRow, 'figures'> & Figures>`
    with every as (
      select route_id, receiver, at, ${columns}, times from receiver_slot ${wanted}
      union all
      select route_id, receiver, at, ${columns}, times from receiver_day ${wanted}
    ), busiest as (
      select route_id, receiver from every group by 1, 2 order by sum(sent + deferred + blocked + bounced) desc, 1, 2 limit ${lanes}
    ), told as (
      select every.*, floor(extract(epoch from at - ${filter.since}::timestamptz) * 1000 / ${stepMs}::float8)::int as step
        from every join busiest using (route_id, receiver)
    )
    select told.route_id as "routeId", told.receiver, told.step, ${sums}, sum_counts(times) as times, max(route.name) as "routeName"
      from told
      left join route on route.workspace_id = ${workspaceId} and route.id = told.route_id
     group by grouping sets ((told.route_id, told.receiver), (told.route_id, told.receiver, told.step))
     order by 1, 2, 3 nulls first`.execute(db)
  return rows.map(({ routeId, routeName, receiver, step, ...figures }) => ({ routeId, routeName, receiver, step, figures }))
}

export async function hasFigures(db: Db | Tx, workspaceId: WorkspaceId, receiver: string): Promise<boolean> {
  const { rows } = await sql<{ known: boolean }>`
    select exists (select from receiver_slot where workspace_id = ${workspaceId} and receiver = ${receiver})
        or exists (select from receiver_day where workspace_id = ${workspaceId} and receiver = ${receiver}) as known`.execute(db)
  return rows[0]?.known === true
}
