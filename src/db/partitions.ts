import { sql } from 'kysely'
import { type Database, type Db, ENGINE, sqlStateOf, type Tx } from './database.ts'

const PARTITIONED = ['event', 'attempt'] as const
const PARTITIONED_BY = { event: 'at', attempt: 'started_at' } as const
const MONTHS_AHEAD = 3
/** "updated partition constraint for default partition would be violated by some row" */
const CHECK_VIOLATION = '23514'

/** Makes the coming months' partitions. What falls outside of them goes to the default partition: an insert is never refused for it. */
export async function ensurePartitions(database: Database, now: Date): Promise<void> {
  for (const parent of PARTITIONED) {
    for (let ahead = 0; ahead < MONTHS_AHEAD; ahead++) {
      const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1))
      await makePartition(database.db, parent, month).catch((error) => {
        if (sqlStateOf(error) !== CHECK_VIOLATION) throw error
        return database.transaction(ENGINE, (tx) => adoptMonth(tx, parent, month))
      })
    }
  }
}

async function makePartition(db: Db, parent: string, month: Date): Promise<void> {
  await sql`call ensure_partitions(${parent}, ${dateOf(month)}::date, 1)`.execute(db)
}

/**
 * Rows came before their month was made (a server that was off for a season, a clock that was wrong): they lie in the default partition, which
 * then admits no partition for them. They move into it together with its making. Writers of this table wait so long.
 */
async function adoptMonth(tx: Tx, parent: (typeof PARTITIONED)[number], month: Date): Promise<void> {
  const partition = `${parent}_${dateOf(month).slice(0, 7).replace('-', '_')}`
  const [table, fallback, column] = [sql.table(partition), sql.table(`${parent}_other`), sql.ref(PARTITIONED_BY[parent])]
  const [from, to] = [
    sql.lit(dateOf(month)),
    sql.lit(dateOf(new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1)))),
  ]
  await sql`set local timezone = 'UTC'`.execute(tx)
  await sql`lock table ${sql.table(parent)} in access exclusive mode`.execute(tx)
  await sql`create table ${table} (like ${sql.table(parent)} including defaults including constraints including storage)`.execute(
    tx,
  )
  await sql`
    with moved as (delete from ${fallback} where ${column} >= ${from}::timestamptz and ${column} < ${to}::timestamptz returning *)
    insert into ${table} select * from moved`.execute(tx)
  await sql`alter table ${sql.table(parent)} attach partition ${table} for values from (${from}) to (${to})`.execute(tx)
}

function dateOf(month: Date): string {
  return month.toISOString().slice(0, 10)
}
