import { sql } from 'kysely'
import type { Db, Tx } from '../db/database.ts'

export async function registerJobs(db: Db, names: readonly string[], now: Date): Promise<void> {
  await sql`
    insert into periodic_job (name, due_at)
    select name, ${now}::timestamptz from unnest(${names as string[]}::text[]) as name
    on conflict (name) do nothing`.execute(db)
}

/** Takes every job from who works on it: for a database whose workers live elsewhere, as after a restore. */
export async function freeJobs(tx: Tx): Promise<void> {
  await sql`update periodic_job set lease_owner = null, lease_expires_at = null where lease_owner is not null`.execute(tx)
}

/** A job that was done, when it comes round again, and why it failed, if it did. */
export interface FinishedJob {
  readonly name: string
  readonly dueAt: Date
  readonly error: string | null
}

/**
 * Leases one job that is due, or whose worker disappeared, or that is in our name since its end could not be written; and writes the end of the
 * one before it in the same commit. Null: nothing to do.
 */
export async function leaseDueJob(
  db: Db,
  names: readonly string[],
  owner: string,
  finished: FinishedJob | null,
  leaseExpiresAt: Date,
  now: Date,
): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`
    with finished as (
      update periodic_job set due_at = ${finished?.dueAt ?? null}, lease_owner = null, lease_expires_at = null, finished_at = ${now}, error = ${finished?.error ?? null}
       where name = ${finished?.name ?? null} and lease_owner = ${owner}
    ), due as (
      select name from periodic_job
       where name = any (${names as string[]}::text[]) and name is distinct from ${finished?.name ?? null} and due_at <= ${now}
         and (lease_owner is null or lease_owner = ${owner} or lease_expires_at <= ${now})
       order by due_at
       limit 1
         for update skip locked
    )
    update periodic_job set lease_owner = ${owner}, lease_expires_at = ${leaseExpiresAt}
      from due
     where periodic_job.name = due.name
    returning periodic_job.name`.execute(db)
  return rows[0]?.name ?? null
}
