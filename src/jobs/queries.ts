import { sql } from 'kysely'
import type { Db } from '../db/database.ts'

export async function registerJobs(db: Db, names: readonly string[], now: Date): Promise<void> {
  await sql`
    insert into periodic_job (name, due_at)
    select name, ${now}::timestamptz from unnest(${names as string[]}::text[]) as name
    on conflict (name) do nothing`.execute(db)
}

/** Leases one job that is due, or whose worker disappeared, or that is in our name since its end could not be written. Null: nothing to do. */
export async function leaseDueJob(
  db: Db,
  names: readonly string[],
  owner: string,
  leaseExpiresAt: Date,
  now: Date,
): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`
    with due as (
      select name from periodic_job
       where name = any (${names as string[]}::text[]) and due_at <= ${now} and (lease_owner is null or lease_owner = ${owner} or lease_expires_at <= ${now})
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

export async function finishJob(
  db: Db,
  name: string,
  owner: string,
  dueAt: Date,
  error: string | null,
  now: Date,
): Promise<void> {
  await sql`
    update periodic_job set due_at = ${dueAt}, lease_owner = null, lease_expires_at = null, finished_at = ${now}, error = ${error}
     where name = ${name} and lease_owner = ${owner}`.execute(db)
}
