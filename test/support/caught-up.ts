import { sql } from 'kysely'
import { expect } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { type Follower, followOnce } from '../../src/events/follow.ts'

/** Moves a follower on until it has read the whole log; one that read nothing yet has no row. Whoever still writes into this database, PostgreSQL's autovacuum too, is waited for. */
export async function caughtUp(database: Database, follower: Follower, now: Date): Promise<void> {
  const isBehind = async () => {
    while ((await followOnce(database, follower, now)) > 0);
    const { rows } = await sql<{ behind: boolean }>`
      select exists (
        select from event where not exists (
          select from follower where name = ${follower.name} and (follower.txid, follower.seq) >= (event.txid, event.seq)
        )
      ) as behind`.execute(database.db)
    return rows[0]?.behind
  }
  await expect.poll(isBehind, { timeout: 60_000 }).toBe(false)
}
