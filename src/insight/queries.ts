/** What health and metrics ask. Only reading, never by counting deliveries: counts, heads of lanes, and small tables. */
import { sql } from 'kysely'
import type { Db, Tx } from '../db/database.ts'
import type { WorkspaceId } from '../lib/ids.ts'

const MAX_ROUTES = 1_000

export interface RouteState {
  readonly workspaceId: WorkspaceId
  readonly id: string
  readonly name: string
  readonly circuit: 'closed' | 'open' | 'probing'
  readonly why: string | null
  readonly hint: string | null
  readonly since: Date | null
  readonly isDefault: boolean
  readonly nextTryAt: Date | null
}

export async function selectOpenRoutes(db: Db | Tx, workspaceId: WorkspaceId | null): Promise<RouteState[]> {
  const { rows } = await sql<RouteState>`
    select r.workspace_id as "workspaceId", r.id, r.name, r.circuit, coalesce(r.circuit_reason #>> '{failure,sentence}', r.circuit_reason ->> 'sentence') as why,
           coalesce(r.circuit_reason #>> '{failure,hint}', r.circuit_reason ->> 'hint') as hint, r.circuit_since as since, r.is_default as "isDefault", r.circuit_until as "nextTryAt"
      from route as r
     where r.circuit <> 'closed' and r.removed_at is null and (${workspaceId}::uuid is null or r.workspace_id = ${workspaceId}::uuid)
     order by r.name
     limit ${sql.lit(MAX_ROUTES)}`.execute(db)
  return rows
}

export interface ReceiverState {
  readonly workspaceId: WorkspaceId
  readonly routeId: string
  readonly routeName: string
  readonly receiver: string
  readonly why: string | null
  readonly hint: string | null
  readonly since: Date
  readonly nextTryAt: Date
}

/** Routes that work, but are left alone for one receiver. */
export async function selectStoppedReceivers(db: Db | Tx): Promise<ReceiverState[]> {
  const { rows } = await sql<ReceiverState>`
    select r.workspace_id as "workspaceId", r.id as "routeId", r.name as "routeName", s.receiver, s.circuit_since as since, s.circuit_until as "nextTryAt",
           coalesce(s.circuit_reason #>> '{failure,sentence}', s.circuit_reason ->> 'sentence') as why,
           coalesce(s.circuit_reason #>> '{failure,hint}', s.circuit_reason ->> 'hint') as hint
      from route_receiver as s
      join route as r on r.workspace_id = s.workspace_id and r.id = s.route_id
     where s.circuit <> 'closed' and r.removed_at is null
     order by s.circuit_since
     limit ${sql.lit(MAX_ROUTES)}`.execute(db)
  return rows
}

export async function selectCircuits(db: Db | Tx): Promise<Pick<RouteState, 'workspaceId' | 'id' | 'name' | 'circuit'>[]> {
  const { rows } = await sql<RouteState>`
    select workspace_id as "workspaceId", id, name, circuit from route where removed_at is null order by (circuit = 'closed'), created_at limit ${sql.lit(MAX_ROUTES)}`.execute(
    db,
  )
  return rows
}

export interface ForPeople {
  readonly held: number
  /** Whose answer was not heard, and whose stream leaves the decision to a person. */
  readonly unheard: number
}

const COUNTED_MAX = 10_000

/** Index: delivery_attention, which holds no other rows than these. */
export async function selectForPeople(db: Db | Tx, workspaceId: WorkspaceId | null): Promise<ForPeople> {
  const { rows } = await sql<ForPeople>`
    select (select count(*) from (select from delivery where state = 'held' and (${workspaceId}::uuid is null or workspace_id = ${workspaceId}::uuid) limit ${sql.lit(COUNTED_MAX)}) as held) as held,
           (select count(*) from (select from delivery where state = 'unknown' and policy = 'ask' and (${workspaceId}::uuid is null or workspace_id = ${workspaceId}::uuid) limit ${sql.lit(COUNTED_MAX)}) as asked) as unheard`.execute(
    db,
  )
  return rows[0] ?? { held: 0, unheard: 0 }
}

export interface OldestDue {
  readonly stream: string
  readonly dueAt: Date
}

/** The head of every lane, the oldest of each stream. Index: delivery_due, one look a lane. */
export async function selectOldestDue(db: Db | Tx, now: Date): Promise<OldestDue[]> {
  const { rows } = await sql<OldestDue>`
    select s.stream, min(head.due_at) as "dueAt"
      from workspace as w
      cross join unnest(array['transactional', 'conversation', 'bulk']) as s (stream)
      cross join lateral (
        select min(first.due_at) as due_at from lane
         cross join lateral (select due_at from delivery as d where d.lane_id = lane.id and d.state = 'queued' order by due_at limit 1) as first
         where lane.workspace_id = w.id and lane.stream = s.stream
      ) as head
     where head.due_at <= ${now}
     group by s.stream`.execute(db)
  return rows
}

/** Whether any process sends at present. A sender that has had nothing to do for a while signs off, so this says something only while mail is due. */
export async function hasLiveDispatcher(db: Db | Tx, now: Date): Promise<boolean> {
  const { rows } = await sql<{
    live: boolean
  }>`select exists (select from dispatcher where state = 'live' and lease_expires_at > ${now}) as live`.execute(db)
  return rows[0]?.live === true
}

export interface CountRow {
  readonly stream: string
  readonly state: string
  readonly n: number
}

export async function selectCounts(db: Db | Tx): Promise<CountRow[]> {
  const { rows } = await sql<CountRow>`
    select stream, state, sum(n) as n from delivery_count group by stream, state order by stream, state`.execute(db)
  return rows
}

/** Since the beginning of the records. One row an hour, route and outcome. */
export async function selectOutcomes(db: Db | Tx): Promise<{ type: string; n: number }[]> {
  const { rows } = await sql<{
    type: string
    n: number
  }>`select type, sum(n) as n from delivery_hour group by type order by type`.execute(db)
  return rows
}

export interface InboundCount {
  /** 'none': nobody could say for which. 'others': beyond the first inboxes, so that the series stay few. */
  readonly inbox: string
  /** `outcome`, or `outcome:reason`. */
  readonly outcome: string
  readonly n: number
}

const INBOXES_MEASURED = 100

/** Since the beginning of the records. One row a day, inbox and outcome. The oldest inboxes by name: the same ones every time. */
export async function selectInboundCounts(db: Db | Tx): Promise<InboundCount[]> {
  const { rows } = await sql<InboundCount>`
    with named as (select id from inbox order by id limit ${sql.lit(INBOXES_MEASURED)})
    select case when c.inbox_id is null then 'none' when named.id is null then 'others' else named.id::text end as inbox, c.outcome, sum(c.n) as n
      from inbound_count as c
      left join named on named.id = c.inbox_id
     group by 1, 2
     order by 1, 2`.execute(db)
  return rows
}

/** Index: inbound_mail_due, its head. What is being worked on is not due. */
export async function selectOldestInbound(db: Db | Tx, now: Date): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(due_at) as at from inbound_mail where state = 'received' and due_at <= ${now}`.execute(db)
  return rows[0]?.at ?? null
}

export interface FollowerLag {
  readonly name: string
  /** When the next event that it has not seen happened; null when it has seen them all. */
  readonly nextAt: Date | null
}

export async function selectFollowerLags(db: Db | Tx): Promise<FollowerLag[]> {
  const { rows } = await sql<FollowerLag>`
    select name,
           (select at from event where (event.txid, event.seq) > (follower.txid, follower.seq) order by event.txid, event.seq limit 1) as "nextAt"
      from follower
     order by name
     limit 100`.execute(db)
  return rows
}

export async function selectCommits(db: Db | Tx): Promise<{ commits: number; rollbacks: number; sizeBytes: number }> {
  const { rows } = await sql<{ commits: number; rollbacks: number; sizeBytes: number }>`
    select xact_commit as commits, xact_rollback as rollbacks, pg_database_size(datid) as "sizeBytes" from pg_stat_database where datname = current_database()`.execute(
    db,
  )
  return rows[0] ?? { commits: 0, rollbacks: 0, sizeBytes: 0 }
}
