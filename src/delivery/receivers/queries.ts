import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { LookupFailureKind, MxRecord } from '../../dns/resolver.ts'
import type { RouteId, WorkspaceId } from '../../lib/ids.ts'
import type { LimitsRow } from './limits.ts'

/** What is known about a recipient's domain. */
export interface KnownDomain {
  readonly domain: string
  readonly receiver: string
  readonly laneReceiver: string
  readonly mxHosts: readonly MxRecord[]
  readonly nullMx: boolean
  readonly trouble: LookupFailureKind | null
  readonly resolvedAt: Date
  readonly expiresAt: Date
}

export async function selectDomains(db: Db, domains: readonly string[]): Promise<KnownDomain[]> {
  const { rows } = await sql<KnownDomain>`
    select domain, receiver, lane_receiver as "laneReceiver", mx_hosts as "mxHosts", null_mx as "nullMx", trouble,
           resolved_at as "resolvedAt", expires_at as "expiresAt"
      from recipient_domain
     where domain = any(${textArray(domains)}::text[])`.execute(db)
  return rows
}

/**
 * Several processes may learn of the same domain at once: in the order of the domains they take the rows' locks one after the other. A look
 * that met trouble says nothing about who receives, so what was known stays.
 */
export async function upsertDomains(db: Db, domains: readonly KnownDomain[]): Promise<void> {
  const rows = domains.toSorted((a, b) => (a.domain < b.domain ? -1 : 1))
  await sql`
    insert into recipient_domain as known (domain, receiver, lane_receiver, mx_hosts, null_mx, trouble, resolved_at, expires_at)
    select * from unnest(${textArray(rows.map(({ domain }) => domain))}::text[], ${textArray(rows.map(({ receiver }) => receiver))}::text[],
                         ${textArray(rows.map(({ laneReceiver }) => laneReceiver))}::text[],
                         ${textArray(rows.map(({ mxHosts }) => JSON.stringify(mxHosts)))}::jsonb[],
                         ${plainArray(rows.map(({ nullMx }) => String(nullMx)))}::boolean[],
                         ${textArray(rows.map(({ trouble }) => trouble))}::text[],
                         ${textArray(rows.map(({ resolvedAt }) => resolvedAt.toISOString()))}::timestamptz[],
                         ${textArray(rows.map(({ expiresAt }) => expiresAt.toISOString()))}::timestamptz[])
    on conflict (domain) do update
       set receiver      = case when excluded.trouble is null then excluded.receiver else known.receiver end,
           lane_receiver = case when excluded.trouble is null then excluded.lane_receiver else known.lane_receiver end,
           mx_hosts      = case when excluded.trouble is null then excluded.mx_hosts else known.mx_hosts end,
           null_mx       = case when excluded.trouble is null then excluded.null_mx else known.null_mx end,
           trouble       = excluded.trouble,
           resolved_at   = excluded.resolved_at,
           expires_at    = excluded.expires_at`.execute(db)
}

/** Domains that nobody mailed for long. */
export async function deleteOldDomains(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from recipient_domain where domain in (select domain from recipient_domain where expires_at < ${before} limit ${limit})`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0n)
}

/** A route's limits towards receivers are few: those somebody set, and those an answer taught. */
const MAX_LIMITS = 5_000

interface LimitsRecord {
  readonly receiver: string
  readonly set_connections: number | null
  readonly set_messages: number | null
  readonly set_at: Date | null
  readonly learned_connections: number | null
  readonly learned_messages: number | null
  readonly learned_at: Date | null
  readonly learned_why: string | null
}

function toLimitsRow(row: LimitsRecord): LimitsRow {
  return {
    receiver: row.receiver,
    set: row.set_at && { connections: row.set_connections, messages: row.set_messages, at: row.set_at },
    learned: row.learned_at && {
      connections: row.learned_connections,
      messages: row.learned_messages,
      at: row.learned_at,
      why: row.learned_why ?? '',
    },
  }
}

/** Of one receiver, or with null of all that differ from their seeds. */
export async function selectLimits(
  db: Db | Tx,
  workspaceId: WorkspaceId,
  routeId: RouteId,
  receiver: string | null,
): Promise<LimitsRow[]> {
  const { rows } = await sql<LimitsRecord>`
    select receiver, set_connections, set_messages, set_at, learned_connections, learned_messages, learned_at, learned_why
      from receiver_limit
     where workspace_id = ${workspaceId} and route_id = ${routeId} and (${receiver}::text is null or receiver = ${receiver})
     order by receiver
     limit ${sql.lit(MAX_LIMITS)}`.execute(db)
  return rows.map(toLimitsRow)
}

/** A route that was removed in the meantime learns nothing. */
export async function upsertLearned(
  db: Db,
  workspaceId: WorkspaceId,
  routeId: RouteId,
  receiver: string,
  learned: NonNullable<LimitsRow['learned']>,
): Promise<void> {
  await sql`
    insert into receiver_limit (workspace_id, route_id, receiver, learned_connections, learned_messages, learned_at, learned_why)
    select workspace_id, id, ${receiver}, ${learned.connections}::int, ${learned.messages}::int, ${learned.at}::timestamptz, ${learned.why}
      from route
     where workspace_id = ${workspaceId} and id = ${routeId}
    on conflict (workspace_id, route_id, receiver) do update
       set learned_connections = excluded.learned_connections, learned_messages = excluded.learned_messages,
           learned_at = excluded.learned_at, learned_why = excluded.learned_why`.execute(db)
}

/** What a person sets is a new beginning: lessons under other limits are forgotten. */
export async function upsertSet(
  tx: Tx,
  workspaceId: WorkspaceId,
  routeId: RouteId,
  receiver: string,
  { connections, messages, at }: NonNullable<LimitsRow['set']>,
): Promise<void> {
  await sql`
    insert into receiver_limit (workspace_id, route_id, receiver, set_connections, set_messages, set_at)
    values (${workspaceId}, ${routeId}, ${receiver}, ${connections}, ${messages}, ${at})
    on conflict (workspace_id, route_id, receiver) do update
       set set_connections = excluded.set_connections, set_messages = excluded.set_messages, set_at = excluded.set_at,
           learned_connections = null, learned_messages = null, learned_at = null, learned_why = null`.execute(tx)
}

export async function deleteLimits(tx: Tx, workspaceId: WorkspaceId, routeId: RouteId, receiver: string): Promise<void> {
  await sql`
    delete from receiver_limit where workspace_id = ${workspaceId} and route_id = ${routeId} and receiver = ${receiver}`.execute(
    tx,
  )
}

/** Senders open a route anew when its version has grown. */
export async function touchRoute(tx: Tx, workspaceId: WorkspaceId, routeId: RouteId, now: Date): Promise<void> {
  await sql`
    update route set version = version + 1, updated_at = ${now} where workspace_id = ${workspaceId} and id = ${routeId}`.execute(
    tx,
  )
}
