import { sql } from 'kysely'
import { textArray } from '../../db/arrays.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { WorkspaceId } from '../../lib/ids.ts'
import type { Check, CheckStatus } from './check.ts'
import type { Domain, DomainId } from './domain.ts'

interface CheckRow {
  subject: string
  status: CheckStatus
  answered_status: CheckStatus | null
  sentence: string
  found: string[]
  publish: string | null
  since: Date
  checked_at: Date
  last_ok_at: Date | null
}

export async function selectChecks(db: Db | Tx, workspaceId: WorkspaceId, id: DomainId): Promise<Check[]> {
  const { rows } = await sql<CheckRow>`
    select subject, status, answered_status, sentence, found, publish, since, checked_at, last_ok_at
      from domain_check
     where workspace_id = ${workspaceId} and domain_id = ${id}`.execute(db)
  return rows.map((row) => ({
    subject: row.subject,
    status: row.status,
    answeredStatus: row.answered_status,
    sentence: row.sentence,
    found: row.found,
    ...(row.publish !== null && { publish: row.publish }),
    since: row.since,
    checkedAt: row.checked_at,
    lastOkAt: row.last_ok_at,
  }))
}

export async function upsertCheck(tx: Tx, { workspaceId, id }: Domain, check: Check): Promise<void> {
  await sql`
    insert into domain_check (workspace_id, domain_id, subject, status, answered_status, sentence, found, publish, since, checked_at, last_ok_at)
    values (${workspaceId}, ${id}, ${check.subject}, ${check.status}, ${check.answeredStatus}, ${check.sentence}, ${textArray(check.found)}::text[],
            ${check.publish ?? null}, ${check.since}, ${check.checkedAt}, ${check.lastOkAt})
    on conflict (workspace_id, domain_id, subject) do update
       set status = excluded.status, answered_status = excluded.answered_status, sentence = excluded.sentence, found = excluded.found,
           publish = excluded.publish, since = excluded.since, checked_at = excluded.checked_at, last_ok_at = excluded.last_ok_at`.execute(
    tx,
  )
}

/** Of records that are no longer looked at: those of revoked keys. */
export async function deleteChecksBut(tx: Tx, { workspaceId, id }: Domain, subjects: readonly string[]): Promise<void> {
  await sql`
    delete from domain_check
     where workspace_id = ${workspaceId} and domain_id = ${id} and subject <> all(${textArray(subjects)}::text[])`.execute(tx)
}

export interface CheckChange {
  readonly at: Date
  readonly subject: string
  readonly was: CheckStatus | null
  readonly status: CheckStatus
  readonly sentence: string
  readonly found: readonly string[]
}

export async function insertChange(tx: Tx, { workspaceId, id }: Domain, change: CheckChange): Promise<void> {
  await sql`
    insert into domain_check_change (workspace_id, domain_id, at, subject, was, status, sentence, found)
    values (${workspaceId}, ${id}, ${change.at}, ${change.subject}, ${change.was}, ${change.status}, ${change.sentence},
            ${textArray(change.found)}::text[])`.execute(tx)
}

/** Keeps the newest changes of a domain. */
export async function deleteOldChanges(tx: Tx, { workspaceId, id }: Domain, keep: number): Promise<void> {
  await sql`
    delete from domain_check_change
     where workspace_id = ${workspaceId} and domain_id = ${id}
       and id <= (select id from domain_check_change where workspace_id = ${workspaceId} and domain_id = ${id} order by id desc offset ${keep} limit 1)`.execute(
    tx,
  )
}

export async function selectChanges(db: Db | Tx, workspaceId: WorkspaceId, id: DomainId, limit: number): Promise<CheckChange[]> {
  const { rows } = await sql<CheckChange>`
    select at, subject, was, status, sentence, found
      from domain_check_change
     where workspace_id = ${workspaceId} and domain_id = ${id}
     order by id desc
     limit ${limit}`.execute(db)
  return rows
}
