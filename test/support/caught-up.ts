import { sql } from 'kysely'
import { expect } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { type Follower, followOnce } from '../../src/events/follow.ts'

/** Moves a follower on until it has read the whole log. Whoever still writes into this database, PostgreSQL's autovacuum too, is waited for. */
export async function caughtUp(database: Database, follower: Follower, now: Date): Promise<void> {
  const isBehind = async () => {
    while ((await followOnce(database, follower, now)) > 0);
    const { rows } = await sql<{ behind: boolean }>`
      select exists (
        select from event where (txid, seq) > (select txid, seq from follower where name = ${follower.name})
      ) as behind`.execute(database.db)
    return rows[0]?.behind
  }
  await expect.poll(isBehind, { timeout: 60_000 }).toBe(false)
}
