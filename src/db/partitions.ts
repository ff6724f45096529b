import { sql } from 'kysely'
import type { Db } from './database.ts'

const PARTITIONED = ['event', 'attempt'] as const
const MONTHS_AHEAD = 3

/** Makes the coming months' partitions. What falls outside of them goes to the default partition: an insert is never refused for it. */
export async function ensurePartitions(db: Db, now: Date): Promise<void> {
  for (const parent of PARTITIONED) {
    await sql`call ensure_partitions(${parent}, ${now}::timestamptz::date, ${MONTHS_AHEAD})`.execute(db)
  }
}
