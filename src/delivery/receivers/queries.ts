import { sql } from 'kysely'
import { plainArray, textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { LookupFailureKind, MxRecord } from '../../dns/resolver.ts'

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
