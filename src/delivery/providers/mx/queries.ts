import { sql } from 'kysely'
import { textArray } from '../../../db/arrays.ts'
import type { Db, Tx } from '../../../db/database.ts'
import type { MtaStsPolicy } from './mta-sts.ts'

export interface StoredPolicy extends MtaStsPolicy {
  readonly id: string
  readonly expiresAt: Date
}

export async function selectPolicy(db: Db, domain: string): Promise<StoredPolicy | null> {
  const { rows } = await sql<StoredPolicy>`
    select id, mode, mx, expires_at as "expiresAt" from mta_sts_policy where domain = ${domain}`.execute(db)
  return rows[0] ?? null
}

export async function upsertPolicy(db: Db, domain: string, { id, mode, mx, expiresAt }: StoredPolicy, now: Date): Promise<void> {
  await sql`
    insert into mta_sts_policy (domain, id, mode, mx, fetched_at, expires_at)
    values (${domain}, ${id}, ${mode}, ${textArray(mx)}::text[], ${now}, ${expiresAt})
    on conflict (domain) do update
       set id = excluded.id, mode = excluded.mode, mx = excluded.mx, fetched_at = excluded.fetched_at, expires_at = excluded.expires_at`.execute(
    db,
  )
}

export async function deleteOldPolicies(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from mta_sts_policy where domain in (select domain from mta_sts_policy where expires_at < ${before} limit ${limit})`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0n)
}
