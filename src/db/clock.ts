import { sql } from 'kysely'
import { type Clock, createFollowingClock, SECOND } from '../lib/clock.ts'
import type { Db } from './database.ts'

const EVERY_MS = 10 * SECOND

/**
 * The database's clock, read now and then: all processes share one idea of "now", and a jump of this machine's own clock moves nothing.
 * While the database is away the last reading goes on by the monotonic counter.
 */
export async function followDatabaseClock(db: Db): Promise<{ clock: Clock; stop(): void }> {
  const clock = createFollowingClock()
  const read = async () => {
    const before = clock.monotonicMs()
    const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
    const after = clock.monotonicMs()
    // The reading was taken somewhere between question and answer; the middle is off by at most half of that.
    if (rows[0]) clock.set(rows[0].now, (before + after) / 2)
  }
  await read()
  const timer = setInterval(() => void read().catch(() => {}), EVERY_MS)
  timer.unref()
  return { clock, stop: () => clearInterval(timer) }
}
